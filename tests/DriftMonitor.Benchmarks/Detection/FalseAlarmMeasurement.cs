using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
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
            "| stream | K | events in 5 m | budget | days | expected | critical | ratio | on | with effect | on | warnings | ratio | on "
            + "| with effect | on | clusters | on |");
        Console.WriteLine("|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var kind in kinds.Where(Wanted))
        {
            Measure(kind, new FalseAlarmBudget(1, 2 * 86_400_000L), references: kind.Classes > 100 ? 4 : 8, days: 51);
        }

        foreach (var kind in years.Where(Wanted))
        {
            Measure(kind, new FalseAlarmBudget(1, 30 * 86_400_000L), references: 6, days: 276);
        }

        bool Wanted(StreamKind kind) => only is null || kind.Name.Contains(only, StringComparison.Ordinal);
    }

    private static void Measure(StreamKind kind, FalseAlarmBudget budget, int references, int days)
    {
        var (found, clock, gate) = (new FoundAlarms(), Stopwatch.StartNew(), new Lock());
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(2, Environment.ProcessorCount) };
        Parallel.For(0, references, parallel, r =>
        {
            var one = Watch(kind, budget, 1000 + r, days);
            lock (gate)
            {
                found.Add(one);
            }
        });
        var looked = references * (days - 1); // the day window fills on the first
        var expected = looked * budget.PerDay;
        double looks = looked * SimulatedStream.PanesPerDay;
        var severities = string.Join(" | ", new[] { AlarmSeverity.Critical, AlarmSeverity.Warning }.Select(Cells));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {kind.Name} | {kind.Classes} | {kind.EventsPerWindow:N0} | {budget} | {looked:N0} | {expected:0} | {severities} "
            + $"| {found.Clusters / expected:0.00} | {found.LooksInClusters / looks:0.0%} |"));
        var byScore = string.Join(
            " ", found.ByScore.Select(count => (count * Windows.Length / expected).ToString("0.00", CultureInfo.InvariantCulture)));
        Console.Error.WriteLine(FormattableString.Invariant(
            $"{kind.Name}: {clock.Elapsed.TotalSeconds:0} s; looks above by KL, then CUSUM, each of its window's part: {byScore}"));

        string Cells(AlarmSeverity severity)
        {
            var (all, worth) = (found.Pages[0, (int)severity], found.Pages[1, (int)severity]);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{all} | {all / expected:0.00} | {found.LooksOn[0, (int)severity] / looks:0.0%} | {worth} "
                + $"| {found.LooksOn[1, (int)severity] / looks:0.0%}");
        }
    }

    private static FoundAlarms Watch(StreamKind kind, FalseAlarmBudget budget, int seed, int days)
    {
        var stream = new SimulatedStream(kind, new MersenneTwister(seed, threadSafe: false));
        var reference = SimulatedReference.Build(stream, kind.Classes, ReferenceDays * SimulatedStream.PanesPerDay);
        var watch = new SimulatedWatch(
            reference, SimulatedWatch.CalibrationsOf(reference), [new WatchedOutputs(kind.Classes)], Windows,
            SimulatedWatch.Outputs(budget, 0), SimulatedWatch.Outputs(budget, SmallestEffects.Default.KlNats));
        var (mass, squares, found) = (new double[kind.Classes], new double[kind.Classes], new FoundAlarms());
        int[] looks = [.. Windows.Select(window => (int)(window.LengthMs / SimulatedStream.PaneMs))];
        var clusters = new AlarmClusters([.. looks, .. looks]);
        for (var pane = 0; pane < days * SimulatedStream.PanesPerDay; pane++)
        {
            watch.Add(mass, stream.Next(mass, squares));
            if (pane >= SimulatedStream.PanesPerDay)
            {
                found.Clusters += clusters.Add(watch.Scores, 1) ? 1 : 0;
                found.LooksInClusters += clusters.On ? 1 : 0;
                found.Look(watch);
            }
        }

        clusters.BegunBy.CopyTo(found.ByScore, 0);
        return found;
    }
}
