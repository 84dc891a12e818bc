using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DriftMonitor.Windows;

namespace DriftMonitor.References;

/// <summary>Builds a <see cref="ValueBaseline"/> from the values of single events.</summary>
/// <remarks>
/// <para>
/// All sums are integers, so the order of events changes no bit. Of the bins (<see cref="ValueBins"/>) the coarsest are chosen whose means have all but
/// <see cref="LostVariance"/> of the values' variance: some 27 a decade for values that spread over decades, up to 850 for values that all are near one another. Where
/// their standard deviation is below 2 % of their size even those may not do, and more of the variance may be lost.
/// </para>
/// <para>
/// Used by one thread. Memory grows with the blocks and the different values in each, some 30 bytes a block and bin of the finest: at worst 3 MB a decade
/// of values and hundred blocks.
/// </para>
/// </remarks>
/// <param name="blockMs">How long a block is, milliseconds, unless there are too many.</param>
public sealed class ValueBaselineBuilder(long blockMs = 10_000)
{
    /// <summary>The most of the values' variance, as a share, that is lost by each being replaced with its bin's mean.</summary>
    public const double LostVariance = 0.0025;

    private readonly TimeBlocks<Dictionary<int, long>> _blocks = new(blockMs, ReferenceBuilder.MaxBlocks, () => [], Add);
    private readonly Dictionary<int, Bin> _bins = [];

    /// <summary>How many values were added.</summary>
    public long Events { get; private set; }

    /// <summary>Adds the value of an event.</summary>
    /// <param name="timeMs">When the event was, epoch milliseconds.</param>
    /// <param name="units">The value in units of <see cref="FixedPoint"/>, of either sign.</param>
    public void Add(long timeMs, long units)
    {
        Events++;
        var bin = ValueBins.Of(units, ValueBins.MostBits);
        _bins[bin] = _bins.GetValueOrDefault(bin).With(1, units);
        CollectionsMarshal.GetValueRefOrAddDefault(_blocks.At(timeMs), bin, out _)++;
    }

    /// <summary>What was added.</summary>
    /// <exception cref="ArgumentException">Nothing was.</exception>
    public ValueBaseline Build()
    {
        var variation = Variation(Bins(ValueBins.MostBits));
        var bits = ValueBins.LeastBits;
        while (bits < ValueBins.MostBits && Variation(Bins(bits)) < (1 - LostVariance) * variation)
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
                counts[place[ValueBins.Coarser(bin, bits)]] += count;
            }

            return new ValueBlock(block.Key, ImmutableCollectionsMarshal.AsImmutableArray(counts));
        });
        return new ValueBaseline([.. bins.Values.Select(bin => bin.Mean)], [.. blocks]);
    }

    private SortedDictionary<int, Bin> Bins(int bits)
    {
        var bins = new SortedDictionary<int, Bin>();
        foreach (var (finest, values) in _bins)
        {
            var bin = ValueBins.Coarser(finest, bits);
            bins[bin] = bins.GetValueOrDefault(bin).With(values.Events, values.Sum);
        }

        return bins;
    }

    /// <summary>Σ n (x̄ − x̄ of all)² over the bins.</summary>
    private double Variation(SortedDictionary<int, Bin> bins)
    {
        var mean = bins.Values.Sum(bin => bin.Events * bin.Mean) / Events;
        return bins.Values.Sum(bin => bin.Events * (bin.Mean - mean) * (bin.Mean - mean));
    }

    private static void Add(Dictionary<int, long> counts, Dictionary<int, long> more)
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
