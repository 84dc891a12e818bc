using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>How often an alarm of the monitor begins on stationary streams, by the budget that was asked for.</summary>
internal static class FalseAlarmMeasurement
{
    private const int ReferenceDays = 7;

    /// <summary>The windows that the monitor watches by default.</summary>
    public static WindowSpec[] Windows { get; } = Parse("5m/10s", "1h/1m", "24h/10m");

    public static WindowSpec[] Parse(params string[] texts) =>
        [.. texts.Select(text => WindowSpec.TryParse(text, out var spec, out _) ? spec : throw new ArgumentException(text))];

    public static void Run(string? only)
    {
        StreamKind[] kinds =
        [
            new("iid K=2", 2, 1000), new("iid K=10 n=50", 10, 50), new("iid K=10 n=1000", 10, 1000), new("iid K=10 n=10000", 10, 10_000),
            new("iid K=10 n=100000", 10, 100_000), new("iid K=100", 100, 3000), new("iid K=1000", 1000, 10_000),
            new("Dirichlet 0.1", 10, 500, Concentration: 0.1), new("Dirichlet 1", 10, 500, Concentration: 1),
            new("Dirichlet 10", 10, 500, Concentration: 10),
            new("autocorrelated", 10, 1000, Traffic.Autocorrelated), new("daily cycle", 10, 1000, Traffic.DailyCycle),
            new("bursts", 10, 1000, Traffic.Bursts),
        ];
        StreamKind[] years = [new("iid K=10 n=50, years", 10, 50), new("Dirichlet 1 n=50, years", 10, 50, Concentration: 1)];
        Console.WriteLine(
            "| stream | K | events in 5 m | budget | days | alarms | expected | ratio | KL 5 m | KL 1 h | KL 24 h | CUSUM 5 m | CUSUM "
            + "1 h | CUSUM 24 h |");
        Console.WriteLine("|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var kind in kinds.Where(Wanted))
        {
            Measure(kind, new FalseAlarmBudget(1, 2 * 86_400_000L), references: 8, days: kind.Classes > 100 ? 39 : 51);
        }

        foreach (var kind in years.Where(Wanted))
        {
            Measure(kind, new FalseAlarmBudget(1, 30 * 86_400_000L), references: 14, days: 276);
        }

        bool Wanted(StreamKind kind) => only is null || kind.Name.Contains(only, StringComparison.Ordinal);
    }

    private static void Measure(StreamKind kind, FalseAlarmBudget budget, int references, int days)
    {
        var (alarms, byScore, clock, gate) = (0, new long[2 * Windows.Length], Stopwatch.StartNew(), new Lock());
        Parallel.For(0, references, new ParallelOptions { MaxDegreeOfParallelism = 2 }, r =>
        {
            var clusters = Watch(kind, budget, 1000 + r, days, out var begun);
            lock (gate)
            {
                alarms += begun;
                for (var i = 0; i < byScore.Length; i++)
                {
                    byScore[i] += clusters.BegunBy[i];
                }
            }
        });
        var looked = references * (days - 1); // the day window fills on the first
        var expected = looked * budget.PerDay;
        var windows = string.Join(
            " | ", byScore.Select(count => (count * Windows.Length / expected).ToString("0.00", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {kind.Name} | {kind.Classes} | {kind.EventsPerWindow:N0} | {budget} | {looked:N0} | {alarms} | {expected:0} | "
            + $"{alarms / expected:0.00} | {windows} |"));
        Console.Error.WriteLine(FormattableString.Invariant($"{kind.Name}: {clock.Elapsed.TotalSeconds:0} s"));
    }

    private static AlarmClusters Watch(StreamKind kind, FalseAlarmBudget budget, int seed, int days, out int begun)
    {
        var stream = new SimulatedStream(kind, new MersenneTwister(seed, threadSafe: false));
        var reference = SimulatedReference.Build(stream, kind.Classes, ReferenceDays * SimulatedStream.PanesPerDay);
        var detector = new CalibratedDetector(reference, new DriftCalibration(reference, SeriesKey.All, 1), Windows, budget);
        var (mass, squares, scores) = (new double[kind.Classes], new double[kind.Classes], new float[2 * Windows.Length]);
        var clusters = new AlarmClusters(detector.EndsAfterLooks);
        begun = 0;
        for (var pane = 0; pane < days * SimulatedStream.PanesPerDay; pane++)
        {
            detector.Add(mass, stream.Next(mass, squares), scores);
            begun += clusters.Add(scores, 1) ? 1 : 0;
        }

        return clusters;
    }
}
