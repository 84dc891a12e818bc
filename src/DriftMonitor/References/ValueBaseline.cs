namespace DriftMonitor.References;

/// <summary>What a value of single events (label cost, policy divergence) was while all was well: a histogram a block. Immutable.</summary>
/// <remarks>Bins hold similar values: each is told by their mean, so that the mean of all values is kept exactly.</remarks>
public sealed class ValueBaseline
{
    private readonly long[] _totals;

    /// <summary>Checks that the parts fit each other.</summary>
    /// <param name="binMeans">The mean of the values in each bin, finite.</param>
    /// <param name="blocks">The events in pane-sized blocks of time, oldest first, none empty.</param>
    /// <exception cref="ArgumentException">Names the part that does not fit.</exception>
    public ValueBaseline(ImmutableArray<double> binMeans, ImmutableArray<ValueBlock> blocks)
    {
        if (binMeans.IsDefaultOrEmpty || blocks.IsDefaultOrEmpty)
        {
            throw new ArgumentException("there must be at least one bin and one block");
        }

        if (binMeans.FirstOrDefault(mean => !double.IsFinite(mean)) is var mean && !double.IsFinite(mean))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"a bin's mean is {mean}: it must be finite"), nameof(binMeans));
        }

        var totals = new long[binMeans.Length];
        for (var i = 0; i < blocks.Length; i++)
        {
            if (i > 0 && blocks[i].StartMs <= blocks[i - 1].StartMs)
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the block that starts at {blocks[i].StartMs} comes after that of {blocks[i - 1].StartMs}: oldest first, "
                        + $"each once"),
                    nameof(blocks));
            }

            AddTo(totals, blocks[i]);
        }

        (BinMeans, Blocks, _totals) = (binMeans, blocks, totals);
        Events = Sum(totals);
        Mean = totals.Zip(binMeans, (events, mean) => (double)events / Events * mean).Sum();
    }

    /// <summary>The variance of a single value, its bin's mean standing for each.</summary>
    public double Variance => _totals.Zip(
        BinMeans, (events, mean) => (double)events / Events * (mean - Mean) * (mean - Mean)).Sum();

    /// <summary>The same events with other values.</summary>
    /// <param name="value">What a bin's mean becomes.</param>
    public ValueBaseline Of(Func<double, double> value) => new([.. BinMeans.Select(value)], Blocks);

    /// <summary>The mean of the values in each bin.</summary>
    public ImmutableArray<double> BinMeans { get; }

    /// <summary>The events in pane-sized blocks of time, oldest first, none empty.</summary>
    public ImmutableArray<ValueBlock> Blocks { get; }

    /// <summary>How many events, at least 1.</summary>
    public long Events { get; }

    /// <summary>The mean of all values.</summary>
    public double Mean { get; }

    private static void AddTo(long[] totals, ValueBlock block)
    {
        if (block.Counts.IsDefault || block.Counts.Length != totals.Length)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the block that starts at {block.StartMs} has not one count for each of the {totals.Length} bins"));
        }

        if (block.Counts.Any(count => count < 0) || block.Counts.All(count => count == 0))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture, $"the block that starts at {block.StartMs} has a negative count, or no events"));
        }

        for (var bin = 0; bin < totals.Length; bin++)
        {
            totals[bin] = Sum([totals[bin], block.Counts[bin]]);
        }
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        Int128 sum = 0;
        foreach (var count in counts)
        {
            sum += count;
        }

        return sum <= long.MaxValue
            ? (long)sum
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"there are {sum} events, more than can be counted"));
    }
}
