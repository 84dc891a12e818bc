using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.References;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// How long after its onset a drift is above a threshold, and how long after it the rule raises an alarm that asks for an effect, too: of
/// the same events, by the same thresholds.
/// </summary>
internal static class EffectMeasurement
{
    private const int References = 4;

    private static readonly AlarmSeverity[] Severities = [AlarmSeverity.Critical, AlarmSeverity.Warning];
    private static readonly FalseAlarmBudget Budget = new(1, 2 * 86_400_000L);
    private static readonly double Effect = SmallestEffects.Default.KlNats;

    public static void Run(string? only)
    {
        Console.WriteLine(
            "| stream | drift | KL, nats | reaches the effect | critical: above | alarm | of that after the effect "
            + "| warning: above | alarm | of that after the effect |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var stream in DelayStream.AboutTheEffect.Where(Wanted))
        {
            var clock = Stopwatch.StartNew();
            (ReferenceSnapshot Reference, Calibrations Calibrations)[] baselines =
                [.. Enumerable.Range(0, References).Select(r => Baseline(stream.Kind, r))];
            var result = new DelayResult(stream, ["critical above", "critical", "warning above", "warning"], DelayMeasurement.Repetitions);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(2, Environment.ProcessorCount) };
            Parallel.For(0, DelayMeasurement.Repetitions, parallel, repetition =>
            {
                var (reference, calibrations) = baselines[repetition % References];
                for (var scenario = 0; scenario < stream.Scenarios.Length; scenario++)
                {
                    Watch(Warm(reference, calibrations, stream.Kind, repetition), stream, scenario, repetition, result);
                }
            });
            Write(result);
            Console.Error.WriteLine(FormattableString.Invariant($"{stream.Kind.Name}: {clock.Elapsed.TotalSeconds:0} s"));
        }

        bool Wanted(DelayStream stream) => only is null || stream.Kind.Name.Contains(only, StringComparison.Ordinal);
    }

    private static (ReferenceSnapshot Reference, Calibrations Calibrations) Baseline(StreamKind kind, int r)
    {
        var stream = new SimulatedStream(kind, new MersenneTwister(3000 + r, threadSafe: false));
        var reference = SimulatedReference.Build(stream, kind.Classes, 7 * SimulatedStream.PanesPerDay);
        return (reference, SimulatedWatch.CalibrationsOf(reference));
    }

    /// <summary>A day and up to ten minutes without drift, at whose end nothing is above and no alarm on: else another is drawn.</summary>
    private static SimulatedWatch Warm(ReferenceSnapshot reference, Calibrations calibrations, StreamKind kind, int repetition)
    {
        for (var attempt = 0; ; attempt++)
        {
            var random = DelayMeasurement.Random(repetition, attempt);
            var watch = new SimulatedWatch(
                reference, calibrations, [new WatchedOutputs(kind.Classes)], FalseAlarmMeasurement.Windows,
                SimulatedWatch.Outputs(Budget, Effect));
            var source = new SimulatedStream(kind, random);
            var (mass, squares) = (new double[kind.Classes], new double[kind.Classes]);
            for (var pane = SimulatedStream.PanesPerDay + random.Next(60); pane > 0; pane--)
            {
                watch.Add(mass, source.Next(mass, squares));
            }

            if (attempt == 20 || Array.TrueForAll(Severities, severity => !watch.IsAbove(severity) && !watch.IsOn(0, severity)))
            {
                return watch;
            }
        }
    }

    private static void Watch(SimulatedWatch watch, DelayStream stream, int scenario, int repetition, DelayResult result)
    {
        var drift = stream.Scenarios[scenario];
        var source = new SimulatedStream(stream.Kind, DelayMeasurement.Random(repetition, 1_000 + scenario)) { Shape = drift.Shape };
        var (mass, squares) = (new double[stream.Kind.Classes], new double[stream.Kind.Classes]);
        var left = result.Detectors.Length;
        for (var pane = 0; pane < DelayMeasurement.MostPanes && left > 0; pane++)
        {
            source.Drift = drift.At(pane);
            watch.Add(mass, source.Next(mass, squares));
            for (var s = 0; s < Severities.Length; s++)
            {
                left -= Find(2 * s, watch.IsAbove(Severities[s])) + Find((2 * s) + 1, watch.IsOn(0, Severities[s]));
            }

            int Find(int detector, bool found) =>
                found && result.Find(detector, scenario, repetition, (pane + 1) * SimulatedStream.PaneMs / 60_000.0) ? 1 : 0;
        }
    }

    private static void Write(DelayResult result)
    {
        for (var scenario = 0; scenario < result.Stream.Scenarios.Length; scenario++)
        {
            var (drift, shares) = (result.Stream.Scenarios[scenario], result.Stream.Kind.Shares);
            var reached = drift.Reaches(shares, Effect);
            var severities = Enumerable.Range(0, Severities.Length).SelectMany(
                s => new[] { Found(2 * s, scenario), Found((2 * s) + 1, scenario), After((2 * s) + 1, scenario, reached) });
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {result.Stream.Kind.Name} | {drift.Name} | {drift.Nats(shares, int.MaxValue / 10_000):G2} "
                + $"| {(reached is { } minutes ? DelayTable.Minutes(minutes) : "never")} | {string.Join(" | ", severities)} |"));
        }

        string Found(int detector, int scenario)
        {
            var cell = DelayTable.Minutes(result.Quantile(detector, scenario, 0.5));
            var part = result.Found(detector, scenario);
            return part < 1 ? FormattableString.Invariant($"{cell} ({part:0%})") : cell;
        }

        string After(int detector, int scenario, double? reached) =>
            reached is { } minutes && result.Quantile(detector, scenario, 0.5) is < DelayResult.NotFoundMinutes and var found
                ? DelayTable.Minutes(found - minutes)
                : "–";
    }
}
