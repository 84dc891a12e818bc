using DriftMonitor.Divergence;

namespace DriftMonitor.Calibration;

/// <summary>Driftless windows of one length, learnt from a reference's blocks, for <see cref="BlockStream"/> to draw. Immutable.</summary>
/// <remarks>
/// <para>
/// Two stages, as hierarchical data are resampled (Davison and Hinkley, <i>Bootstrap Methods and Their Application</i>, 1997, 3.8): the
/// composition follows the reference's own blocks, in long stretches and in their order, which keeps autocorrelation, daily cycles and
/// bursts; about it the events of each pane are drawn anew, as many as the window has now.
/// </para>
/// <para>
/// How the composition goes is a <see cref="BlockPath"/>, with the variance b between windows that <see cref="FluctuationScale"/> finds; w
/// = V − b is the variance of single events about their block.
/// </para>
/// <para>
/// Events are drawn one-hot where they are (V = q (1 − q)). Soft outputs vary less, and together: their noise is drawn as the deviations of
/// random blocks, scaled to the pane's events, which keeps their covariance.
/// </para>
/// </remarks>
internal sealed class BlockModel
{
    private const double CountScatterRatio = 0.98;
    private const double LeastOneHotRatio = 0.9;
    private const int LeastNoiseUnits = 20;
    private const int LeastPathUnits = 64;
    private const double LeastUnitEvents = 30;
    private const int StretchFluctuations = 16;
    private const int SmoothingParts = 4;
    private const double LargestSubUnitFactor = 2;
    private const double SmoothingKeeps = 0.85; // of the variance

    private readonly double[] _between;
    private readonly double[] _cusumBetween;

    /// <param name="blocks">The blocks.</param>
    /// <param name="shares">q of each cell by all blocks.</param>
    /// <param name="variances">V of each cell: the variance of single events.</param>
    /// <param name="windowMs">The window's length.</param>
    /// <param name="paneMs">The pane's length that is drawn.</param>
    public BlockModel(BlockMatrix blocks, double[] shares, double[] variances, long windowMs, long paneMs)
    {
        var windowBlocks = (double)windowMs / blocks.BlockMs;
        var scale = FluctuationScale.Estimate(blocks, shares, variances, windowBlocks);
        var units = blocks.Merge(BlocksPerUnit(blocks, windowMs, paneMs));
        Shares = shares;
        UnitMs = Math.Min(units.BlockMs, windowMs); // of longer blocks nobody knows what happened within: each stands for a window
        Units = units.Count;
        UnitEvents = units.TotalEvents / Math.Max(1, units.Count);
        FluctuationTimeMs = scale.LastingBlocks * blocks.BlockMs;
        _between = scale.WindowVariance;
        Within = [.. variances.Zip(scale.WindowVariance, (v, b) => Math.Max(0, v - b))];
        StretchUnits = Math.Clamp((int)(StretchFluctuations * FluctuationTimeMs / UnitMs), 1, Units);

        (EventWeight, DrawsOneHot) = Scatter(Shares, variances, Units);

        var smoothed = Math.Max(1, (int)(FluctuationTimeMs / SmoothingParts / units.BlockMs));
        Path = scale.LastingBlocks > 0 ? PathOf(scale, windowMs, observedFactor: null) : null;
        var cusum = FluctuationScale.Estimate(blocks, shares, variances, windowBlocks / DriftCusum.Memories);
        CusumPath = cusum.LastingBlocks > 0
            ? PathOf(cusum, windowMs / DriftCusum.Memories, SubUnitFactor(cusum, windowMs / DriftCusum.Memories))
            : null;
        _cusumBetween = cusum.WindowVariance;
        Noise = DrawsOneHot ? [] : ScaledNoise(units);

        // Within a unit nobody knows what happened: the means over less than one are as much further off as those units' variances say.
        double SubUnitFactor(FluctuationScale at, double lengthMs) => lengthMs >= UnitMs
            ? 1
            : Math.Clamp(
                Math.Sqrt(RelativeSum(at.WindowVariance) / Math.Max(double.Epsilon, RelativeSum(BetweenBlockVariance.Estimate(units, shares, variances).PerCell))), 1,
                LargestSubUnitFactor);

        BlockPath PathOf(FluctuationScale at, double lengthMs, double? observedFactor)
        {
            // else bursts would be averaged away
            var isSlow = smoothed > 1
                && BetweenBlockVariance.Estimate(units.Merge(smoothed), shares, variances).Total >= SmoothingKeeps * RelativeSum(at.WindowVariance);
            double[] within = [.. variances.Zip(at.WindowVariance, (v, b) => Math.Max(0, v - b))];
            var events = blocks.TotalEvents * Math.Min(1, lengthMs / Math.Max(blocks.SpanMs, 1));
            return BlockPath.FromUnits(
                units, shares, within, at.WindowVariance, events, Math.Max(1, lengthMs / UnitMs), isSlow ? smoothed : 1, observedFactor);
        }
    }

    /// <summary>The model of a part of the traffic, whose composition fluctuates as that of all, class by class in proportion.</summary>
    private BlockModel(BlockModel all, double[] shares, ReadOnlySpan<double> variances)
    {
        (UnitMs, Units, FluctuationTimeMs, StretchUnits) = (all.UnitMs, all.Units, all.FluctuationTimeMs, all.StretchUnits);
        UnitEvents = all.UnitEvents;
        (Shares, Within, Noise) = (shares, new double[shares.Length], [.. all.Noise]);
        var (path, noise) = (new double[shares.Length], new double[shares.Length]);
        (_between, _cusumBetween) = ([.. all._between], [.. all._cusumBetween]);
        for (var k = 0; k < shares.Length; k++)
        {
            // never more than a share can move
            path[k] = all.Shares[k] is > 0 and < 1 and var share ? shares[k] * (1 - shares[k]) / (share * (1 - share)) : 0;
            _between[k] *= path[k] * path[k];
            _cusumBetween[k] *= path[k] * path[k];
            Within[k] = Math.Max(0, variances[k] - _between[k]);
            noise[k] = all.Within[k] > 0 ? Math.Sqrt(Within[k] / all.Within[k]) : 0;
        }

        (EventWeight, DrawsOneHot) = Scatter(Shares, variances, Units);
        (Path, CusumPath) = (all.Path?.Scale(path), all.CusumPath?.Scale(path));
        for (var i = 0; i < Noise.Length; i++)
        {
            Noise[i] *= noise[i % shares.Length];
        }

        DrawsOneHot |= Noise.Length == 0;
    }

    /// <summary>The model of a segment's events, with some mass in classes that they never showed.</summary>
    /// <param name="shares">The segment's q.</param>
    /// <param name="variances">The segment's V.</param>
    /// <param name="events">How many events it has.</param>
    public BlockModel ForSegment(ReadOnlySpan<double> shares, ReadOnlySpan<double> variances, double events)
    {
        var smoothed = shares.ToArray();
        var unseen = smoothed.Count(q => q == 0);
        var once = smoothed.Count(q => Math.Abs((q * events) - 1) < 0.5);
        if (DrawsOneHot && unseen > 0 && once > 0 && once < events)
        {
            var missing = once / events; // Good and Turing's estimate of the mass that was not seen
            for (var k = 0; k < smoothed.Length; k++)
            {
                smoothed[k] = smoothed[k] == 0 ? missing / unseen : smoothed[k] * (1 - missing);
            }
        }

        return new BlockModel(this, smoothed, variances);
    }

    /// <summary>q.</summary>
    public double[] Shares { get; }

    /// <summary>w: the variance of a single event's mass about its block's.</summary>
    public double[] Within { get; }

    /// <summary>Milliseconds in a unit of the path.</summary>
    public long UnitMs { get; }

    public int Units { get; }

    /// <summary>Events of a unit, on average.</summary>
    public double UnitEvents { get; }

    /// <summary>How long its fluctuations last, milliseconds.</summary>
    public long FluctuationTimeMs { get; }

    /// <summary>
    /// B of a <see cref="DriftCusum"/>: Σ b/q between windows, or a fifth of that between fifths of them where those differ more, as by a
    /// day's cycle in a window of a day.
    /// </summary>
    public double FluctuationVariance => Math.Max(RelativeSum(_between), RelativeSum(_cusumBetween) / DriftCusum.Memories);

    /// <summary>How many units are taken in a row.</summary>
    public int StretchUnits { get; }

    /// <summary>Whether events are drawn as counts of single cells.</summary>
    public bool DrawsOneHot { get; }

    /// <summary>Of how many events a draw stands for, since soft outputs scatter less: 1 for one-hot ones.</summary>
    public double EventWeight { get; }

    /// <summary>How the composition goes, for the means over a window to vary as they do; null when nothing fluctuates.</summary>
    public BlockPath? Path { get; }

    /// <summary>Likewise for what a <see cref="DriftCusum"/> remembers: a day's cycle is nothing to a day's window, much to that.</summary>
    public BlockPath? CusumPath { get; }

    /// <summary>√n_u (c_u − q) of each unit and cell, scaled to the variance w; empty when events are one-hot.</summary>
    public double[] Noise { get; }

    /// <summary>A unit has events enough for a composition, at blocksOfQuarterWindow a quarter window; short ones merge to panes if many are left.</summary>
    private static int BlocksPerUnit(BlockMatrix blocks, long windowMs, long paneMs)
    {
        var blocksOfQuarterWindow = Math.Max(1, windowMs / 4 / blocks.BlockMs);
        var blocksForEvents = (long)Math.Ceiling(LeastUnitEvents * blocks.Count / Math.Max(1, blocks.TotalEvents));
        var blocksForPane = Math.Min(paneMs / blocks.BlockMs, blocks.Count / LeastPathUnits);
        return (int)Math.Clamp(Math.Max(Math.Min(blocksForEvents, blocksOfQuarterWindow), blocksForPane), 1, Math.Max(1, blocks.Count));
    }

    /// <summary>How much less than one-hot events those of the model scatter, and whether they are drawn as one-hot.</summary>
    private static (double EventWeight, bool DrawsOneHot) Scatter(double[] shares, ReadOnlySpan<double> variances, int units)
    {
        var (scatter, oneHot) = (0.0, 0.0);
        for (var k = 0; k < shares.Length; k++)
        {
            if (shares[k] > 0 && variances[k] > 0)
            {
                scatter += variances[k] / shares[k];
                oneHot += 1 - shares[k];
            }
        }

        var ratio = oneHot > 0 ? scatter / oneHot : 1;
        return (ratio > CountScatterRatio ? 1 : Math.Max(1e-6, ratio), ratio > LeastOneHotRatio || units < LeastNoiseUnits);
    }

    private double RelativeSum(double[] between) => Shares.Zip(between, (share, b) => share > 0 ? b / share : 0).Sum();

    private double[] ScaledNoise(BlockMatrix units)
    {
        var noise = new double[units.Count * units.Cells];
        var spread = new double[units.Cells];
        for (var u = 0; u < units.Count; u++)
        {
            var root = Math.Sqrt(units.Events[u]);
            var mass = units.Mass(u);
            for (var k = 0; k < units.Cells; k++)
            {
                var deviation = root * ((mass[k] / units.Events[u]) - Shares[k]);
                noise[(u * units.Cells) + k] = deviation;
                spread[k] += deviation * deviation / units.Count;
            }
        }

        for (var i = 0; i < noise.Length; i++)
        {
            var k = i % units.Cells;
            noise[i] *= spread[k] > 0 ? Math.Sqrt(Within[k] / spread[k]) : 0;
        }

        return noise;
    }
}
