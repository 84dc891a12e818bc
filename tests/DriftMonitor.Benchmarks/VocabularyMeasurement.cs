using System.Diagnostics;
using DriftMonitor.Model;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// What a series of a language model costs: 200,000 classes, of which 5,000 are seen, 20 tokens an event, the default three windows and
/// those before them full.
/// <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- vocabulary</c>
/// </summary>
internal static class VocabularyMeasurement
{
    private const int Cells = ClassSpace.MaxClasses + 1;
    private const int Seen = 5_000;
    private const int Tokens = 20;
    private const int EventsInPane = 1_000;

    public static void Run()
    {
        var random = new Random(1);
        var seen = Enumerable.Range(0, Cells).ToArray();
        random.Shuffle(seen);
        var model = new WatchedModels(1, 1, acceptUnknown: true).Add("llm");
        var classes = new ModelClasses(ClassSpace.Indexed(ClassSpace.MaxClasses), ModelClasses.Configured);
        var record = new PredictionRecord();

        // The few tokens that most events have and the many that few have: the square of a uniform number, as of Zipf's law roughly.
        PaneSums Pane()
        {
            var pane = new PaneSums(Cells);
            for (var i = 0; i < EventsInPane; i++)
            {
                record.BeginFew(model, classes);
                for (var token = 0; token < Tokens; token++)
                {
                    record.AddTo(seen[(int)(Seen * Math.Pow(random.NextDouble(), 2))], 1.0 / Tokens);
                }

                pane.Add(record);
            }

            return pane;
        }

        Pane(); // compiled, and its scratch allocated
        var clock = Stopwatch.StartNew();
        var panes = Enumerable.Range(0, 60).Select(_ => Pane()).ToArray();
        Console.WriteLine(
            $"an event of {Tokens} tokens: {clock.Elapsed.TotalMicroseconds / 60 / EventsInPane:F1} µs with making it; a base pane of "
            + $"{EventsInPane} keeps {panes.Average(pane => pane.KeptCells.Length):F0} cells");

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var windows = DefaultPlan.Create().Windows.Select(spec => new OutputWindow(spec, Cells, trailing: true)).ToArray();
        var toMs = DateTimeOffset.UnixEpoch.AddYears(56).ToUnixTimeMilliseconds();
        clock.Restart();
        foreach (var window in windows)
        {
            for (var start = toMs - (2 * window.Spec.LengthMs); start < toMs; start += 10_000)
            {
                window.Add(start, panes[start / 10_000 % panes.Length], start);
            }

            window.MoveTo(toMs);
        }

        var adds = windows.Sum(window => 2 * window.Spec.LengthMs / 10_000);
        Console.WriteLine($"a base pane into a window: {clock.Elapsed.TotalMicroseconds / adds:F0} µs");
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        var dense = (long)windows.Sum(window => (2 * window.Spec.LengthMs / window.Spec.SlideMs * 16) + 48) * Cells;
        Console.WriteLine($"a series: {bytes / 1e6:F1} MB; every cell of every pane would take {dense / 1e6:F0} MB");
        GC.KeepAlive((windows, panes, classes)); // what was there before must not be collected meanwhile
    }
}
