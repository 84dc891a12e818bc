using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>The shipped rules under promtool: its unit tests pass, and each of them can fail.</summary>
public sealed partial class AlertRulesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-rules-");

    public static TheoryData<string> Alerts => [.. AlertRules.Names];

    [Fact]
    public async Task Unit_tests_pass()
    {
        Tool.Need("promtool");
        var (exitCode, output) = await TestAsync(AlertRules.Text, AlertRules.UnitTests);
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public async Task Unit_tests_notice_what_is_wrong_with_an_alert(string alert)
    {
        Tool.Need("promtool");
        var groups = AlertRules.UnitTests.Split("  - name: ");
        var tests = string.Join("  - name: ", groups.Where((group, i) => i == 0 || group.Contains($"alertname: {alert}\n", StringComparison.Ordinal)));
        async Task FailsAsync(string rule, string what, Regex part, string instead)
        {
            var mutated = part.Replace(rule, instead, 1);
            Assert.NotEqual(rule, mutated);
            var (exitCode, output) = await TestAsync(AlertRules.Text.Replace(rule, mutated, StringComparison.Ordinal), tests);
            Assert.True(exitCode != 0 && output.Contains($"alertname: {alert}", StringComparison.Ordinal), $"{alert}: {what} and no unit test fails\n{output}");
        }

        foreach (var rule in AlertRules.Of(alert))
        {
            var firesAtOnce = rule.Contains(" for: 0s\n", StringComparison.Ordinal);
            await FailsAsync(rule, "it never fires", Expression(), "$1expr: vector(0) > 1\n$2for:");
            await FailsAsync(rule, firesAtOnce ? "it waits" : "it fires at once", For(), firesAtOnce ? "for: 5m" : "for: 0s");
            await FailsAsync(rule, "it has another severity", Severity(), "severity: none");
            await FailsAsync(rule, "its description says something else", Description(), "description: Something.\n");
        }
    }

    [Fact]
    public void Every_alert_has_a_test_that_fires_and_one_that_must_not()
    {
        var cases = Case().Matches(AlertRules.UnitTests).Select(match => (Alert: match.Groups[1].Value, Fires: match.Groups[2].Value.Length == 0)).ToArray();
        Assert.Equal(AlertRules.Names.Order(), cases.Where(test => test.Fires).Select(test => test.Alert).Distinct().Order());
        Assert.Equal(AlertRules.Names.Order(), cases.Where(test => !test.Fires).Select(test => test.Alert).Distinct().Order());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<(int ExitCode, string Output)> TestAsync(string rules, string tests)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "driftmonitor.rules.yml"), rules, TestContext.Current.CancellationToken);
        var path = Path.Combine(_directory.FullName, "tests.yml");
        await File.WriteAllTextAsync(path, tests, TestContext.Current.CancellationToken);
        return await Tool.RunAsync("promtool", "test", "rules", path);
    }

    [GeneratedRegex(@"( +)expr: (?:.*\n)*?( +)for:")]
    private static partial Regex Expression();

    [GeneratedRegex(@"\bfor: \w+")]
    private static partial Regex For();

    [GeneratedRegex(@"severity: \w+")]
    private static partial Regex Severity();

    [GeneratedRegex(@"description: >-\n(?:            .*\n)*?(?=          dashboard_url)")]
    private static partial Regex Description();

    [GeneratedRegex(@"^        alertname: (\w+)\n        exp_alerts:( \[\])?$", RegexOptions.Multiline)]
    private static partial Regex Case();
}
