using System.Globalization;
using System.Text.Json;

namespace DriftMonitor.Worker.Tests.Commands.Replay;

/// <summary><c>replay</c> of a model whose outputs have another number of values after a while, with its labels.</summary>
/// <remarks>Ten predictions a minute, whose ids are their numbers. None is late, so a minute is decided before the next begins.</remarks>
public sealed class ReplayOtherClassesTests : IDisposable
{
    private const long T0 = 1_767_225_600_000; // 2026-01-01T00:00:00Z
    private const double Tolerance = 1e-9;

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    /// <summary>One record of three values, then four. Nine of the first ten do not fit, and count in no window.</summary>
    [Fact]
    public async Task A_warm_up_gives_way_and_windows_count_what_follows()
    {
        var (error, windows) = await ReplayAsync([Three(0), .. Enumerable.Range(1, 49).Select(Four)], []);

        Assert.Contains(
            "m: the classes changed from 3 (0, 1, 2) to 4 (0, 1, 2, 3) at 2026-01-01 00:01:00Z: 9 of 10 predictions did not fit", error,
            StringComparison.Ordinal);
        Assert.Contains(
            "9 events are in no window, because their classes were not the model's classes at that time", error, StringComparison.Ordinal);
        Assert.Equal([1L, 10, 10, 10, 10], windows.Select(window => window.GetProperty("events").GetInt64()));
        Assert.All(windows.Skip(1), window => Assert.Equal(EntropyOfFour, window.GetProperty("entropy").GetDouble(), Tolerance));
    }

    /// <summary>
    /// A minute of three values, one of mostly three, one of four, which take over, and two of mostly three. Labels are of the classes 0 to
    /// 3 by turns, so some are of a class that their predictions of three values do not have.
    /// </summary>
    [Fact]
    public async Task Labels_are_compared_in_the_classes_of_their_own_predictions()
    {
        string[] predictions = [
            .. Enumerable.Range(0, 50).Select(i => IsOfThree(i) ? Three(i) : Four(i)),
            Line(0, OfFour, atSeconds: 299), // an id again: the first prediction holds, of three values
        ];
        string[] labels = [
            .. Enumerable.Range(0, 50).Select(i => Label(i, i % 4)),
            Label(4, 1), // a correction within its classes
            Label(9, 3), // one that its prediction of three values knows nothing of
        ];
        var (error, windows) = await ReplayAsync(predictions, labels);

        Assert.Contains(
            "m: the classes changed from 3 (0, 1, 2) to 4 (0, 1, 2, 3) at 2026-01-01 00:03:00Z", error, StringComparison.Ordinal);
        int Effective(int i) => i == 4 ? 1 : i % 4;
        bool Matches(int i) => !IsOfThree(i) || Effective(i) < 3;
        var unknown = Enumerable.Range(0, 50).Count(i => !Matches(i)) + 1;
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"52 labels, {51 - unknown} matched, 1 corrected, {unknown} unknown_class"), error,
            StringComparison.Ordinal);
        Assert.Equal(5, windows.Length);
        foreach (var (minute, window) in windows.Index())
        {
            int[] all = [.. Enumerable.Range(10 * minute, 10)], matched = [.. all.Where(Matches)];
            foreach (var attribution in new[] { "feedback_by_prediction_time", "feedback_by_label_time" })
            {
                var measured = window.GetProperty(attribution);
                Assert.Equal(matched.Length, measured.GetProperty("events").GetInt64());
                Assert.Equal(
                    matched.Average(i => -Math.Log(Probabilities(i)[Effective(i)])), measured.GetProperty("cross_entropy").GetDouble(),
                    Tolerance);
                Assert.Equal(
                    matched.Average(i => Probabilities(i).Max() == Probabilities(i)[Effective(i)] ? 1.0 : 0),
                    measured.GetProperty("accuracy").GetDouble(), Tolerance);
            }

            Assert.Equal(
                matched.Length / 10.0, window.GetProperty("feedback_by_prediction_time").GetProperty("coverage").GetDouble(), Tolerance);
        }
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static double EntropyOfFour => -OfFour.Sum(p => p * Math.Log(p));

    private static double[] OfThree { get; } = [0.5, 0.3, 0.2];

    private static double[] OfFour { get; } = [0.1, 0.2, 0.3, 0.4];

    private static bool IsOfThree(int i) => i / 10 is 0 || (i / 10 is 1 or 3 or 4 && i % 3 != 0);

    private static int At(int i) => (6 * i) + 1;

    private static double[] Probabilities(int i) => IsOfThree(i) ? OfThree : OfFour;

    private static string Three(int i) => Line(i, OfThree, At(i));

    private static string Four(int i) => Line(i, OfFour, At(i));

    private static string Line(int i, double[] probabilities, int atSeconds) =>
        $$"""{"model":"m","id":"{{i}}","ts":{{T0 + (1_000 * atSeconds)}},"probs":{{JsonSerializer.Serialize(probabilities)}}}""";

    private static string Label(int i, int label) =>
        $$"""{"model":"m","id":"{{i}}","ts":{{T0 + (1_000 * At(i)) + 500}},"label":"{{label}}"}""";

    private async Task<(string Error, JsonElement[] Windows)> ReplayAsync(string[] predictions, string[] labels)
    {
        string[] more = labels.Length > 0 ? ["--feedback", await WriteAsync("labels.jsonl", labels)] : [];
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            [
                "replay", "--predictions", await WriteAsync("predictions.jsonl", predictions), "--window", "1m", "--allowed-lateness", "0s",
                "--format", "jsonl", .. more,
            ]);
        Assert.True(code == 0, error);
        return (
            error,
            [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]);

        async Task<string> WriteAsync(string name, string[] lines)
        {
            var path = Path.Combine(_files.FullName, name);
            await File.WriteAllLinesAsync(path, lines, TestContext.Current.CancellationToken);
            return path;
        }
    }
}
