using System.Buffers.Binary;
using System.Text.Json;
using System.Xml.Linq;

namespace DriftMonitor.Worker.Tests.Commands.Backtest;

/// <summary><c>backtest</c> through the real command line, and once as a process.</summary>
public sealed class BacktestCommandTests : IDisposable
{
    private const long T0 = 1_767_225_600_000; // the first event of the digits
    private const long RotationMs = T0 + 600_000;
    private const long SoonMs = RotationMs + (3 * 60_000);

    private static readonly string[] Compared = ["critical: 1 per 30d", "critical: 0.02", "critical: 5"];

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Fact]
    public async Task Digits_are_silent_while_all_is_well_and_alert_within_three_minutes_of_the_rotation()
    {
        var (code, output, error) = await BacktestAsync("--budget", "critical: 1 per 30d", "--format", "jsonl");
        Assert.True(code == 0, error);
        var lines = Lines(output);

        Assert.All(lines.Where(line => Number(line, "to") <= RotationMs), line => Assert.Null(Text(line, "alert")));
        var first = lines.First(line => Text(line, "alert") is not null);
        Assert.Equal("critical", Text(first, "alert"));
        Assert.InRange(Number(first, "to"), RotationMs, SoonMs);
        Assert.All(lines.Where(line => line.GetProperty("ready").GetBoolean()), line =>
        {
            var above = Number(line, "kl_live_vs_reference") > Number(line, "threshold_critical")
                || Number(line, "kl_reference_vs_live") > Number(line, "threshold_critical_reference_vs_live");
            Assert.Equal(above ? "critical" : null, Text(line, "alert"));
        });
        // a CUSUM alone is no reason to wake somebody, and there is no budget for warnings
        Assert.All(lines, line => Assert.Equal(JsonValueKind.Null, line.GetProperty("threshold_critical_cusum").ValueKind));
        Assert.All(lines, line => Assert.Equal(JsonValueKind.Null, line.GetProperty("threshold_warning").ValueKind));
    }

    [Fact]
    public async Task A_line_is_that_of_replay_with_the_setting_its_thresholds_and_the_alert()
    {
        string[] windows = ["--windows", "5m/1m", "--format", "jsonl"];
        var (_, output, _) = await BacktestAsync(windows);
        var (_, replayed, _) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--reference",
            RepositoryFiles.Digits("reference.jsonl"), "--window", "5m", "--slide", "1m", "--format", "jsonl");

        string[] more =
        [
            "setting", "cusum_live_vs_reference",
            "threshold_warning", "threshold_warning_reference_vs_live", "threshold_warning_cusum", "threshold_critical",
            "threshold_critical_reference_vs_live", "threshold_critical_cusum", "alert",
        ];
        foreach (var (line, plain) in Lines(output).Zip(Lines(replayed)))
        {
            Assert.Equal(
                plain.EnumerateObject().Select(property => property.Name).Concat(more),
                line.EnumerateObject().Select(property => property.Name));
            Assert.All(
                plain.EnumerateObject(),
                property => Assert.Equal(property.Value.GetRawText(), line.GetProperty(property.Name).GetRawText()));
        }

        Assert.Equal(Lines(replayed).Length, Lines(output).Length);
        Assert.Equal("critical: 1 per 30d, warning: 1 per 7d", Text(Lines(output)[0], "setting"));
    }

    [Fact]
    public async Task Settings_are_compared_side_by_side()
    {
        string[] settings = ["--budget", Compared[0], "--threshold", Compared[1], "--threshold", Compared[2]];
        var (code, output, error) = await BacktestAsync(settings);
        Assert.True(code == 0, error);
        Assert.DoesNotContain('\u001b', output);
        Assert.Matches(@"critical: 1 per 30d +critical: 0\.02 +critical: 5", output);
        Assert.Matches(@"critical alerts +2 +1 +0 *\n", output);
        Assert.Matches(@"allowed by the budget +0\.000463 +– +– *\n", output); // 1200 s of 30 days
        Assert.Matches(@"share of time on +4\d\.\d % +7\.\d\d % +0 % *\n", output); // of a turn at half of it

        var (_, lines, _) = await BacktestAsync([.. settings, "--windows", "5m/5m", "--format", "jsonl"]);
        Assert.Equal(
            Enumerable.Repeat(Compared, 4).SelectMany(names => names),
            Lines(lines).Select(line => Text(line, "setting")));
    }

    [Fact]
    public async Task People_are_told_what_alerted_when_and_why()
    {
        var (code, output, error) = await BacktestAsync(
            "--feedback", RepositoryFiles.Digits("feedback.jsonl"), "--budget", "critical: 1 per 30d");
        Assert.True(code == 0, error);
        Assert.Matches(
            @"critical +output drift +5m +2026-01-01 00:1[012]:\d\d +\d+m( \d+s)?, still on +"
            + @"KL live‖ref +[0-9.e-]+ +[0-9.e-]+ +0\.\d{4} \([0-9.]+ ×\) +3000",
            output);
        Assert.Matches(
            @"4 is predicted 24\.0 % of the time instead of 10\.2 %, since 2026-01-01 00:1[01]:\d\dZ; accuracy 45\.6 %\.", output);
        Assert.Matches(@"moved: 4 is predicted 24\.0 % of the time instead of 10\.2 %, 9 ", output);
        Assert.Matches(@"effect: 0\.1\d{3} above the noise floor of 9\.\d\de-4; an alarm needs at least 0\.001", output);
        Assert.Matches(
            @"now: kl_live_vs_reference 0\.1\d{3} over 5m, threshold 0\.00\d\d \(budget 1 per 30d\), 3000 events, ", output);
        // feedback_count of the last window in expected.json
        Assert.Contains("905 labels over 5m by prediction time", output, StringComparison.Ordinal);
        Assert.Contains("12000 events, rejected: none", output, StringComparison.Ordinal);
        Assert.Contains("the 1h window was never ready", output, StringComparison.Ordinal);
    }

    /// <summary>The digits' divergence reaches 0.127 nats over 5m.</summary>
    [Theory]
    [InlineData("""{"Alarms":{"SmallestEffect":{"KlNats":0.2}}}""", false, "")]
    [InlineData("""{"Models":[{"Name":"digits-lr","SmallestEffect":{"KlNats":0.2}}]}""", false, "")]
    [InlineData("""{"Models":[{"Name":"other","SmallestEffect":{"KlNats":0.2}}]}""", true, "0.001")]
    [InlineData(
        """{"Alarms":{"SmallestEffect":{"KlNats":0.2}},"Models":[{"Name":"digits-lr","SmallestEffect":{"KlNats":0.02}}]}""", true, "0.02")]
    public async Task What_is_worth_an_alarm_is_what_the_service_calls_an_effect(string settings, bool alerts, string least)
    {
        var config = Path.Combine(_files.FullName, "settings.json");
        await File.WriteAllTextAsync(config, settings, TestContext.Current.CancellationToken);
        string[][] ways = [["--budget", "critical: 1 per 30d"], ["--threshold", "critical: 0.01"]];
        foreach (var way in ways)
        {
            var (code, output, error) = await BacktestAsync([.. way, "--config", config]);

            Assert.True(code == 0, error);
            Assert.Equal(alerts, output.Contains("critical   output drift", StringComparison.Ordinal));
            Assert.Equal(alerts, output.Contains($"; an alarm needs at least {least}\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Labels_confirm_an_alert_and_raise_their_own_by_a_reference_that_was_built_with_some()
    {
        var clean = Path.Combine(_files.FullName, "clean.jsonl");
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(clean, lines[..6_000], TestContext.Current.CancellationToken);
        var labels = RepositoryFiles.Digits("feedback.jsonl");
        var (built, _, problem) = await DriftMonitorConsole.RunAsync(
            "reference", "build", "--predictions", clean, "--feedback", labels, "--output", _files.FullName);
        Assert.True(built == 0, problem);

        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "backtest", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--reference",
            Path.Combine(_files.FullName, "digits-lr-v1.json"), "--feedback", labels, "--windows", "5m/10s", "--budget",
            "critical: 1 per 30d");

        Assert.True(code == 0, error);
        Assert.Matches(@"critical +output drift +5m +2026-01-01 00:1[12]:", output);
        Assert.Matches(
            @"critical +cross entropy +5m +2026-01-01 00:1[123]:\d\d .* cross entropy label time +0\.[56]\d+ +0\.[56]\d+ +1\.\d+ ", output);
        Assert.Matches(
            @"critical +accuracy +5m +2026-01-01 00:1[2345]:\d\d .* error ratio label time +\d+\.\d % +9\.\d % +50\.\d % \(5\.\d+ ×\)",
            output);
        Assert.Matches(@"10\.\d %, since 2026-01-01 00:1[01]:\d\dZ; accuracy 45\.6 %, was 94\.8 %\.", output);
        Assert.Matches(@"\naccuracy is 53\.4 %, was 94\.8 %, and may be 90\.\d %, since 2026-01-01 00:1[0123]:\d\dZ\.", output);
        Assert.Matches(
            @"labels: confirmed: accuracy 45\.6 %, was 94\.8 %, threshold 90\.\d %, cross-entropy 1\.\d+, was 0\.4933, expected ", output);
        Assert.Matches(@"critical alerts +4 ", output);
        Assert.Contains("3667 labels, 3667 matched", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_input_gives_the_same_bytes_in_every_file_of_every_process()
    {
        string[] names = ["picture.svg", "picture.png", "alerts.jsonl"];
        var outputs = new List<string>();
        foreach (var name in new[] { "1", "2" }) // Skia numbers what it clips through all pictures of a process
        {
            var directory = _files.CreateSubdirectory(name).FullName;
            var (code, output, error) = await DriftMonitorProcess.RunAsync(
                [
                    .. Digits, "--svg", Path.Combine(directory, names[0]), "--png", Path.Combine(directory, names[1]), "--alerts",
                    Path.Combine(directory, names[2]), "--format", "jsonl"]);
            Assert.True(code == 0, error);
            outputs.Add(output);
        }

        Assert.Equal(outputs[0], outputs[1]);
        Assert.All(
            names, name => Assert.Equal(
                File.ReadAllBytes(Path.Combine(_files.FullName, "1", name)), File.ReadAllBytes(Path.Combine(_files.FullName, "2", name))));

        var svg = XDocument.Load(Path.Combine(_files.FullName, "1", names[0])).Root!;
        Assert.Equal(("svg", "1200"), (svg.Name.LocalName, svg.Attribute("width")!.Value));
        var png = await File.ReadAllBytesAsync(Path.Combine(_files.FullName, "1", names[1]), TestContext.Current.CancellationToken);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a], png[..8]);
        Assert.Equal(
            (1_200, 520), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        Assert.InRange(png.Length, 10_000, 200_000);
        var alerts = Lines(
            await File.ReadAllTextAsync(Path.Combine(_files.FullName, "1", names[2]), TestContext.Current.CancellationToken));
        Assert.Equal(
            [("critical", "dispersion"), ("critical", "output_drift"), ("warning", "dispersion"), ("warning", "output_drift")],
            alerts.Select(alert => (Text(alert.GetProperty("alarm"), "severity"), Text(alert.GetProperty("alarm"), "kind"))).Order());
        Assert.All(alerts, alert => Assert.Equal("4", Text(alert.GetProperty("explanation").GetProperty("classes")[0], "class")));
    }

    [Theory]
    [InlineData("critical", "critical: 0.02", 3)]
    [InlineData("critical", "warning: 0.1", 0)]
    [InlineData("warning", "critical: 0.02", 3)]
    [InlineData("warning", "critical: 5", 0)]
    public async Task Fail_on_an_alert_is_an_exit_code_of_its_own(string severity, string threshold, int expected)
    {
        var (code, _, error) = await BacktestAsync("--threshold", threshold, "--fail-on", severity);
        Assert.Equal((expected, ""), (code, error));
    }

    [Fact]
    public async Task Fail_on_with_nothing_compared_is_a_fault_that_names_the_models()
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"), TestContext.Current.CancellationToken);
        var other = Path.Combine(_files.FullName, "other.jsonl");
        await File.WriteAllLinesAsync(
            other, lines.Select(line => line.Replace("digits-lr", "other", StringComparison.Ordinal)),
            TestContext.Current.CancellationToken);

        var (code, _, error) = await DriftMonitorConsole.RunAsync(
            "backtest", "--predictions", other, "--reference", RepositoryFiles.Digits("reference.jsonl"), "--windows", "5m/1m",
            "--threshold", "critical: 0.1", "--fail-on", "critical", "--format", "jsonl");

        Assert.Equal(1, code);
        Assert.Contains("12000 events, rejected: none", error, StringComparison.Ordinal); // the facts, beside the lines
        Assert.Contains("other was never compared: it has no reference", error, StringComparison.Ordinal);
        Assert.Contains(
            "driftmonitor: --fail-on: nothing was compared: digits-lr has no prediction that counts; other has no reference", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_files_and_several_models_are_read_as_one_stream()
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"), TestContext.Current.CancellationToken);
        string[] twice = [.. lines.SelectMany(line => new[] { line, line.Replace("digits-lr", "another", StringComparison.Ordinal) })];
        var (first, second) = (Path.Combine(_files.FullName, "1.jsonl"), Path.Combine(_files.FullName, "2.jsonl"));
        await File.WriteAllLinesAsync(first, twice[..9_001], TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(second, twice[9_001..], TestContext.Current.CancellationToken);

        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "backtest", "--predictions", first, second, "--reference", RepositoryFiles.Digits("reference.jsonl"), "--windows", "5m/5m",
            "--threshold", "critical: 0.05", "--format", "jsonl");

        Assert.True(code == 0, error);
        Assert.Equal(
            [
                ("another", null), ("digits-lr", null), ("another", null), ("digits-lr", null), ("another", null), ("digits-lr", null),
                ("another", null), ("digits-lr", "critical")],
            Lines(output).Select(line => (Text(line, "model"), Text(line, "alert")))); // the other one has no reference
        Assert.All(Lines(output), line => Assert.Equal(3_000, Number(line, "events")));
    }

    [Fact]
    public async Task Nothing_to_compare_is_no_fault_and_a_picture_says_so()
    {
        var empty = Path.Combine(_files.FullName, "empty.jsonl");
        await File.WriteAllTextAsync(empty, "", TestContext.Current.CancellationToken);
        var svg = Path.Combine(_files.FullName, "empty.svg");
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "backtest", "--predictions", empty, "--reference", RepositoryFiles.Digits("reference.jsonl"), "--svg", svg);
        Assert.True(code == 0, error);
        Assert.Contains("0 evaluations", output, StringComparison.Ordinal);
        Assert.NotNull(XDocument.Load(svg).Root);
    }

    [Theory]
    [InlineData("--budget", "critical: 1 per month", "--budget = 'critical: 1 per month': '1 per month': must be")]
    [InlineData("--budget", "1 per 30d", "--budget = '1 per 30d': '1 per 30d': must be 'critical:' or 'warning:'")]
    [InlineData(
        "--budget", "critical: 1 per 30d, warning: 20 per 1h",
        "'20 per 1h' must be at most 1 per 5m: the budget is divided equally over the windows",
        "--windows", "5m/10s")]
    [InlineData("--budget", "critical: 1 per 30d, warning: 20 per 1h", "'20 per 1h' must be at most 1 per 5m", "--windows", "5m/10s,oops")]
    [InlineData("--threshold", "critical: 0.1, warning: 0.2", "may not be above")]
    [InlineData("--threshold", "critical: 0.1", "is given twice", "--threshold", "critical:0.1")]
    [InlineData("--windows", "5m", "--windows: '5m' is not length/slide")]
    [InlineData("--windows", "5m/10s, 1h/15s", "must be a multiple")]
    [InlineData("--from", "2026-01-01T00:00:00Z", "--from: goes with --topic or --feedback-topic only")]
    [InlineData(
        "--topic", "t", "--predictions, --topic: give exactly one of the two", "--from", "2026-01-01T00:00:00Z", "--brokers",
        "localhost:9")]
    [InlineData("--fail-on", "info", "info")]
    public async Task A_wrong_option_is_told_in_a_line(string option, string value, string said, params string[] more)
    {
        var (code, output, error) = await BacktestAsync([option, value, .. more]);
        Assert.Equal(1, code);
        Assert.Empty(output.Trim());
        Assert.InRange(error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 3); // what is allowed may be listed
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static string[] Digits => [
        "backtest", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--reference", RepositoryFiles.Digits("reference.jsonl")];

    private static Task<(int ExitCode, string Output, string Error)> BacktestAsync(params string[] more) =>
        DriftMonitorConsole.RunAsync([.. Digits, .. more]);

    private static JsonElement[] Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static double Number(JsonElement line, string name) => line.GetProperty(name).GetDouble();

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}
