using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Join;
using RocksDbSharp;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// What the join costs on disk: twenty seconds of 50,000 ten-class predictions and 15,000 labels a second through one lane's RocksDB, on
/// one thread, as fast as it goes. <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- feedback</c>
/// </summary>
internal static class FeedbackMeasurement
{
    private const int Seconds = 20;
    private const int PredictionsPerMs = 50;
    private const int LabelsPerMs = 15;
    private const int CommitEvery = 20_000;
    private const int WriteBufferBytes = 32 << 20;
    private const int BlockCacheBytes = 64 << 20;
    private const long StartMs = Payloads.StartMs;

    public static void Run()
    {
        var directory = Directory.CreateTempSubdirectory("driftmonitor-feedback-");
        try
        {
            Measure(directory.FullName);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static void Measure(string directory)
    {
        var plan = new FeedbackPlan(DefaultPlan.Create(), TimeSpan.FromSeconds(20));
        using var store = RocksDbFeedbackStore.Open(directory, plan, "", 5_000, Cache.CreateLru(BlockCacheBytes), WriteBufferBytes);
        var matched = 0L;
        var join = new FeedbackJoin(plan, store, null, _ => matched++);
        var model = new WatchedModels(1, 0, acceptUnknown: true).Add(Payloads.Model);
        var classes = new ModelClasses(ClassSpace.Indexed(10), 1);
        var payloads = Payloads.DigitsPredictions();
        var record = new PredictionRecord();
        var random = new Random(1);
        var (predictions, labels) = (0L, 0L);
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        for (var ms = 0L; ms < Seconds * 1_000L; ms++)
        {
            for (var i = 0; i < PredictionsPerMs; i++)
            {
                record.Offset = predictions;
                record.RecordTimeMs = StartMs + ms;
                payloads[predictions % payloads.Length].CopyTo(record.Begin(model, classes));
                record.Id = Id(predictions++);
                join.Add(record);
            }

            for (var i = 0; i < LabelsPerMs; i++)
            {
                var age = -5_000 * Math.Log(1 - random.NextDouble()); // exponential, 5 s on average
                var of = Math.Max(0, predictions - 1 - (long)(age * PredictionsPerMs));
                var label = new FeedbackLabel(0, 0, "4", null);
                join.Add(
                    new FeedbackRecord(RejectionReason.None, Payloads.Model, Id(of), label, null, null).At(labels++, StartMs + ms),
                    StartMs + ms);
            }

            if (join.Uncommitted >= CommitEvery)
            {
                join.Commit();
            }
        }

        join.Commit();
        var seconds = clock.Elapsed.TotalSeconds;
        var process = Process.GetCurrentProcess();
        process.Refresh();
        var cpu = (process.TotalProcessorTime - before).TotalSeconds;
        var bytes = new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{predictions} predictions and {labels} labels ({matched} matched at first) in {seconds:0.0} s: "
                + $"{predictions / seconds:0} and {labels / seconds:0} a second"));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture, $"{cpu:0.0} s of CPU time, {cpu / Seconds:0.00} cores at 50,000 and 15,000 a second"));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes >> 20} MiB on disk, {(double)bytes / predictions:0.0} bytes a prediction; {process.WorkingSet64 >> 20} MiB "
                + $"of memory"));
    }

    private static string Id(long number) => string.Create(CultureInfo.InvariantCulture, $"p{number:D9}");
}
