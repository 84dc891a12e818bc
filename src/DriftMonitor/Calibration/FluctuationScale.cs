namespace DriftMonitor.Calibration;

/// <summary>
/// How long fluctuations of a reference's composition last, and how much of them is left in the mean over a window.
/// </summary>
/// <remarks>
/// <para>
/// The variance b between blocks is estimated for the reference's blocks merged by 1, 2, 4, … While merged blocks are shorter than the
/// fluctuations, longer ones differ as much as short ones, and (length × b) grows with the length. Beyond, fluctuations average out and the
/// product stays. The fluctuation time is the last length at which it still grew, by <see cref="LeastGrowth"/> and its own standard error;
/// so it is a power of two of blocks. There are no fluctuations if b is not significant at any length.
/// </para>
/// <para>
/// For a window longer than that time, b falls as 1/length. This is known better than what the few such windows of the reference show, and
/// is used unless they differ by two standard errors, as windows of a whole day do under a daily cycle. For a window shorter than a block,
/// b is extrapolated as that of an exponential autocorrelation, whose time constant follows from blocks and pairs of blocks.
/// </para>
/// </remarks>
/// <param name="LastingBlocks">The fluctuation time, in blocks; 0 if there are no fluctuations. Does not depend on the window.</param>
/// <param name="WindowVariance">b of each cell, between windows of the length that was asked for.</param>
internal sealed record FluctuationScale(int LastingBlocks, double[] WindowVariance)
{
    /// <summary>The fewest merged blocks that b is estimated from; chosen: its standard error is then about a third (√(2/15)).</summary>
    private const int LeastMergedBlocks = 16;

    /// <summary>The fewest windows of the reference that b of windows is estimated from directly; chosen.</summary>
    private const int LeastReferenceWindows = 4;

    /// <summary>Standard errors above 0 from which b is significant; chosen: about one in 160 by chance at each length.</summary>
    private const double SignificantZ = 2.5;

    /// <summary>The factor by which (length × b) must grow when the length doubles; chosen, see the sweep.</summary>
    private const double LeastGrowth = 1.15;

    /// <summary>Standard errors within which the reference's own windows agree with the extrapolation: about 95 %.</summary>
    private const double AgreementErrors = 2;

    /// <summary>Standard errors above 0 below which windows that disagree are taken not to vary at all; chosen.</summary>
    private const double LeastObservedZ = 1;

    /// <summary>The range of a block's length in time constants of the autocorrelation that is searched: wide enough for any.</summary>
    private const double ShortestBlock = 1e-3;
    private const double LongestBlock = 1e3;

    /// <summary>Halvings of that range: to the last bit of a double.</summary>
    private const int BisectionSteps = 60;

    /// <summary>Time constants below which the formula of <see cref="RemainingVariance"/> cancels, and its series is used.</summary>
    private const double SeriesBelow = 1e-2;

    /// <summary>Estimates both.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="shares">q of each cell.</param>
    /// <param name="variances">V of each cell: of single events.</param>
    /// <param name="windowBlocks">The window's length in blocks, above 0; below 1 for a window shorter than a block.</param>
    public static FluctuationScale Estimate(
        BlockMatrix blocks, ReadOnlySpan<double> shares, ReadOnlySpan<double> variances, double windowBlocks)
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
        var agrees = lasting < window && Math.Abs(observed.Total - (at.Total * shrink)) < AgreementErrors * observed.StandardError;
        return new FluctuationScale(
            lasting, agrees ? extrapolated : observed.Z > LeastObservedZ ? observed.PerCell : new double[blocks.Cells]);
    }

    private static double[] Scale(double[] variance, double factor) => [.. variance.Select(b => b * factor)];

    /// <summary>The variance between windows of a part of a block, divided by that between blocks; at least 1.</summary>
    private static double SubBlockFactor(double single, double pairs, double part)
    {
        var (low, high) = (ShortestBlock, LongestBlock);
        for (var i = 0; i < BisectionSteps; i++)
        {
            var middle = Math.Sqrt(low * high);
            (low, high) = RemainingVariance(2 * middle) / RemainingVariance(middle) > pairs / single ? (middle, high) : (low, middle);
        }

        return RemainingVariance(part * low) / RemainingVariance(low);
    }

    /// <summary>
    /// The part of a variance that remains in means over x time constants of an exponential autocorrelation: 2 (x − 1 + e⁻ˣ)/x².
    /// </summary>
    private static double RemainingVariance(double x) => x < SeriesBelow ? 1 - (x / 3) : 2 * (x - 1 + Math.Exp(-x)) / (x * x);
}
