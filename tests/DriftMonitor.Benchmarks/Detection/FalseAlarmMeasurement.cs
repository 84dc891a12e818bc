using System.Diagnostics;
using DriftMonitor.Calibration;
using DriftMonitor.Events;
using DriftMonitor.Windows;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>How often an alarm begins on stationary streams, by the budget that was asked for.</summary>
internal static class FalseAlarmMeasurement
{
    private static readonly string[] Windows = ["5m/10s", "1h/1m", "24h/10m"];

    public static void Run(string? only)
    {
        StreamKind[] kinds =
        [
            new("iid K=2", 2, 1000), new("iid K=10 n=50", 10, 50), new("iid K=10 n=1000", 10, 1000), new("iid K=10 n=10000", 10, 10_000), new("iid K=100", 100, 3000), new("iid K=1000", 1000, 10_000),
            new("Dirichlet 0.1", 10, 500, Concentration: 0.1), new("Dirichlet 1", 10, 500, Concentration: 1), new("Dirichlet 10", 10, 500, Concentration: 10),
            new("autocorrelated", 10, 1000, Traffic.Autocorrelated), new("daily cycle", 10, 1000, Traffic.DailyCycle), new("bursts", 10, 1000, Traffic.Bursts),
        ];
        var specs = Windows.Select(text => WindowSpec.TryParse(text, out var spec, out _) ? spec : throw new ArgumentException(text)).ToArray();
        foreach (var kind in kinds.Where(kind => only is null || kind.Name.Contains(only, StringComparison.Ordinal)))
        {
            Measure(kind, specs, days: 50, references: 8, referenceDays: 7);
        }
    }

    private static void Measure(StreamKind kind, WindowSpec[] specs, int days, int references, int referenceDays)
    {
        var budget = new FalseAlarmBudget(1, 2 * 86_400_000L);
        var (alarms, looked, byWindow) = (0, 0.0, new long[specs.Length]);
        var clock = Stopwatch.StartNew();
        var calibrating = TimeSpan.Zero;
        for (var r = 0; r < references; r++)
        {
            var random = new MersenneTwister(1000 + r, threadSafe: false);
            var stream = new SimulatedStream(kind, random);
            var reference = SimulatedReference.Build(stream, kind.Classes, referenceDays * 8640);
            var calibration = new DriftCalibration(reference, SeriesKey.All, 1);
            var started = clock.Elapsed;
            foreach (var spec in specs)
            {
                calibration.Prepare(spec, (long)(kind.EventsPerWindow * spec.LengthMs / 300_000));
            }

            calibrating += clock.Elapsed - started;
            var detector = new CalibratedDetector(reference, calibration, specs, budget);
            var (mass, squares) = (new double[kind.Classes], new double[kind.Classes]);
            for (var pane = 0; pane < days * 8640; pane++)
            {
                alarms += detector.Add(mass, stream.Next(mass, squares)) ? 1 : 0;
            }

            looked += days - 1;
            for (var i = 0; i < specs.Length; i++)
            {
                byWindow[i] += detector.BegunBy[i];
            }
        }

        var expected = looked * budget.PerDay;
        Console.WriteLine(FormattableString.Invariant(
            $"{kind.Name,-20} alarms {alarms,5} expected {expected:0} ratio {alarms / expected:0.00}  by window (of a third): {string.Join(" ", byWindow.Select(count => (count / (expected / 3)).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)))}  calibrating {calibrating.TotalSeconds / references:0.00} s  all {clock.Elapsed.TotalSeconds:0} s"));
    }
}
