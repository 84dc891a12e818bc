using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// How often a critical alarm begins on streams in which nothing drifts and whose reference tells little: ten references of each, windows
/// of a minute and of ten, three budgets.
/// </summary>
internal static class HardMeasurement
{
    private const int References = 10;
    private const double ExpectedOfAll = 20; // by the least budget, over all references

    private static readonly WindowSpec[] Windows = FalseAlarmMeasurement.Parse("60s/10s", "10m/1m");

    private static readonly FalseAlarmBudget[] Budgets =
        [.. new[] { 6L, 30, 144 }.Select(hours => new FalseAlarmBudget(1, hours * 3_600_000))];

    /// <param name="only">Streams with this in their name, or with one of several that are separated by semicolons; null for all.</param>
    /// <param name="expectedOfAll">How many alarms of the least budget are expected over all references; null for twenty.</param>
    public static void Run(string? only, string? expectedOfAll)
    {
        var expected = expectedOfAll is null ? ExpectedOfAll : double.Parse(expectedOfAll, CultureInfo.InvariantCulture);
        Console.WriteLine(
            "| stream | told | " + string.Join(" | ", Budgets.Select(budget => $"{budget}: ratio, median | of ten, ninth | on")) + " |");
        Console.WriteLine("|---|---|" + string.Concat(Enumerable.Repeat("--:|--:|--:|", Budgets.Length)));
        foreach (var stream in HardStream.All.Where(stream => only is null || only.Split(';').Any(stream.Name.Contains)))
        {
            Measure(stream, expected);
        }
    }

    private static void Measure(HardStream stream, double expectedOfAll)
    {
        var (clock, all) = (Stopwatch.StartNew(), new ConcurrentBag<Found>());
        var panes = (int)(expectedOfAll / References / Budgets[^1].PerDay * SimulatedStream.PanesPerDay);
        Parallel.For(
            0, References, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(2, Environment.ProcessorCount) },
            r => all.Add(Watch(stream, 1_000 + r, panes)));
        var cells = Budgets.Select((budget, i) =>
        {
            var ratios = all.Select(found => found.Pages[i] / (budget.PerDay * panes / SimulatedStream.PanesPerDay)).Order().ToArray();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(ratios[4] + ratios[5]) / 2:0.0} | {ratios[8]:0.0} | {all.Average(found => (double)found.LooksOn[i] / panes):0.0%}");
        });
        var told = all.SelectMany(found => found.Told).CountBy(kind => kind).OrderBy(kind => kind.Key)
            .Select(kind => $"{kind.Key}{(kind.Value < References ? $" ({kind.Value})" : "")}");
        Console.WriteLine($"| {stream.Name} | {string.Join(", ", told)} | {string.Join(" | ", cells)} |");
        Console.Error.WriteLine(FormattableString.Invariant($"{stream.Name}: {clock.Elapsed.TotalSeconds:0} s"));
    }

    private static Found Watch(HardStream stream, int seed, int panes)
    {
        var share = stream.ReferenceShare;
        var source = stream.Open(new MersenneTwister(seed, threadSafe: false), () => share);
        var reference = SimulatedReference.Build(source, stream.Classes, stream.ReferencePanes);
        share = 1;
        var calibrations = SimulatedWatch.CalibrationsOf(reference);
        var watch = new SimulatedWatch(reference, calibrations, Windows, [.. Budgets.Select(budget => (budget, 0.0))]);
        var found = new Found(new long[Budgets.Length], new long[Budgets.Length]);
        var events = 0L;
        var (mass, squares) = (new double[stream.Classes], new double[stream.Classes]);
        for (var pane = 0; pane < panes; pane++)
        {
            var count = source.Next(mass, squares);
            events += count;
            watch.Add(mass, count);
            for (var i = 0; i < Budgets.Length; i++)
            {
                found.Pages[i] += watch.Begun(i, AlarmSeverity.Critical);
                found.LooksOn[i] += watch.IsOn(i, AlarmSeverity.Critical) ? 1 : 0;
            }
        }

        var told = Windows.SelectMany(window => calibrations.Of(reference.Model)!.Drift(SeriesKey.All)
                .Shortfalls(window, events * window.LengthMs / SimulatedStream.PaneMs / panes))
            .Select(shortfall => shortfall.Kind).Distinct();
        return found with { Told = [.. told] };
    }

    /// <param name="Pages">How many critical alarms began, by budget.</param>
    /// <param name="LooksOn">At how many looks one was on, by budget.</param>
    private sealed record Found(long[] Pages, long[] LooksOn)
    {
        /// <summary>What the monitor says the reference has too little of.</summary>
        public ShortfallKind[] Told { get; init; } = [];
    }
}
