using System.Diagnostics;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>How long after its onset each detector finds a drift, all set to the same rate of false alarms.</summary>
internal static class DelayMeasurement
{
    /// <summary>How often each drift is drawn.</summary>
    public const int Repetitions = 80;

    /// <summary>For how long a drift may go on unfound.</summary>
    public const int MostPanes = SimulatedStream.PanesPerDay;

    public static void Run(string? only)
    {
        var results = new List<DelayResult>();
        foreach (var stream in DelayStream.All.Where(stream => only is null || stream.Kind.Name.Contains(only, StringComparison.Ordinal)))
        {
            var clock = Stopwatch.StartNew();
            var tuning = new DetectorTuning(stream.Kind);
            Console.Error.WriteLine(FormattableString.Invariant($"{stream.Kind.Name}: set after {clock.Elapsed.TotalSeconds:0} s"));
            string[] names = [
                .. DetectorPanel.PaneNames, .. DetectorPanel.ReaderNames.Take(tuning.Levels.Length - DetectorPanel.PaneNames.Length)];
            var result = new DelayResult(stream, names, Repetitions);
            Parallel.For(0, Repetitions, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => Repeat(tuning, stream, i, result));
            Console.Error.WriteLine(FormattableString.Invariant($"{stream.Kind.Name}: measured after {clock.Elapsed.TotalSeconds:0} s"));
            DelayTable.Write(result);
            results.Add(result);
        }

        DelayTable.WriteTally(results);
        if (results.Count > 0)
        {
            DelayChart.Save(results, "detection-delay.png");
        }
    }

    /// <summary>The numbers that a repetition, or a part of it, is drawn by.</summary>
    public static MersenneTwister Random(int repetition, int part) => new(100_000 + (2_000 * repetition) + part, threadSafe: false);

    /// <summary>Every drift once, from the same day without any.</summary>
    private static void Repeat(DetectorTuning tuning, DelayStream stream, int repetition, DelayResult result)
    {
        var warm = Warm(tuning, stream.Kind, repetition);
        for (var s = 0; s < stream.Scenarios.Length; s++)
        {
            var scenario = stream.Scenarios[s];
            var panel = warm.Copy();
            var source = new SimulatedStream(stream.Kind, Random(repetition, 1_000 + s)) { Shape = scenario.Shape, OnEvent = panel.Read };
            var (mass, squares, above) = (new double[stream.Kind.Classes], new double[stream.Kind.Classes], new bool[tuning.Levels.Length]);
            var left = above.Length;
            for (var pane = 0; pane < MostPanes && left > 0; pane++)
            {
                source.Drift = scenario.At(pane);
                panel.Look(mass, source.Next(mass, squares), tuning.Levels, above);
                for (var d = 0; d < above.Length; d++)
                {
                    left -= above[d] && result.Find(d, s, repetition, (pane + 1) * SimulatedStream.PaneMs / 60_000.0) ? 1 : 0;
                }
            }
        }
    }

    /// <summary>A day and up to ten minutes without drift, at whose end no alarm is on: another is drawn when one is.</summary>
    private static DetectorPanel Warm(DetectorTuning tuning, StreamKind kind, int repetition)
    {
        for (var attempt = 0; ; attempt++)
        {
            var random = Random(repetition, attempt);
            var panel = tuning.Panel(repetition % DetectorTuning.References);
            var source = new SimulatedStream(kind, random) { OnEvent = panel.Read };
            var (mass, squares, above) = (new double[kind.Classes], new double[kind.Classes], new bool[tuning.Levels.Length]);
            for (var pane = SimulatedStream.PanesPerDay + random.Next(60); pane > 0; pane--)
            {
                panel.Look(mass, source.Next(mass, squares), tuning.Levels, above);
            }

            if (!panel.AnyOn || attempt == 20)
            {
                return panel;
            }
        }
    }
}
