using System.Text.Json;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.References;

namespace DriftMonitor.Worker.Tests.Commands.Replay;

/// <summary><c>replay</c> through the real command line, and once as a process; expected values by scipy (expected.json).</summary>
public sealed class ReplayCommandTests : IDisposable
{
    private const double Tolerance = 1e-9;

    private static readonly (string Line, string Expected)[] Measures =
    [
        ("events", "count"),
        ("kl_live_vs_reference", "kl_live_reference"),
        ("kl_reference_vs_live", "kl_reference_live"),
        ("js", "js"),
        ("psi", "psi"),
        ("entropy", "entropy_live"),
    ];

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Theory]
    [InlineData("60s", "60s", 20, 20)]
    [InlineData("300s", "300s", 4, 3)]
    [InlineData("300s", "60s", 20, 3)]
    public async Task Every_aligned_window_agrees_with_scipy(string window, string slide, int lines, int compared)
    {
        var replayed = (
            await ReplayAsync(
                RepositoryFiles.Digits("predictions.jsonl"), "--window", window, "--slide", slide, "--pseudo-events", "0")).Lines;

        var expected = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Digits("expected.json"))).RootElement;
        var t0 = expected.GetProperty("t0_epoch_ms").GetInt64();
        var matched = 0;
        foreach (var of in expected.GetProperty("windows").EnumerateArray())
        {
            var (from, to) = (t0 + of.GetProperty("from_ms").GetInt64(), t0 + of.GetProperty("to_ms").GetInt64());
            foreach (var line in replayed.Where(line => Number(line, "from") == from && Number(line, "to") == to))
            {
                matched++;
                Assert.True(line.GetProperty("ready").GetBoolean());
                Assert.Equal(("digits-lr", "_all", window), (Text(line, "model"), Text(line, "segment"), Text(line, "window")));
                Assert.All(
                    Measures, measure => Assert.Equal(of.GetProperty(measure.Expected).GetDouble(), Number(line, measure.Line), Tolerance));
                var floor = of.GetProperty("noise_floor").GetDouble(); // the first term: with 60 events a class the others are a hundredth
                Assert.Equal(floor, Number(line, "kl_noise_floor"), 0.01 * floor);
            }
        }

        Assert.Equal((lines, compared), (replayed.Length, matched));
    }

    [Fact]
    public async Task Order_within_the_allowed_lateness_changes_no_bit()
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"), TestContext.Current.CancellationToken);
        var random = new Random(7);
        var shuffled = Path.Combine(_files.FullName, "shuffled.jsonl");
        // Each line moves by at most 500 places, 50 s of event time.
        await File.WriteAllLinesAsync(
            shuffled, lines.Select((line, i) => (line, At: i + random.Next(500)))
                .OrderBy(x => x.At)
                .Select(x => x.line), TestContext.Current.CancellationToken);

        var ordered = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--window", "5m", "--slide", "1m");
        var disordered = await ReplayAsync(shuffled, "--window", "5m", "--slide", "1m");

        Assert.Equal(ordered.Output, disordered.Output);
        Assert.Contains("rejected: none", disordered.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_and_the_predictions_it_was_built_from_give_the_same_numbers()
    {
        var (built, _, problems) = await DriftMonitorConsole.RunAsync(
            "reference", "build", "--predictions", RepositoryFiles.Digits("reference.jsonl"), "--output", _files.FullName,
            "--snapshot-version", "7");
        Assert.True(built == 0, problems);
        var snapshot = Path.Combine(_files.FullName, "digits-lr-v7.json");

        var fromPredictions = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--window", "5m");
        var fromSnapshot = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--reference", snapshot, "--window", "5m");
        Assert.Equal(fromPredictions.Output, fromSnapshot.Output);

        var (shown, output, _) = await DriftMonitorConsole.RunAsync("reference", "show", snapshot, "--windows", "1m/10s");
        Assert.Equal(0, shown);
        Assert.All(["digits-lr", "6000", "2.30163", "0.10725"], fact => Assert.Contains(fact, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bad_lines_are_counted_by_reason_and_the_rest_is_replayed()
    {
        var file = Path.Combine(_files.FullName, "mixed.jsonl");
        await File.WriteAllLinesAsync(
            file,
            [
                """{"model":"m","ts":1767225600000,"probs":[0.5,0.5]}""",
                "not json",
                """{"model":"m","ts":1767225600500,"probs":[0.5,0.6]}""",
                """{"model":"m","probs":[0.5,0.5]}""",
                """{"model":"m","ts":1767225700000,"probs":[0.25,0.75]}""",
                """{"model":"m","ts":1767225600001,"probs":[0.5,0.5]}""",
            ],
            TestContext.Current.CancellationToken);

        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", file, "--window", "10s", "--allowed-lateness", "20s", "--format", "jsonl");

        Assert.Equal(1, code); // most of the lines: the windows are of the others
        Assert.Contains("4 of 6 records were rejected", error, StringComparison.Ordinal);
        Assert.All(
            [
                ":2: malformed", ":3: sum_not_one at /probs: expected probabilities that sum to 1", ":4: invalid_timestamp",
                ":6: late: expected"],
            place => Assert.Contains($"mixed.jsonl{place}", error, StringComparison.Ordinal));
        Assert.Equal(
            0, (await DriftMonitorConsole.RunAsync("replay", "--predictions", file, "--format", "jsonl", "--accept-rejects")).ExitCode);
        Assert.Contains("6 lines", error, StringComparison.Ordinal);
        Assert.All(
            ["1 malformed", "1 sum_not_one", "1 invalid_timestamp", "1 late"],
            count => Assert.Contains(count, error, StringComparison.Ordinal));
        var windows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToArray();
        Assert.Equal(2, windows.Sum(line => Number(line, "events"))); // one in the first window, one in the last, none between
        Assert.All(windows, line => Assert.Equal(JsonValueKind.Null, line.GetProperty("kl_live_vs_reference").ValueKind)); // no reference
        Assert.Equal(Math.Log(2), Number(windows[0], "entropy"), Tolerance);
    }

    [Fact]
    public async Task A_reference_and_labels_of_which_much_is_rejected_are_faults_too()
    {
        string[] good = [
            .. Enumerable.Range(0, 8).Select(i => $$"""{"model":"m","id":"{{i}}","ts":176722560000{{i}},"probs":[0.5,0.5]}""")];
        string[] labels = [.. Enumerable.Range(0, 8).Select(i => $$"""{"model":"m","id":"{{i}}","ts":176722560000{{i}},"label":"0"}""")];
        var (predictions, bad) = (await WriteAsync("good.jsonl", good), await WriteAsync("bad.jsonl", [.. good, "{}"]));
        var (allLabels, noLabels) = (await WriteAsync("all.jsonl", labels), await WriteAsync("none.jsonl", ["{}", "{}"]));
        Assert.Equal(0, (await RunAsync("--reference", predictions, "--feedback", allLabels)).ExitCode);

        var (code, output, error) = await RunAsync("--reference", bad);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("bad.jsonl:9: missing_output", error, StringComparison.Ordinal);
        Assert.Contains("1 of 9 records were rejected", error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("--reference", bad, "--accept-rejects")).ExitCode);

        (code, _, error) = await RunAsync("--feedback", noLabels);
        Assert.Equal(1, code);
        Assert.Contains("none.jsonl:2: missing_model", error, StringComparison.Ordinal);
        Assert.Contains("nothing was accepted; rejected: 2 missing_model", error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("--feedback", noLabels, "--accept-rejects")).ExitCode);

        Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] more) =>
            DriftMonitorConsole.RunAsync(["replay", "--predictions", predictions, .. more]);

        async Task<string> WriteAsync(string name, string[] lines)
        {
            await File.WriteAllLinesAsync(Path.Combine(_files.FullName, name), lines, TestContext.Current.CancellationToken);
            return Path.Combine(_files.FullName, name);
        }
    }

    /// <summary>The lines of a producer that writes seconds and other names, by a file and by a name in the service's settings.</summary>
    [Fact]
    public async Task Files_are_read_by_the_source_that_the_service_reads()
    {
        const string Source =
            """{"Name":"payments","Topic":"p","Rows":"/rows","Map":{"ts":"^/at","probs":"/p"},"TimeUnit":"s","Model":"m"}""";
        var (lines, source, config) = (
            Path.Combine(_files.FullName, "other.jsonl"), Path.Combine(_files.FullName, "source.json"),
            Path.Combine(_files.FullName, "settings.json"));
        await File.WriteAllTextAsync(
            lines, """{"at":1767225600,"rows":[{"p":[0.5,0.5]},{"p":[0.25,0.75]}]}""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(source, Source, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            config, $$"""{"Kafka":{"BootstrapServers":"none:1"},"Sources":[{{Source}}]}""", TestContext.Current.CancellationToken);
        string[][] ways = [["--source", source], ["--source", "payments", "--config", config]];
        foreach (var way in ways)
        {
            string[] arguments = ["replay", "--predictions", lines, "--window", "1m", "--format", "jsonl", .. way];
            var (code, output, error) = await DriftMonitorConsole.RunAsync(arguments);
            Assert.Equal((0, 2), (code, Number(JsonDocument.Parse(output).RootElement, "events")));
            Assert.Contains("2 lines", error, StringComparison.Ordinal);
        }

        var (none, _, why) = await DriftMonitorConsole.RunAsync("replay", "--predictions", lines, "--source", "other", "--config", config);
        Assert.Equal(1, none);
        Assert.Contains(
            "--source = 'other': must be a file, or the name of a source of predictions: payments", why, StringComparison.Ordinal);
        var (undescribed, _, nothing) = await DriftMonitorConsole.RunAsync("replay", "--predictions", lines);
        Assert.Equal(1, undescribed);
        Assert.Contains("nothing was accepted; rejected: 1 missing_output", nothing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_stand_for_versions_as_in_the_service_also_those_of_labels()
    {
        var (lines, labels, config) = (
            Path.Combine(_files.FullName, "deploys.jsonl"), Path.Combine(_files.FullName, "labels.jsonl"),
            Path.Combine(_files.FullName, "settings.json"));
        await File.WriteAllLinesAsync(
            lines,
            [
                """{"model":"fraud-1","id":"1","ts":1767225600000,"probs":[0.5,0.5]}""",
                """{"model":"fraud-2","id":"2","ts":1767225601000,"probs":[0.25,0.75]}""",
            ],
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            labels, """{"model":"fraud","id":"2","ts":1767225602000,"label":"1"}""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            config, """{"Kafka":{"BootstrapServers":"none:1"},"Models":[{"Name":"fraud","Match":"fraud-(?<version>.+)"}]}""",
            TestContext.Current.CancellationToken);
        var (code, output, _) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", lines, "--feedback", labels, "--window", "1m", "--format", "jsonl", "--config", config);
        Assert.Equal(0, code);
        var windows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(window => window.TryGetProperty("entropy", out _)).ToList();
        Assert.Equal(["fraud/_all 2 1", "fraud/version=1 1 0", "fraud/version=2 1 1"], windows.Select(
            window => $"{window.GetProperty("model")}/{window.GetProperty("segment")} {window.GetProperty("events")} "
                + $"{window.GetProperty("feedback_by_prediction_time").GetProperty("events")}"));
    }

    [Fact]
    public async Task The_same_file_gives_the_same_bytes_in_every_process_and_every_line_has_every_number()
    {
        var first = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--window", "5m", "--slide", "10s");
        var (_, second, _) = await DriftMonitorProcess.RunAsync(
            "replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--format", "jsonl", "--reference",
            RepositoryFiles.Digits("reference.jsonl"), "--window", "5m", "--slide", "10s");
        Assert.Equal(first.Output, second);
        Assert.Equal(120, first.Lines.Length);
        Assert.Equal(["incomplete", "ready"], first.Lines.Select(line => Text(line, "readiness")).Distinct());
        Assert.Equal(29, first.Lines.Count(line => !line.GetProperty("ready").GetBoolean())); // until 5 min lie behind the first event
        string[] keys =
        [
            "model", "segment", "window", "from", "to", "events", "ready", "readiness", "kl_live_vs_reference", "kl_reference_vs_live",
            "js", "psi", "total_variation",
            "hellinger", "entropy", "mean_entropy", "reference_mean_entropy", "mean_entropy_noise_floor", "kl_noise_floor", "unseen_mass",
            "kl_live_vs_trailing", "kl_trailing_vs_live", "trailing_noise_floor", "trailing_events", "trailing_ready",
            "rest_events", "pace", "lower_bound",
            "policy_kl", "policy_events", "policy_clamped_events", "reference_id", "contributions", "rest_contribution",
        ];
        Assert.All(first.Lines, line => Assert.Equal(keys, line.EnumerateObject().Select(property => property.Name)));
        Assert.Matches(@"^12000 lines in [0-9.]+ s, rejected: none; 120 windows\n$", first.Error);
    }

    /// <summary>
    /// The camera turns from minute 10 on, slowly: no drift before, and gradual once the turning is older than two and a half windows.
    /// </summary>
    [Fact]
    public async Task The_pace_of_the_digits_is_that_of_the_camera()
    {
        const long T0 = 1_767_225_600_000, Minute = 60_000;
        var lines = (await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--window", "1m", "--slide", "10s")).Lines;
        string[] Paces(double fromMinute, double toMinute) =>
            [
                .. lines.Where(line => Number(line, "to") >= T0 + (fromMinute * Minute) && Number(line, "to") <= T0 + (toMinute * Minute))
                    .Select(line => Text(line, "pace")!)
                    .Distinct()];

        Assert.Equal(["unknown"], Paces(0, 1.9)); // two windows have to be full
        Assert.Equal(["none"], Paces(2, 10));
        Assert.Contains("sudden", Paces(10, 12.5)); // as every drift is at first
        Assert.Equal(["gradual"], Paces(15.5, 20)); // with a lurch at minute 15
    }

    [Fact]
    public async Task Line_ends_and_empty_lines_change_nothing()
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"), TestContext.Current.CancellationToken);
        var crlf = Path.Combine(_files.FullName, "crlf.jsonl");
        await File.WriteAllTextAsync(crlf, string.Join("\r\n\r\n", lines), TestContext.Current.CancellationToken);
        var unix = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"));
        var windows = await ReplayAsync(crlf);
        Assert.Equal(unix.Output, windows.Output);
    }

    [Fact]
    public async Task Models_and_segments_come_out_by_name()
    {
        var file = Path.Combine(_files.FullName, "several.jsonl");
        await File.WriteAllLinesAsync(
            file,
            [
                """{"model":"z","ts":1767225600000,"segment":"b","probs":[1,0]}""",
                """{"ts":1767225600001,"probs":[0,1]}""",
                """{"model":"z","ts":1767225600002,"segment":"a","probs":[1,0]}""",
            ],
            TestContext.Current.CancellationToken);

        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", file, "--window", "1s", "--model", "m", "--minimum-events", "1", "--allowed-lateness", "0s",
            "--format", "jsonl");

        Assert.True(code == 0, error);
        Assert.Equal(
            [("m", "_all", 1), ("z", "_all", 2), ("z", "a", 1), ("z", "b", 1)],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Select(line => (Text(line, "model"), Text(line, "segment"), Number(line, "events"))));
    }

    [Fact]
    public async Task A_table_in_a_pipe_is_a_line_a_window_without_colours()
    {
        var (code, output, error) = await DriftMonitorProcess.RunAsync(
            "replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--reference",
            RepositoryFiles.Digits("reference.jsonl"), "--window", "5m", "--pseudo-events", "0");
        Assert.True(code == 0, error);
        Assert.DoesNotContain('\u001b', output);
        var rows = output.Split('\n').Where(line => line.Contains("digits-lr", StringComparison.Ordinal)).ToArray();
        // The first of them in expected.json: events, both directions, noise floor, entropy.
        Assert.Equal(4, rows.Length);
        Assert.Matches(
            @"^ *digits-lr +_all +5m +2026-01-01 00:00:00 +00:05:00 +3000 +[0-9.]{7} +[0-9.]{7} +[0-9.]{7} +2[.][0-9]{5} +yes +5 −0[.]",
            rows[0]);
    }

    [Fact]
    public async Task An_empty_file_is_no_fault()
    {
        var file = Path.Combine(_files.FullName, "empty.jsonl");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var (output, error, _) = await ReplayAsync(file);
        Assert.Empty(output);
        Assert.StartsWith("0 lines", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--window", "5x", "--window and --slide: '5x/5x'")]
    [InlineData("--window", "50000s", "1 to 360 times", "--slide", "1s")]
    [InlineData("--window", "7s", "1 to 360 times", "--slide", "2s")]
    [InlineData("--pseudo-events", "-1", "--pseudo-events = '-1': must be")]
    [InlineData("--pseudo-events", "Infinity", "--pseudo-events = 'Infinity': must be")]
    [InlineData("--pseudo-events", "NaN", "--pseudo-events = 'NaN': must be")]
    [InlineData("--pseudo-events", "some", "--pseudo-events = 'some': must be")]
    [InlineData("--minimum-events", "0", "--minimum-events = '0': must be")]
    [InlineData("--allowed-lateness", "soon", "--allowed-lateness = 'soon': must be")]
    [InlineData("--allowed-lateness", "1000000d", "up to 36500d")]
    [InlineData("--reference", "/no/such/file", "--reference = '/no/such/file': there is no such file")]
    [InlineData("--reference", "/", "--reference = '/': is a directory")]
    [InlineData("--format", "xml", "xml")]
    [InlineData("--feedbak", null, "--feedbak")]
    public async Task A_wrong_option_is_told_without_a_stack_trace(string option, string? value, string said, params string[] more)
    {
        string[] wrong = value is null ? [option] : [option, value];
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            ["replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), .. wrong, .. more]);
        Assert.NotEqual(0, code);
        Assert.Empty(output.Trim());
        Assert.InRange(error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 3); // what is allowed may be listed
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_changed_by_hand_is_refused_by_name()
    {
        var file = Path.Combine(_files.FullName, "m.json");
        ReferenceFile.Write(SmallSnapshot.Of(), file);
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace(
                "\"model\":\"m\"", "\"model\":\"n\"", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--reference", file);
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.StartsWith(
            $"driftmonitor: {file}: ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    public void Dispose() => _files.Delete(recursive: true);

    /// <summary>Producers that deliver at least once: every twentieth record eleven times, all of one class.</summary>
    [Fact]
    public async Task Records_that_are_sent_again_count_once()
    {
        string Write(string name, int times)
        {
            var path = Path.Combine(_files.FullName, name);
            File.WriteAllLines(path, Enumerable.Range(0, 3_000).SelectMany(i => Enumerable.Repeat(
                $$"""{"model":"rank","id":"q{{i}}","ts":{{Time(i)}},"probs":{{(i % 2 == 0 ? "[0.2,0.8]" : "[0.8,0.2]")}}}""",
                i % 20 == 0 ? times : 1)));
            return path;

            static long Time(int i) => 1_764_000_000_000 + (i * 100);
        }

        var (once, again) = (Write("once.jsonl", 1), Write("again.jsonl", 11));
        var (_, error, lines) = await ReplayAsync(again, "--reference", once, "--window", "300s", "--pseudo-events", "0");
        var line = Assert.Single(lines, line => line.GetProperty("to").GetInt64() == 1_764_000_300_000);
        Assert.Equal((3_000, 0), (Number(line, "events"), Number(line, "kl_live_vs_reference")));
        Assert.Contains("4500 lines in", error, StringComparison.Ordinal);
        Assert.Contains("rejected: none, duplicates: 1500; ", error, StringComparison.Ordinal);

        var source = Path.Combine(_files.FullName, "source.json");
        await File.WriteAllTextAsync(source, """{"Deduplicate":false}""", TestContext.Current.CancellationToken);
        (_, error, lines) = await ReplayAsync(
            again, "--reference", once, "--window", "300s", "--pseudo-events", "0", "--source", source);
        line = Assert.Single(lines, line => line.GetProperty("to").GetInt64() == 1_764_000_300_000);
        Assert.Equal(4_500, Number(line, "events"));
        // two thirds of the first class' events are at 0.2: live (0.4, 0.6) beside (0.5, 0.5)
        Assert.Equal((0.4 * Math.Log(0.8)) + (0.6 * Math.Log(1.2)), Number(line, "kl_live_vs_reference"), Tolerance);
        Assert.DoesNotContain("duplicates", error, StringComparison.Ordinal);
    }

    private static async Task<(string Output, string Error, JsonElement[] Lines)> ReplayAsync(string predictions, params string[] more)
    {
        var reference = more.Contains("--reference") ? Array.Empty<string>() : ["--reference", RepositoryFiles.Digits("reference.jsonl")];
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            ["replay", "--predictions", predictions, "--format", "jsonl", .. reference, .. more]);
        Assert.True(code == 0, error);
        return (
            output, error,
            [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]);
    }

    private static double Number(JsonElement line, string name) => line.GetProperty(name).GetDouble();

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}
