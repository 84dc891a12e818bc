namespace DriftMonitor.Calibration;

/// <summary>Over what time a reference's composition fluctuates, and how much of that is left in the mean over a window.</summary>
/// <remarks>
/// The variance b between blocks is estimated for blocks of 1, 2, 4 … of the reference's. While blocks are shorter than the fluctuations, longer ones
/// differ as much as short ones and (length × b) grows; beyond, fluctuations average out and it stays. The last length at which it still grew, by more than
/// a seventh and its own standard error, is the time of the fluctuations. Where nothing exceeds sampling by 2.5 standard errors at any length there are none.
/// </remarks>
internal sealed class FluctuationScale
{
    private const int LeastGroups = 16;
    private const double Significant = 2.5;
    private const double Growth = 1.15;

    private FluctuationScale(int blocks, double[] variance) => (Blocks, Variance) = (blocks, variance);

    /// <summary>How many blocks the fluctuations last; 0 when there are none.</summary>
    public int Blocks { get; }

    /// <summary>b of each cell between the windows asked for.</summary>
    public double[] Variance { get; }

    /// <param name="blocks">The blocks.</param>
    /// <param name="shares">q of each cell.</param>
    /// <param name="variances">V of each cell: of single events.</param>
    /// <param name="windowBlocks">How many blocks the window is long; a fraction for a window shorter than a block.</param>
    public static FluctuationScale Of(BlockMatrix blocks, ReadOnlySpan<double> shares, ReadOnlySpan<double> variances, double windowBlocks)
    {
        var (lasting, product, significant) = (0, 0.0, false);
        BetweenBlocks? at = null;
        var window = (Length: 1, Between: (BetweenBlocks?)null);
        for (var length = 1; length == 1 || blocks.Count / length >= LeastGroups; length *= 2)
        {
            var between = BetweenBlocks.Of(blocks.Merge(length), shares, variances);
            significant |= between.Z > Significant;
            var grown = (length * between.Total) - (Growth * product);
            if (between.Total > 0 && grown > length * between.StandardError)
            {
                (lasting, product, at) = (length, length * between.Total, between);
            }

            if (length <= windowBlocks)
            {
                window = (length, between);
            }
        }

        if (!significant || at is null)
        {
            return new FluctuationScale(0, new double[blocks.Cells]);
        }

        var (from, variance) = window.Length >= lasting ? (lasting, at.Variance) : (window.Length, window.Between!.Variance);
        var shrunk = Math.Min(1, Math.Max(lasting, from) / Math.Max(1, windowBlocks)); // beyond the fluctuations' time they average out
        return new FluctuationScale(lasting, [.. variance.Select(b => b * shrunk)]);
    }
}
