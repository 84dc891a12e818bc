namespace DriftMonitor.Calibration;

/// <summary>Over what time a reference's composition fluctuates, and how much of that is left in the mean over a window.</summary>
/// <remarks>
/// <para>
/// The variance b between blocks is estimated for blocks of 1, 2, 4 … of the reference's. While blocks are shorter than the fluctuations,
/// shrink ones differ as much as short ones and (length × b) grows; beyond, fluctuations average out and it stays. The last length at which
/// it still grew, by more than a seventh and its own standard error, is the time of the fluctuations. Where nothing exceeds sampling by 2.5
/// standard errors at any length there are none.
/// </para>
/// <para>
/// Between windows shrink than that time, b falls as 1/length, which is known better than from the few such windows of the reference;
/// unless those say otherwise by two standard errors, as windows of a whole day do of a daily cycle. Between windows shorter than a block,
/// b is extrapolated as that of an exponential autocorrelation, whose time constant follows from blocks and pairs of them.
/// </para>
/// </remarks>
/// <param name="LastingBlocks">How many blocks the fluctuations last; 0 when there are none.</param>
/// <param name="WindowVariance">b of each cell between the windows asked for.</param>
internal sealed record FluctuationScale(int LastingBlocks, double[] WindowVariance)
{
    private const int LeastMergedBlocks = 16;
    private const int LeastReferenceWindows = 4;
    private const double SignificantZ = 2.5;
    private const double LeastGrowth = 1.15;

    /// <param name="blocks">The blocks.</param>
    /// <param name="shares">q of each cell.</param>
    /// <param name="variances">V of each cell: of single events.</param>
    /// <param name="windowBlocks">How many blocks the window is long; a fraction for a window shorter than a block.</param>
    public static FluctuationScale Estimate(BlockMatrix blocks, ReadOnlySpan<double> shares, ReadOnlySpan<double> variances, double windowBlocks)
    {
        var (lasting, product, significant) = (0, 0.0, false);
        BetweenBlockVariance? single = null, pairs = null, at = null;
        for (var length = 1; length == 1 || blocks.Count / length >= LeastMergedBlocks; length *= 2)
        {
            var between = BetweenBlockVariance.Estimate(blocks.Merge(length), shares, variances);
            (single, pairs) = (single ?? between, length == 2 ? between : pairs);
            significant |= between.Z > SignificantZ;
            if (between.Total > 0 && (length * between.Total) - (LeastGrowth * product) > length * between.StandardError)
            {
                (lasting, product, at) = (length, length * between.Total, between);
            }
        }

        if (!significant || at is null)
        {
            return new FluctuationScale(0, new double[blocks.Cells]);
        }

        if (windowBlocks < 1)
        {
            return new FluctuationScale(lasting, Scale(single!.PerCell, SubBlockFactor(single.Total, pairs?.Total ?? 0, windowBlocks)));
        }

        var shrink = Math.Min(1, lasting / windowBlocks);
        var extrapolated = Scale(at.PerCell, shrink);
        var window = (int)Math.Round(windowBlocks, MidpointRounding.ToEven);
        if (blocks.Count / window < LeastReferenceWindows)
        {
            return new FluctuationScale(lasting, extrapolated);
        }

        var observed = BetweenBlockVariance.Estimate(blocks.Merge(window), shares, variances);
        var agrees = lasting < window && Math.Abs(observed.Total - (at.Total * shrink)) < 2 * observed.StandardError;
        return new FluctuationScale(lasting, agrees ? extrapolated : observed.Z > 1 ? observed.PerCell : new double[blocks.Cells]);
    }

    private static double[] Scale(double[] variance, double factor) => [.. variance.Select(b => b * factor)];

    /// <summary>How many times the variance between blocks that between windows of a part of a block is.</summary>
    private static double SubBlockFactor(double single, double pairs, double part)
    {
        var (low, high) = (1e-3, 1e3); // the block's length in time constants
        for (var i = 0; i < 60; i++)
        {
            var middle = Math.Sqrt(low * high);
            (low, high) = RemainingVariance(2 * middle) / RemainingVariance(middle) > pairs / single ? (middle, high) : (low, middle);
        }

        return RemainingVariance(part * low) / RemainingVariance(low);
    }

    /// <summary>What is left of a variance in means over x time constants of an exponential autocorrelation: 2 (x − 1 + e⁻ˣ)/x².</summary>
    private static double RemainingVariance(double x) => x < 1e-2 ? 1 - (x / 3) : 2 * (x - 1 + Math.Exp(-x)) / (x * x);
}
