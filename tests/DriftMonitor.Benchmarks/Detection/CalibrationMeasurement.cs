using System.Diagnostics;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>How much processor time it takes until a model's three windows have their thresholds, at the counts that they have.</summary>
internal static class CalibrationMeasurement
{
    private const int ReferenceDays = 7;

    public static void Run()
    {
        StreamKind[] kinds =
        [
            new("iid K=10", 10, 1000), new("autocorrelated", 10, 1000, Traffic.Autocorrelated),
            new("Dirichlet 1", 10, 500, Concentration: 1), new("iid K=1000", 1000, 10_000),
        ];
        Console.WriteLine("| reference | K | 5 m | 1 h | 24 h | together, CPU seconds |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var kind in kinds.Prepend(kinds[0])) // the first has the just-in-time compiler to pay
        {
            var stream = new SimulatedStream(kind, new MersenneTwister(1, threadSafe: false));
            var calibration = new DriftCalibration(
                SimulatedReference.Build(stream, kind.Classes, ReferenceDays * SimulatedStream.PanesPerDay), SeriesKey.All, 1);
            double[] seconds = [
                .. FalseAlarmMeasurement.Windows.Select(
                    window => Seconds(() => calibration.Prepare(window, (long)(kind.EventsPerWindow * window.LengthMs / 300_000))))];
            Console.WriteLine(FormattableString.Invariant(
                $"| {kind.Name} | {kind.Classes} | {seconds[0]:0.00} | {seconds[1]:0.00} | {seconds[2]:0.00} | {seconds.Sum():0.00} |"));
        }
    }

    private static double Seconds(Action work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds;
    }
}
