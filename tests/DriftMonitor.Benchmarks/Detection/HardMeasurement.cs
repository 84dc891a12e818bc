using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Panes;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// How often a critical alarm begins on streams in which nothing drifts, and of each measure that can page: ten references of each, windows
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
            var ratios = all.Select(found => found.Ratio(i)).Order().ToArray();
            var on = all.Average(found => (double)found.LooksOn[i] / found.Looks);
            return string.Create(CultureInfo.InvariantCulture, $"{(ratios[4] + ratios[5]) / 2:0.0} | {ratios[8]:0.0} | {on:0.0%}");
        });
        var told = all.SelectMany(found => found.Told).CountBy(kind => kind).OrderBy(kind => kind.Key)
            .Select(kind => $"{kind.Key}{(kind.Value < References ? $" ({kind.Value})" : "")}").DefaultIfEmpty("nothing");
        Console.WriteLine($"| {stream.Name} | {string.Join(", ", told)} | {string.Join(" | ", cells)} |");
        Console.Error.WriteLine(FormattableString.Invariant($"{stream.Name}: {clock.Elapsed.TotalSeconds:0} s"));
    }

    private static Found Watch(HardStream stream, int seed, int panes)
    {
        var share = stream.ReferenceShare;
        SimulatedPart[] parts = [.. stream.Open(new MersenneTwister(seed, threadSafe: false), () => share)];
        var reference = SimulatedReference.Build(parts, stream.ReferencePanes);
        share = 1;
        var calibrations = SimulatedWatch.CalibrationsOf(reference);
        var watch = new SimulatedWatch(
            reference, calibrations, parts.Select(part => part.Watched), Windows,
            [
                .. Budgets.Select(
                    budget => Decision(stream.Kind, budget) with
                    {
                        ComparedWithRest = stream.Segment == HardStream.Canaries ? ["canary"] : [],
                    }),
            ])
        {
            Counts = alarm => stream.Segment is null || alarm.Series.Segment == stream.Segment,
        };
        var known = calibrations.Of(reference.Model)!;
        var found = new Found(new long[Budgets.Length], new long[Budgets.Length], PartOf(stream, known));
        var events = new long[parts.Length];
        for (var pane = 0; pane < panes / found.Part; pane++)
        {
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i].Next();
                events[i] += parts[i].Events;
            }

            watch.Add(parts);
            found.Look(watch);
        }

        var told =
            from window in Windows
            from of in parts.Index()
            where stream.Segment != HardStream.Canaries || of.Item.Watched is WatchedComparison
            let live = (long)(events[of.Index] * window.LengthMs / SimulatedStream.PaneMs / found.Looks)
            from shortfall in of.Item.Watched.Shortfalls(known, window, live)
            select shortfall.Kind;
        return found with { Told = [.. told.Distinct()] };
    }

    /// <summary>The part of a model's budget that is for what is counted.</summary>
    private static double PartOf(HardStream stream, Calibrations.OfReference known) => stream.Segment is null
        ? 1
        : Windows.Length * (stream.Segment == HardStream.Canaries ? Of(known, 1).OfComparison : Of(known, 0).OfDrift(stream.Segment));

    private static BudgetShare Of(Calibrations.OfReference known, int compared) => known.Share(
        Windows.Length, drift: true, crossEntropy: false, policy: false, accuracy: false, compared, dispersion: false);

    /// <summary>A budget for one kind of alarms, without a smallest effect.</summary>
    private static ConfiguredThresholds Decision(AlarmKind kind, FalseAlarmBudget budget)
    {
        return new ConfiguredThresholds(Of(AlarmKind.OutputDrift), Of(AlarmKind.CrossEntropy), Of(AlarmKind.PolicyKl))
        {
            Accuracy = Of(AlarmKind.Accuracy),
            Dispersion = Of(AlarmKind.Dispersion),
            SmallestEffect = default,
        };

        Thresholds Of(AlarmKind of) => of == kind ? new Thresholds(null, null, budget, budget) : default;
    }

    /// <param name="Pages">How many critical alarms began, by budget.</param>
    /// <param name="LooksOn">At how many looks one was on, by budget.</param>
    /// <param name="Part">The part of the budget that they have.</param>
    private sealed record Found(long[] Pages, long[] LooksOn, double Part)
    {
        /// <summary>What the monitor says the reference has too little of.</summary>
        public ShortfallKind[] Told { get; init; } = [];

        /// <summary>How many panes were looked at.</summary>
        public int Looks { get; private set; }

        /// <summary>How many times the alarms began that a budget allows.</summary>
        public double Ratio(int budget) =>
            Pages[budget] / (Part * Budgets[budget].PerDay * Looks / SimulatedStream.PanesPerDay);

        /// <summary>Takes in how it stands after a pane.</summary>
        public void Look(SimulatedWatch watch)
        {
            Looks++;
            for (var i = 0; i < Budgets.Length; i++)
            {
                Pages[i] += watch.Begun(i, AlarmSeverity.Critical);
                LooksOn[i] += watch.IsOn(i, AlarmSeverity.Critical) ? 1 : 0;
            }
        }
    }
}
