using System.Collections.Immutable;
using System.Numerics.Tensors;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>A reference's events in equally long blocks of time, oldest first: how many, and their mass in each cell. Immutable.</summary>
/// <remarks>Blocks without events say nothing and are left out, so neighbours are neighbours in traffic.</remarks>
internal sealed class BlockMatrix
{
    private const long UnknownBlockMs = 10_000; // of a single block: a base pane of the default windows

    private readonly double[] _mass; // row by row

    private BlockMatrix(long blockMs, int cells, double[] events, double[] mass)
    {
        (BlockMs, Cells, Events, _mass) = (blockMs, cells, events, mass);
        TotalEvents = TensorPrimitives.Sum<double>(events);
    }

    /// <summary>Milliseconds in a block.</summary>
    public long BlockMs { get; }

    public int Cells { get; }

    /// <summary>Events of each block, none 0.</summary>
    public double[] Events { get; }

    public double TotalEvents { get; }

    public int Count => Events.Length;

    /// <summary>The mass of each cell in a block, in events.</summary>
    public ReadOnlySpan<double> Mass(int block) => _mass.AsSpan(block * Cells, Cells);

    /// <summary>The blocks of outputs over the first <paramref name="cells"/> cells.</summary>
    public static BlockMatrix Of(ImmutableArray<ReferenceBlock> blocks, int cells)
    {
        var kept = blocks.Where(block => block.Events > 0).ToArray();
        var mass = new double[kept.Length * cells];
        for (var i = 0; i < kept.Length; i++)
        {
            for (var k = 0; k < cells; k++)
            {
                mass[(i * cells) + k] = kept[i].Mass[k] * FixedPoint.Unit;
            }
        }

        return new BlockMatrix(Length([.. kept.Select(block => block.StartMs)]), cells, [.. kept.Select(block => (double)block.Events)], mass);
    }

    /// <summary>The blocks of a value, its bins as cells.</summary>
    public static BlockMatrix Of(ValueBaseline baseline)
    {
        var kept = baseline.Blocks.Where(block => block.Counts.Any(count => count > 0)).ToArray();
        return new BlockMatrix(
            Length([.. kept.Select(block => block.StartMs)]),
            baseline.BinMeans.Length,
            [.. kept.Select(block => (double)block.Counts.Sum())],
            [.. kept.SelectMany(block => block.Counts).Select(count => (double)count)]);
    }

    /// <summary>Every so many neighbours as one block; what is left over at the end is left out.</summary>
    public BlockMatrix Merge(int factor)
    {
        if (factor <= 1)
        {
            return this;
        }

        var count = Count / factor;
        var events = new double[count];
        var mass = new double[count * Cells];
        for (var i = 0; i < count * factor; i++)
        {
            events[i / factor] += Events[i];
            var row = mass.AsSpan(i / factor * Cells, Cells);
            TensorPrimitives.Add(row, Mass(i), row);
        }

        return new BlockMatrix(BlockMs * factor, Cells, events, mass);
    }

    private static long Length(ReadOnlySpan<long> startsMs)
    {
        var shortest = long.MaxValue;
        for (var i = 1; i < startsMs.Length; i++)
        {
            shortest = Math.Min(shortest, startsMs[i] - startsMs[i - 1]);
        }

        return shortest is > 0 and < long.MaxValue ? shortest : UnknownBlockMs;
    }
}
