using System.Globalization;
using System.Text.RegularExpressions;
using DriftMonitor.Display;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.References;

namespace DriftMonitor.Worker.Tests.Commands.Reference;

/// <summary><c>reference show</c> through the real command line, and once as a process.</summary>
public sealed class ReferenceShowCommandTests : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Fact]
    public async Task Show_gives_thresholds_and_the_smallest_drift_for_each_window_within_100_columns()
    {
        await BuildAsync(RepositoryFiles.Digits("predictions.jsonl"), "--feedback", RepositoryFiles.Digits("feedback.jsonl"));
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "reference", "show", PathOf("new/digits-lr-v1.json"), "--budget", "warning: 1 per 7d", "--windows", "1m/10s,10m/1m");

        Assert.Equal((0, ""), (code, error));
        Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.Contains("120 of 10s, over 20m", output, StringComparison.Ordinal); // 12,000 events: 600 a minute
        // drift, labels and dispersion, two windows
        Assert.Contains(
            "Thresholds of warning: 1 per 7d (drift of all traffic over one window: 0.1667 per 7d)", output, StringComparison.Ordinal);
        Assert.Equal(["100", "≈ 600", "1000"], Counts("1m"));
        Assert.Equal(["1000", "≈ 6000", "10000"], Counts("10m"));
        Assert.Matches("1m +100 +0[.]0141[23] .* 15[.]7 → [0-9.]+ %", output); // the noise floor as above, class 4
        Assert.Matches("labels +3667, accuracy 79[.]9 %, cross-entropy 0[.]84571 nats", output);
        Assert.Equal(2, Regex.Count(output, "cross entropy +(1m|10m) +0[.]84571 +[0-9.]+ +[0-9.]+ +[0-9.]+"));
        Assert.Equal(4, Regex.Count(output, "entropy (rise|fall) +(1m|10m) +1[.]4[0-9]+ +0[.][0-9]+ +0[.][0-9]+ +0[.][0-9]+ +0[.]01"));
        Assert.Equal(2, Regex.Count(output, "error ratio +(1m|10m) +20[.]1 % +[0-9.]+ % +[0-9.]+ % +[0-9.]+ %"));

        IEnumerable<string> Counts(string window) =>
            Regex.Matches(output, $"^  {window} +((?:≈ )?[0-9]+) ", RegexOptions.Multiline).Select(match => match.Groups[1].Value);
    }

    [Fact]
    public async Task A_window_that_the_reference_is_too_small_for_is_uncalibrated_and_what_would_be_enough_is_said()
    {
        await BuildAsync(RepositoryFiles.Digits("predictions.jsonl"), "--feedback", RepositoryFiles.Digits("feedback.jsonl"));
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "reference", "show", PathOf("new/digits-lr-v1.json"), "--budget", "warning: 1 per 7d", "--windows", "10m/1m,1h/1m");

        Assert.Equal((0, ""), (code, error));
        Assert.Matches("10m +≈ 6000 .* 15[.]7 → [0-9.]+ %", output);
        Assert.Matches("1h +≈ 36000 +[0-9.e-]+ +– +– +– +– +uncalibrated", output);
        Assert.Contains(
            "uncalibrated, only fixed thresholds watch:\n  1h: the reference covers 20m of traffic, where 6h would show",
            output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_gives_the_thresholds_of_both_severities_as_backtest_takes_them()
    {
        await BuildAsync(RepositoryFiles.Digits("predictions.jsonl"));
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "reference", "show", PathOf("new/digits-lr-v1.json"), "--budget", "critical: 1 per 30d, warning: 1 per 7d", "--windows",
            "1m/10s");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            ["critical: 1 per 30d", "warning: 1 per 7d"],
            Regex.Matches(output, "Thresholds of ([a-z]+: 1 per [0-9]+d)").Select(match => match.Groups[1].Value));
    }

    [Theory]
    [InlineData("", "0.001", "0.02", "1.0 %")]
    [InlineData("""{"Alarms":{"SmallestEffect":{"KlNats":0.5}}}""", "0.5", "0.02", "1.0 %")]
    [InlineData(
        """{"Alarms":{"SmallestEffect":{"KlNats":1}},"Models":[{"Name":"digits-lr","SmallestEffect":{"KlNats":0.5,"Accuracy":0.05}}]}""",
        "0.5", "0.02", "5.0 %")]
    public async Task The_smallest_drift_is_no_less_than_what_the_service_calls_an_effect(
        string settings, string drift, string cost, string accuracy)
    {
        await BuildAsync(RepositoryFiles.Digits("predictions.jsonl"), "--feedback", RepositoryFiles.Digits("feedback.jsonl"));
        string[] config = settings.Length > 0 ? ["--config", Write("settings.json", settings)] : [];
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            ["reference", "show", PathOf("new/digits-lr-v1.json"), "--windows", "1m/10s", .. config]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"no less than {drift}, the smallest effect", output, StringComparison.Ordinal);
        Assert.Matches($"cross entropy +1m .* {cost}", output);
        Assert.Matches($"error ratio +1m .* {accuracy}", output);
        var smallest = Regex.Matches(output, "^  1m +(?:≈ )?[0-9]+(?: +[0-9.e–-]+){4} +([0-9.e-]+)", RegexOptions.Multiline)
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(3, smallest.Length);
        var least = double.Parse(drift, CultureInfo.InvariantCulture);
        Assert.All(smallest, each => Assert.InRange(each, least, least == 0.5 ? 0.5 : 0.49)); // at a hundred events 0.46 is seen
    }

    [Fact]
    public async Task Show_of_a_reference_without_times_gives_all_counts()
    {
        await BuildAsync(
            Write(
                "p.jsonl", """{"model":"m","probs":[0.75,0.25]}""",
                """{"model":"m","policy":{"current":[0.5,0.5],"reference":[0.5,0.5]}}"""));
        var (code, output, error) = await DriftMonitorConsole.RunAsync("reference", "show", PathOf("new/m-v1.json"), "--windows", "5m/10s");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            ["100", "1000", "10000", "100000"],
            Regex.Matches(output, "^  5m +([0-9]+) ", RegexOptions.Multiline).Select(match => match.Groups[1].Value));
        Assert.Contains("policy_kl_live_vs_reference", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--budget = 'critical'", "--budget", "critical")]
    [InlineData("--budget = 'page: 1 per 30d'", "--budget", "page: 1 per 30d")]
    [InlineData("'0 per 30d'", "--budget", "critical: 0 per 30d")]
    [InlineData("--budget = '10 per 1h': must be at most 3 per 24h", "--budget", "critical: 10 per 1h")]
    [InlineData("--windows: '5m'", "--windows", "1h/1m, 5m")]
    [InlineData("--windows: ''", "--windows", "")]
    public async Task Show_tells_a_wrong_option_in_a_line(string said, params string[] options)
    {
        ReferenceFile.Write(SmallSnapshot.Of(), PathOf("m.json"));
        var (code, output, error) = await DriftMonitorConsole.RunAsync(["reference", "show", PathOf("m.json"), .. options]);
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Contains(said, OneLine(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_gives_the_facts_and_the_classes_the_largest_first()
    {
        var file = PathOf("m.json");
        var snapshot = SmallSnapshot.Of("[m]", 7, "[s]", 0.25, 0.25);
        ReferenceFile.Write(snapshot, file);
        var (code, output, error) = await DriftMonitorProcess.RunAsync("reference", "show", file);

        Assert.Equal((0, ""), (code, error));
        // H = −¼ ln ¼ − ¾ ln ¾ = 0.56234
        Assert.All(
            ["[m]", snapshot.Id, "7", "2026-01-01", "[s], _all", "0.56234"],
            fact => Assert.Contains(fact, output, StringComparison.Ordinal));
        Assert.Matches("b +0[.]75000[^a]+a +0[.]25000", output);
        Assert.DoesNotContain('\u001b', output); // no colours in a pipe
    }

    /// <summary>Tokens are any text: here with a colour, a line and an override of direction.</summary>
    [Fact]
    public async Task Show_escapes_what_a_terminal_would_obey()
    {
        var file = PathOf("m.json");
        ReferenceFile.Write(
            new ReferenceSnapshot(
                "m", 1, DateTimeOffset.UnixEpoch.AddYears(50), ClassSpace.Create(["\u001b[31m\n\u202e[b]", "a"]),
                new Dictionary<string, PaneSums> { ["_all"] = new(1, [3, 1, 0], [0, 0, 0]) }, [new ReferenceBlock(0, 1, [3, 1, 0])]),
            file);
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "reference", "show", file, "--budget", "warning: 1 per 7d", "--windows", "5m/10s");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains(@"\u001b[31m\n\u202e[b]", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output, character => DisplayText.IsUnsafe(character) && character is not ('\n' or '\r'));
    }

    [Fact]
    public async Task Show_refuses_what_is_no_snapshot()
    {
        foreach (var (file, said) in new[]
        {
            (RepositoryFiles.Digits("expected.json"), "not a snapshot"),
            (RepositoryFiles.Digits("reference.jsonl"), "reference.jsonl"),
            (PathOf("no.json"), "there is no such file"),
            (_files.FullName, "is a directory"),
        })
        {
            var (code, output, error) = await DriftMonitorConsole.RunAsync("reference", "show", file);
            Assert.NotEqual(0, code);
            Assert.Empty(output);
            Assert.Contains(said, OneLine(error), StringComparison.Ordinal);
        }
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static string OneLine(string error)
    {
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        return Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private Task<(int ExitCode, string Output, string Error)> BuildAsync(string predictions, params string[] more) =>
        DriftMonitorConsole.RunAsync(["reference", "build", "--predictions", predictions, "--output", PathOf("new"), .. more]);

    private string PathOf(string file) => Path.Combine(_files.FullName, file);

    private string Write(string file, params string[] lines)
    {
        File.WriteAllLines(PathOf(file), lines);
        return PathOf(file);
    }
}
