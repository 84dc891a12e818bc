using System.Text.RegularExpressions;
using DriftMonitor.Tests;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>The shipped rules under promtool: its unit tests pass, and each of them can fail.</summary>
public sealed partial class AlertRulesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-rules-");

    /// <summary>
    /// One run for every rule and every mutant of it: each mutant is an alert of its own name, tested by copies of its alert's tests.
    /// </summary>
    /// <remarks>
    /// A file for each alert, with its rules, all recording rules, and its part of the tests: what a run costs is its rules times its
    /// tests. The shipped files as they are, every test with every rule, cost as much as all of that; <c>.ci/run --full</c> runs them, too.
    /// </remarks>
    [Fact]
    public async Task Unit_tests_pass_and_notice_what_is_wrong_with_each_rule()
    {
        Tool.Need("promtool");
        var groups = AlertRules.UnitTests.Split("  - name: ");
        var (files, expected) = (new List<string>(), new List<string>());
        if (Trials.AreFull)
        {
            files.Add(await WriteAsync("shipped", AlertRules.Text, AlertRules.UnitTests));
        }

        foreach (var alert in AlertRules.Names)
        {
            var mutants = Mutants(alert).ToList();
            var own = AlertRules.Of(alert);
            var rules = AlertRules.Names.SelectMany(AlertRules.Of).Except(own).Aggregate(
                AlertRules.Text.Replace(own[0], own[0] + string.Concat(mutants.Select(mutant => mutant.Rules)), StringComparison.Ordinal),
                (text, rule) => text.Replace(rule, "", StringComparison.Ordinal));
            var tests = string.Join(
                "  - name: ", groups.Where((group, i) => i == 0 || group.Contains($"alertname: {alert}\n", StringComparison.Ordinal)));
            files.Add(await WriteAsync(alert, rules, TestCase().Replace(tests, test => test.Groups[1].Value == alert
                ? test.Value + string.Concat(
                    mutants.Select(
                        mutant => test.Value.Replace($"alertname: {alert}\n", $"alertname: {mutant.Name}\n", StringComparison.Ordinal)))
                : "")));
            expected.AddRange(mutants.Select(mutant => mutant.Name));
        }

        var (_, output) = await Tool.RunAsync("promtool", ["test", "rules", .. files]);

        var failed = Failed().Matches(output).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.True(failed.IsSubsetOf(expected), $"failed: {string.Join(", ", failed.Except(expected))}\n{output}");
        var missed = expected.Except(failed).ToList();
        Assert.True(missed.Count == 0, $"no unit test notices {string.Join(", ", missed)}\n{output}");
    }

    [Fact]
    public void Every_alert_has_a_test_that_fires_and_one_that_must_not()
    {
        var cases = Case()
            .Matches(AlertRules.UnitTests)
            .Select(match => (Alert: match.Groups[1].Value, Fires: match.Groups[2].Value.Length == 0))
            .ToArray();
        Assert.Equal(AlertRules.Names.Order(), cases.Where(test => test.Fires).Select(test => test.Alert).Distinct().Order());
        Assert.Equal(AlertRules.Names.Order(), cases.Where(test => !test.Fires).Select(test => test.Alert).Distinct().Order());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>Writes rules and their unit tests into a directory of their own.</summary>
    /// <returns>The tests' path.</returns>
    private async Task<string> WriteAsync(string name, string rules, string tests)
    {
        var directory = _directory.CreateSubdirectory(name).FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "driftmonitor.rules.yml"), rules, TestContext.Current.CancellationToken);
        var path = Path.Combine(directory, "tests.yml");
        await File.WriteAllTextAsync(path, tests, TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>An alert under another name, all its rules, with one thing wrong with one of them.</summary>
    private static IEnumerable<(string Name, string Rules)> Mutants(string alert)
    {
        var rules = AlertRules.Of(alert);
        for (var i = 0; i < rules.Length; i++)
        {
            var (rule, number) = (rules[i], i + 1);
            var firesAtOnce = rule.Contains(" for: 0s\n", StringComparison.Ordinal);
            yield return Mutant("never_fires", Expression(), "$1expr: vector(0) > 1\n$2for:");
            yield return Mutant(firesAtOnce ? "waits" : "fires_at_once", For(), firesAtOnce ? "for: 5m" : "for: 0s");
            yield return Mutant("has_another_severity", Severity(), "severity: none");
            yield return Mutant("says_something_else", Description(), "description: Something.\n");

            (string, string) Mutant(string what, Regex part, string instead)
            {
                var mutated = part.Replace(rule, instead, 1);
                Assert.NotEqual(rule, mutated);
                var name = $"{alert}_{number}_{what}";
                return (
                    name, string.Concat(rules.Select(each => each == rule ? mutated : each)).Replace(
                        $"- alert: {alert}\n", $"- alert: {name}\n", StringComparison.Ordinal));
            }
        }
    }

    [GeneratedRegex(@"( +)expr: (?:.*\n)*?( +)for:")]
    private static partial Regex Expression();

    [GeneratedRegex(@"\bfor: \w+")]
    private static partial Regex For();

    [GeneratedRegex(@"severity: (?:\w+|'[^']*')")]
    private static partial Regex Severity();

    [GeneratedRegex(@"description: >-\n(?:            .*\n)*?(?=          (?:monitor|runbook)_url)")]
    private static partial Regex Description();

    [GeneratedRegex(@"^      - eval_time: .*\n        alertname: (\w+)\n(?:        .*\n)*", RegexOptions.Multiline)]
    private static partial Regex TestCase();

    [GeneratedRegex(@"alertname: (\w+), time: ")]
    private static partial Regex Failed();

    [GeneratedRegex(@"^        alertname: (\w+)\n        exp_alerts:( \[\])?$", RegexOptions.Multiline)]
    private static partial Regex Case();
}
