using DriftMonitor.References;

namespace DriftMonitor.Calibration;

/// <summary>
/// A reference's events in equally long blocks of time, oldest first: their number, and their mass in each cell. Immutable.
/// </summary>
/// <remarks>A cell is a class or a bin of a value. Blocks without events are left out.</remarks>
internal sealed class BlockMatrix
{
    /// <summary>Milliseconds assumed of a single block, whose length nothing tells: a base pane of the default windows.</summary>
    private const long UnknownBlockMs = 10_000;

    private readonly double[] _mass; // row by row

    private readonly long[] _startsMs;

    private BlockMatrix(long blockMs, int cells, long[] startsMs, double[] events, double[] mass)
    {
        (BlockMs, Cells, _startsMs, Events, _mass) = (blockMs, cells, startsMs, events, mass);
        TotalEvents = TensorPrimitives.Sum<double>(events);
    }

    /// <summary>Milliseconds in a block.</summary>
    public long BlockMs { get; }

    /// <summary>How many cells each block has.</summary>
    public int Cells { get; }

    /// <summary>Events of each block, none 0.</summary>
    public double[] Events { get; }

    /// <summary>Events of all blocks.</summary>
    public double TotalEvents { get; }

    /// <summary>Milliseconds from the first block's start to the last one's end.</summary>
    public long SpanMs => Count == 0 ? 0 : _startsMs[^1] - _startsMs[0] + BlockMs;

    /// <summary>How many blocks there are.</summary>
    public int Count => Events.Length;

    /// <summary>Milliseconds that the blocks cover; of a gap between two of them at most so much is counted.</summary>
    public long CoveredMs(long longestGapMs)
    {
        var coveredMs = Count == 0 ? 0 : BlockMs;
        for (var i = 1; i < Count; i++)
        {
            coveredMs += Math.Min(_startsMs[i] - _startsMs[i - 1], Math.Max(BlockMs, longestGapMs));
        }

        return coveredMs;
    }

    /// <summary>The mass of each cell in a block, in events.</summary>
    public ReadOnlySpan<double> Mass(int block) => _mass.AsSpan(block * Cells, Cells);

    /// <summary>Blocks of outputs, of the first <paramref name="cells"/> cells.</summary>
    public static BlockMatrix FromOutputs(ImmutableArray<ReferenceBlock> blocks, int cells)
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

        long[] startsMs = [.. kept.Select(block => block.StartMs)];
        return new BlockMatrix(InferBlockMs(startsMs), cells, startsMs, [.. kept.Select(block => (double)block.Events)], mass);
    }

    /// <summary>Blocks of a value, its bins as cells.</summary>
    public static BlockMatrix FromBins(ValueBaseline baseline)
    {
        var kept = baseline.Blocks.Where(block => block.Counts.Any(count => count > 0)).ToArray();
        long[] startsMs = [.. kept.Select(block => block.StartMs)];
        return new BlockMatrix(
            InferBlockMs(startsMs),
            baseline.BinMeans.Length,
            startsMs,
            [.. kept.Select(block => (double)block.Counts.Sum())],
            [.. kept.SelectMany(block => block.Counts).Select(count => (double)count)]);
    }

    /// <summary>
    /// Blocks of a value's mean, with two cells: the least value is mass of the first, the greatest of the second, and a value between them
    /// is divided over both in proportion.
    /// </summary>
    public static BlockMatrix FromMeans(ValueBaseline baseline)
    {
        var (bins, least, greatest) = (FromBins(baseline), baseline.BinMeans.Min(), baseline.BinMeans.Max());
        double[] parts = [.. baseline.BinMeans.Select(value => greatest > least ? (value - least) / (greatest - least) : 0)];
        var mass = new double[2 * bins.Count];
        for (var i = 0; i < bins.Count; i++)
        {
            mass[(2 * i) + 1] = TensorPrimitives.Dot(bins.Mass(i), parts);
            mass[2 * i] = bins.Events[i] - mass[(2 * i) + 1];
        }

        return new BlockMatrix(bins.BlockMs, 2, bins._startsMs, bins.Events, mass);
    }

    /// <summary>
    /// Blocks so many times as long, of the same events, counted from the first block's start. The last one is left out if it is not whole.
    /// </summary>
    public BlockMatrix Merge(int factor)
    {
        if (factor <= 1)
        {
            return this;
        }

        var whole = SpanMs / (BlockMs * factor);
        long Place(long startMs) => (startMs - _startsMs[0]) / (BlockMs * factor);
        long[] places = [.. _startsMs.Select(Place).Where(place => place < whole).Distinct()];
        var (events, mass) = (new double[places.Length], new double[places.Length * Cells]);
        for (var (i, at) = (0, 0); i < Count && Place(_startsMs[i]) < whole; i++)
        {
            at = places[at] == Place(_startsMs[i]) ? at : at + 1;
            events[at] += Events[i];
            var row = mass.AsSpan(at * Cells, Cells);
            TensorPrimitives.Add(row, Mass(i), row);
        }

        return new BlockMatrix(
            BlockMs * factor, Cells, [.. places.Select(place => _startsMs[0] + (place * BlockMs * factor))], events, mass);
    }

    /// <summary>
    /// The same without what moves more slowly than a window: each block keeps what sets it apart from those around it, to a window's
    /// length before and after it.
    /// </summary>
    /// <remarks>
    /// Of two parts of one traffic: what moves both moves them alike and sets neither apart, and of what is slow nobody can tell more. The
    /// neighbours' own noise comes into a block by it, so what sets it apart is scaled to vary as much by noise as before. A mass may be
    /// below 0.
    /// </remarks>
    /// <param name="windowMs">The window's length.</param>
    public BlockMatrix WithoutSlow(long windowMs)
    {
        var reachMs = Math.Max(windowMs, BlockMs);
        var (mass, events, others) = (new double[_mass.Length], 0.0, new double[Cells]);
        double[] shares = [.. Enumerable.Range(0, Cells).Select(k => Enumerable.Range(0, Count).Sum(i => Mass(i)[k]) / TotalEvents)];
        for (var (i, from, to) = (0, 0, 0); i < Count; i++)
        {
            for (; to < Count && _startsMs[to] <= _startsMs[i] + reachMs; to++)
            {
                TensorPrimitives.Add(others, Mass(to), others);
                events += Events[to];
            }

            for (; _startsMs[from] < _startsMs[i] - reachMs; from++)
            {
                TensorPrimitives.Subtract(others, Mass(from), others);
                events -= Events[from];
            }

            var around = events - Events[i];
            var scale = around > 0 ? Math.Sqrt(around / events) : 1;
            for (var k = 0; k < Cells; k++)
            {
                var local = around > 0 ? (others[k] - Mass(i)[k]) / around : shares[k];
                mass[(i * Cells) + k] = (Events[i] * shares[k]) + (scale * (Mass(i)[k] - (Events[i] * local)));
            }
        }

        return new BlockMatrix(BlockMs, Cells, _startsMs, Events, mass);
    }

    /// <summary>The length of a block, milliseconds: the shortest distance between two starts.</summary>
    private static long InferBlockMs(ReadOnlySpan<long> startsMs)
    {
        var shortest = long.MaxValue;
        for (var i = 1; i < startsMs.Length; i++)
        {
            shortest = Math.Min(shortest, startsMs[i] - startsMs[i - 1]);
        }

        return shortest is > 0 and < long.MaxValue ? shortest : UnknownBlockMs;
    }
}
