using System.Collections.Immutable;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Calibration;

/// <summary>Puts references together from blocks.</summary>
internal static class BlockReference
{
    /// <summary>A reference of all traffic only.</summary>
    /// <param name="blocks">When each begins, the mass of each class and, where events are soft, the squares.</param>
    /// <param name="classes">The classes; null for positions.</param>
    public static ReferenceSnapshot Of(IEnumerable<(long StartMs, double[] Mass, double[]? Squares)> blocks, ClassSpace? classes = null)
    {
        var kept = ImmutableArray.CreateBuilder<ReferenceBlock>();
        var (events, mass, squares) = (0L, Array.Empty<ulong>(), Array.Empty<ulong>());
        foreach (var block in blocks)
        {
            var units = Units(block.Mass);
            var count = (long)Math.Round(block.Mass.Sum());
            kept.Add(new ReferenceBlock(block.StartMs, count, [.. units]));
            events += count;
            mass = Sum(mass, units);
            squares = Sum(squares, block.Squares is null ? units : Units(block.Squares));
        }

        return Of(kept.ToImmutable(), new Dictionary<string, PaneSums> { [SeriesKey.All] = new(events, mass, squares) }, classes);
    }

    /// <summary>The same reference with a slice that has such one-hot events.</summary>
    public static ReferenceSnapshot With(this ReferenceSnapshot reference, string segment, double[] mass)
    {
        var units = Units(mass);
        var sums = new PaneSums((long)Math.Round(mass.Sum()), units, units);
        return Of(reference.Blocks, new Dictionary<string, PaneSums> { [SeriesKey.All] = reference.All.Sums, [segment] = sums });
    }

    private static ReferenceSnapshot Of(
        ImmutableArray<ReferenceBlock> blocks, Dictionary<string, PaneSums> segments, ClassSpace? classes = null) =>
        new("m", 1, DateTimeOffset.UnixEpoch, classes ?? ClassSpace.Indexed(segments[SeriesKey.All].Cells - 1), segments, blocks);

    /// <summary>In fixed point, with an empty <c>__other__</c>.</summary>
    private static ulong[] Units(double[] mass) => [.. mass.Select(events => (ulong)Math.Round(events * FixedPoint.One)), 0];

    private static ulong[] Sum(ulong[] sum, ulong[] added) => sum.Length == 0 ? added : [.. sum.Zip(added, (one, other) => one + other)];
}
