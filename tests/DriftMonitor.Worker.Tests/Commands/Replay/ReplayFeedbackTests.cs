using System.Text.Json;

namespace DriftMonitor.Worker.Tests.Commands.Replay;

/// <summary><c>replay --feedback</c> through the real command line; expected values by numpy (expected.json).</summary>
public sealed class ReplayFeedbackTests
{
    private const double Tolerance = 1e-9;

    [Theory]
    [InlineData("60s", 20)]
    [InlineData("300s", 3)]
    public async Task Every_aligned_window_agrees_with_numpy(string window, int compared)
    {
        var (exitCode, output, error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--feedback", RepositoryFiles.Digits("feedback.jsonl"),
            "--window", window, "--format", "jsonl");
        Assert.Equal(0, exitCode);
        Assert.Contains("3667 labels, 3667 matched", error, StringComparison.Ordinal);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();

        var expected = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Digits("expected.json"))).RootElement;
        var t0 = expected.GetProperty("t0_epoch_ms").GetInt64();
        var matched = 0;
        foreach (var of in expected.GetProperty("windows").EnumerateArray())
        {
            foreach (var line in lines.Where(line =>
                Number(line, "from") == t0 + Number(of, "from_ms") && Number(line, "to") == t0 + Number(of, "to_ms")))
            {
                matched++;
                var byPrediction = line.GetProperty("feedback_by_prediction_time");
                Assert.Equal(Number(of, "feedback_count"), Number(byPrediction, "events"));
                Assert.Equal(Number(of, "feedback_cross_entropy"), Number(byPrediction, "cross_entropy"), Tolerance);
                Assert.Equal(Number(of, "feedback_accuracy"), Number(byPrediction, "accuracy"), Tolerance);
                Assert.Equal(Number(of, "feedback_count") / Number(of, "count"), Number(byPrediction, "coverage"), Tolerance);
                var byLabel = line.GetProperty("feedback_by_label_time");
                Assert.Equal(Number(of, "feedback_by_label_time_count"), Number(byLabel, "events"));
                Assert.Equal(Number(of, "feedback_by_label_time_cross_entropy"), Number(byLabel, "cross_entropy"), Tolerance);
            }
        }

        Assert.Equal(compared, matched);
    }

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
