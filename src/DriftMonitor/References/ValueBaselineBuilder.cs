using System.Runtime.InteropServices;

namespace DriftMonitor.References;

/// <summary>Builds a <see cref="ValueBaseline"/> from the values of single events.</summary>
/// <remarks>
/// <para>
/// All sums are integers, so the order of events changes no bit. Of the bins (<see cref="ValueBins"/>) the coarsest are chosen whose means
/// have all but
/// <see cref="LostVariance"/> of the values' variance: some 27 a decade for values that spread over decades, up to 850 for values that all
/// are near one another. Where their standard deviation is below 2 % of their size even those may not do, and more of the variance may be
/// lost.
/// </para>
/// <para>
/// Used by one thread. Memory is that of the different bins in each block, some 35 bytes each: at most <see cref="MaxBins"/> in each of at
/// most
/// <see cref="ReferenceBuilder.MaxBlocks"/>, which is 140 MB. With more bins they are made coarser while values come: then the values
/// spread widely, and coarse bins do.
/// </para>
/// </remarks>
/// <param name="blockMs">How long a block is, milliseconds, unless there are too many.</param>
public sealed class ValueBaselineBuilder(long blockMs = ReferenceBuilder.DefaultBlockMs)
{
    /// <summary>The most of the values' variance, as a share, that is lost by each being replaced with its bin's mean.</summary>
    public const double LostVariance = 0.0025;

    private const int MaxBins = 2_000; // more than there are of the coarsest

    private readonly TimeBlocks<Dictionary<int, long>> _blocks = new(blockMs, ReferenceBuilder.MaxBlocks, () => [], Add);
    private Dictionary<int, Bin> _bins = [];
    private int _bits = ValueBins.MostBits;

    /// <summary>How many values were added.</summary>
    public long Events { get; private set; }

    /// <summary>Adds the value of an event.</summary>
    /// <param name="timeMs">When the event was, epoch milliseconds.</param>
    /// <param name="units">The value in units of <see cref="FixedPoint"/>, of either sign.</param>
    public void Add(long timeMs, long units)
    {
        Events++;
        var bin = ValueBins.Of(units, _bits);
        _bins[bin] = _bins.GetValueOrDefault(bin).With(1, units);
        CollectionsMarshal.GetValueRefOrAddDefault(_blocks.At(timeMs), bin, out _)++;
        while (_bins.Count > MaxBins)
        {
            MakeCoarser();
        }
    }

    /// <summary>What was added.</summary>
    /// <exception cref="ArgumentException">Nothing was.</exception>
    public ValueBaseline Build()
    {
        var variation = Variation(Bins(_bits));
        var bits = ValueBins.LeastBits;
        while (bits < _bits && Variation(Bins(bits)) < (1 - LostVariance) * variation)
        {
            bits++;
        }

        var bins = Bins(bits);
        var place = bins.Keys.Index().ToDictionary(bin => bin.Item, bin => bin.Index);
        var blocks = _blocks.OldestFirst.Select(block =>
        {
            var counts = new long[bins.Count];
            foreach (var (bin, count) in block.Value)
            {
                counts[place[ValueBins.Coarser(bin, _bits, bits)]] += count;
            }

            return new ValueBlock(block.Key, ImmutableCollectionsMarshal.AsImmutableArray(counts));
        });
        return new ValueBaseline([.. bins.Values.Select(bin => bin.Mean)], [.. blocks]);
    }

    private SortedDictionary<int, Bin> Bins(int bits)
    {
        var bins = new SortedDictionary<int, Bin>();
        foreach (var (finer, values) in _bins)
        {
            var bin = ValueBins.Coarser(finer, _bits, bits);
            bins[bin] = bins.GetValueOrDefault(bin).With(values.Events, values.Sum);
        }

        return bins;
    }

    private void MakeCoarser()
    {
        var bits = _bits - 1;
        _bins = new(Bins(bits));
        foreach (var (_, counts) in _blocks.OldestFirst)
        {
            var finer = counts.ToArray();
            counts.Clear();
            Add(counts, finer.Select(bin => KeyValuePair.Create(ValueBins.Coarser(bin.Key, _bits, bits), bin.Value)));
        }

        _bits = bits;
    }

    /// <summary>Σ n (x̄ − x̄ of all)² over the bins.</summary>
    private double Variation(SortedDictionary<int, Bin> bins)
    {
        var mean = bins.Values.Sum(bin => bin.Events * bin.Mean) / Events;
        return bins.Values.Sum(bin => bin.Events * (bin.Mean - mean) * (bin.Mean - mean));
    }

    private static void Add(Dictionary<int, long> counts, IEnumerable<KeyValuePair<int, long>> more)
    {
        foreach (var (bin, count) in more)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, bin, out _) += count;
        }
    }

    private readonly record struct Bin(long Events, Int128 Sum)
    {
        public double Mean => (double)Sum / Events * FixedPoint.Unit;

        public Bin With(long events, Int128 sum) => new(Events + events, Sum + sum);
    }
}
