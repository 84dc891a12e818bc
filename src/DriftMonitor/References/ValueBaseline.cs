using System.Collections.Immutable;

namespace DriftMonitor.References;

/// <summary>What a value of single events (the cost of a label, a divergence between two policies) was while all was well: a histogram a block. Immutable.</summary>
/// <param name="BinMeans">The mean of the values in each bin, so that the bins keep the mean of all exactly.</param>
/// <param name="Blocks">The events in pane-sized blocks of time, oldest first, none empty.</param>
public sealed record ValueBaseline(ImmutableArray<double> BinMeans, ImmutableArray<ValueBlock> Blocks)
{
    /// <summary>How many events.</summary>
    public long Events { get; } = Blocks.Sum(block => block.Counts.Sum());
}
