using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.References;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>How long it takes until many models have all thresholds of their whole traffic: cold, of equal references, and kept.</summary>
/// <remarks>On one thread, as <c>CalibrationWorker</c> works; per model, three windows of two counts each.</remarks>
internal static class ManyCalibrations
{
    private const int ReferenceDays = 7;
    private const int MostModels = 5_000;
    private const int CountsOfModel = 6;
    private const int EventsIn5Minutes = 1_000;

    public static void Run(int models)
    {
        var references = Enumerable.Range(0, models).Select(Reference).ToArray();
        var values = new Dictionary<string, byte[]>();
        Prepare([Reference(-1)], new KeptCalibrations(long.MaxValue)); // the just-in-time compiler
        Console.WriteLine("| | models | seconds | CPU seconds | a model, ms | as cold |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");

        var kept = new KeptCalibrations(long.MaxValue) { OnWorkedOut = (key, value) => values.Add(key, value) };
        var cold = Measure("cold, all different", models, () => Prepare(references, kept), null);
        Measure("cold, all equal", models, () => Prepare(Enumerable.Repeat(references[0], models), new(long.MaxValue)), cold);

        var records = MostModels * CountsOfModel;
        var restarted = new KeptCalibrations(long.MaxValue);
        var value = values.Values.First();
        Measure(
            string.Create(CultureInfo.InvariantCulture, $"{records} records taken in"), MostModels,
            () =>
            {
                for (var i = 0; i < records; i++)
                {
                    restarted.TryAdd(string.Create(CultureInfo.InvariantCulture, $"{i:x32}/86400000/600000/18"), value, 0);
                }
            },
            cold);
        foreach (var (key, own) in values)
        {
            restarted.TryAdd(key, own, 0);
        }

        Measure(
            "kept", MostModels,
            () => Prepare(Enumerable.Range(0, MostModels).Select(i => Hashed(references[i % models])), restarted), cold);
        var bytes = values.Values.Average(own => own.Length);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nWorked out after the restart: {restarted.CountWorkedOut}; a record's value has {bytes:0} bytes."));
    }

    private static void Prepare(IEnumerable<ReferenceSnapshot> references, KeptCalibrations kept)
    {
        foreach (var reference in references)
        {
            var drift = new Calibrations.OfReference(reference, 1, kept).Drift(SeriesKey.All);
            foreach (var window in FalseAlarmMeasurement.Windows)
            {
                drift.Prepare(window, EventsIn5Minutes * window.LengthMs / 300_000);
                _ = drift.Shortfalls(window);
            }
        }
    }

    /// <summary>The same reference, whose blocks a snapshot hashes once: here for each model.</summary>
    private static ReferenceSnapshot Hashed(ReferenceSnapshot reference)
    {
        using var hash = new ContentHash();
        hash.Add(reference.Blocks);
        _ = hash.Text(bytes: 16);
        return reference;
    }

    private static ReferenceSnapshot Reference(int seed)
    {
        var kind = new StreamKind("iid K=10", 10, EventsIn5Minutes);
        var stream = new SimulatedStream(kind, new MersenneTwister(seed + 2, threadSafe: false));
        return SimulatedReference.Build(stream, kind.Classes, ReferenceDays * SimulatedStream.PanesPerDay);
    }

    /// <returns>Seconds a model.</returns>
    private static double Measure(string what, int models, Action work, double? cold)
    {
        using var process = Process.GetCurrentProcess();
        var (before, started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        work();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        var used = (process.TotalProcessorTime - before).TotalSeconds;
        var (each, ratio) = (used / models, used / models / (cold ?? (used / models)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {models} | {seconds:0.0} | {used:0.0} | {1_000 * each:0.00} | {ratio:0.0000} |"));
        return each;
    }
}
