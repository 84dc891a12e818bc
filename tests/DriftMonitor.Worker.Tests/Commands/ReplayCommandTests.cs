using System.Text.Json;

namespace DriftMonitor.Worker.Tests.Commands;

/// <summary><c>replay</c> through the real program; expected values by scipy (expected.json).</summary>
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
        ("kl_noise_floor", "noise_floor"),
    ];

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Theory]
    [InlineData("60s", "60s", 20, 20)]
    [InlineData("300s", "300s", 4, 3)]
    [InlineData("300s", "60s", 20, 3)]
    public async Task Every_aligned_window_agrees_with_scipy(string window, string slide, int lines, int compared)
    {
        var replayed = (await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--window", window, "--slide", slide, "--pseudo-events", "0")).Lines;

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
                Assert.All(Measures, measure => Assert.Equal(of.GetProperty(measure.Expected).GetDouble(), Number(line, measure.Line), Tolerance));
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
            shuffled, lines.Select((line, i) => (line, At: i + random.Next(500))).OrderBy(x => x.At).Select(x => x.line), TestContext.Current.CancellationToken);

        var ordered = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--window", "5m", "--slide", "1m");
        var disordered = await ReplayAsync(shuffled, "--window", "5m", "--slide", "1m");

        Assert.Equal(ordered.Output, disordered.Output);
        Assert.Contains("rejected: none", disordered.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_and_the_predictions_it_was_built_from_give_the_same_numbers()
    {
        var (built, _, problems) = await DriftMonitorProcess.RunAsync(
            "reference", "build", "--predictions", RepositoryFiles.Digits("reference.jsonl"), "--output", _files.FullName, "--snapshot-version", "7");
        Assert.True(built == 0, problems);
        var snapshot = Path.Combine(_files.FullName, "digits-lr-v7.json");

        var fromPredictions = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--window", "5m");
        var fromSnapshot = await ReplayAsync(RepositoryFiles.Digits("predictions.jsonl"), "--reference", snapshot, "--window", "5m");
        Assert.Equal(fromPredictions.Output, fromSnapshot.Output);

        var (shown, output, _) = await DriftMonitorProcess.RunAsync("reference", "show", snapshot);
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

        var (code, output, error) = await DriftMonitorProcess.RunAsync("replay", "--predictions", file, "--window", "10s", "--allowed-lateness", "20s", "--format", "jsonl");

        Assert.Equal(0, code);
        Assert.Contains("6 lines", error, StringComparison.Ordinal);
        Assert.All(["1 malformed", "1 sum_not_one", "1 invalid_timestamp", "1 late"], count => Assert.Contains(count, error, StringComparison.Ordinal));
        var windows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(2, windows.Sum(line => Number(line, "events"))); // one in the first window, one in the last, none between
        Assert.All(windows, line => Assert.Equal(JsonValueKind.Null, line.GetProperty("kl_live_vs_reference").ValueKind)); // no reference
        Assert.Equal(Math.Log(2), Number(windows[0], "entropy"), Tolerance);
    }

    [Theory]
    [InlineData("--window", "5x", "--window and --slide: '5x/5x'")]
    [InlineData("--window", "50000s", "1 to 360 times", "--slide", "1s")]
    [InlineData("--pseudo-events", "-1", "must be at least 0")]
    [InlineData("--reference", "/no/such/file", "/no/such/file")]
    [InlineData("--format", "xml", "xml")]
    public async Task A_wrong_option_is_one_clear_line(string option, string value, string said, params string[] more)
    {
        var (code, _, error) = await DriftMonitorProcess.RunAsync(["replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), option, value, .. more]);
        Assert.NotEqual(0, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static async Task<(string Output, string Error, JsonElement[] Lines)> ReplayAsync(string predictions, params string[] more)
    {
        var reference = more.Contains("--reference") ? Array.Empty<string>() : ["--reference", RepositoryFiles.Digits("reference.jsonl")];
        var (code, output, error) = await DriftMonitorProcess.RunAsync(["replay", "--predictions", predictions, "--format", "jsonl", .. reference, .. more]);
        Assert.True(code == 0, error);
        return (output, error, [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]);
    }

    private static double Number(JsonElement line, string name) => line.GetProperty(name).GetDouble();

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}
