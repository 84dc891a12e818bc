using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Builds a snapshot from a stream in which nothing drifts.</summary>
internal static class SimulatedReference
{
    public static ReferenceSnapshot Build(IPaneSource stream, int classes, int panes)
    {
        var (mass, squares) = (new double[classes], new double[classes]);
        var all = (Events: 0L, Mass: new ulong[classes + 1], Squares: new ulong[classes + 1]);
        var blocks = new List<ReferenceBlock>();
        for (var pane = 0; pane < panes; pane++)
        {
            var count = stream.Next(mass, squares);
            var units = new ulong[classes + 1];
            for (var k = 0; k < classes; k++)
            {
                units[k] = (ulong)Math.Round(mass[k] * FixedPoint.One);
                all.Mass[k] += units[k];
                all.Squares[k] += (ulong)Math.Round(squares[k] * FixedPoint.One);
            }

            all.Events += count;
            if (count > 0)
            {
                blocks.Add(new ReferenceBlock(pane * SimulatedStream.PaneMs, count, [.. units]));
            }
        }

        for (var length = SimulatedStream.PaneMs; blocks.Count > ReferenceBuilder.MaxBlocks;)
        {
            length *= 2;
            blocks = [.. blocks.GroupBy(block => block.StartMs / length * length).Select(group => Merged(group.Key, [.. group]))];
        }

        return new ReferenceSnapshot(
            "simulated",
            1,
            DateTimeOffset.UnixEpoch,
            ClassSpace.Indexed(classes),
            new Dictionary<string, PaneSums> { [SeriesKey.All] = new(all.Events, all.Mass, all.Squares) },
            [.. blocks]);
    }

    /// <summary>The shares of all traffic, smoothed by one pseudo-event.</summary>
    public static double[] Smoothed(this ReferenceSnapshot reference)
    {
        var smoothed = new double[reference.ClassSpace.OtherIndex];
        PseudoEvents.SmoothReference(reference.All.Shares[..smoothed.Length], reference.All.Events, 1, smoothed);
        return smoothed;
    }

    private static ReferenceBlock Merged(long startMs, ReferenceBlock[] parts)
    {
        var mass = new ulong[parts[0].Mass.Length];
        foreach (var part in parts)
        {
            for (var k = 0; k < mass.Length; k++)
            {
                mass[k] += part.Mass[k];
            }
        }

        return new ReferenceBlock(startMs, parts.Sum(part => part.Events), [.. mass]);
    }
}
