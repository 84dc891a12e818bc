using DriftMonitor.Divergence;

namespace DriftMonitor.Calibration;

/// <summary>
/// A model of driftless windows of one length, learnt from a reference's blocks; <see cref="BlockStream"/> draws from it.
/// </summary>
/// <remarks>
/// <para>
/// Two stages, as hierarchical data are resampled (Davison and Hinkley, <i>Bootstrap Methods and Their Application</i>, 1997, 3.8). The
/// composition follows the reference's own units in long stretches, which keeps autocorrelation, daily cycles and bursts
/// (<see cref="BlockPath"/>). Around it the events of each pane are drawn anew, as many as the window has now.
/// </para>
/// <para>
/// A unit is a merged block. b is the variance of the composition between windows, from <see cref="FluctuationScale"/>; V is the variance
/// of single events; w = V − b that of single events around their block's composition. There are two paths, and so two b and two w: for
/// means over a window, and for means over the fifth of a window that a CUSUM remembers.
/// </para>
/// <para>
/// Events are drawn as counts if they are one-hot (V = q (1 − q)), or nearly so, or if the reference has few units. Other soft outputs vary
/// less than counts, and together: their noise is drawn as the deviations of random units, scaled to the pane's events, which keeps their
/// covariance. Immutable.
/// </para>
/// </remarks>
internal sealed class BlockModel
{
    /// <summary>Scatter relative to one-hot events above which an event is one draw; chosen.</summary>
    private const double CountScatterRatio = 0.98;

    /// <summary>Scatter relative to one-hot events above which soft outputs are drawn as counts; chosen.</summary>
    private const double LeastOneHotRatio = 0.9;

    /// <summary>The least scatter relative to one-hot events: bounds the draws of a pane to a million for each event.</summary>
    private const double LeastEventWeight = 1e-6;

    /// <summary>Units below which soft outputs are drawn as counts, for want of deviations to draw from; chosen.</summary>
    private const int LeastNoiseUnits = 20;

    /// <summary>Units that must be left for blocks to be merged to whole panes; chosen.</summary>
    private const int LeastPathUnits = 64;

    /// <summary>Events that a unit has on average, so that it has a composition; chosen, see the sweep.</summary>
    private const double LeastUnitEvents = 30;

    /// <summary>
    /// Units that fit into a window at least, even if they have fewer events: the path needs steps within a window; chosen.
    /// </summary>
    private const int LeastUnitsPerWindow = 4;

    /// <summary>The length of a stretch of the path, in fluctuation times; chosen, see the sweep.</summary>
    private const int StretchFluctuations = 16;

    /// <summary>A slow path is averaged over a fluctuation time divided by this; chosen.</summary>
    private const int SmoothingParts = 4;

    /// <summary>
    /// The part of b that must be left between averages for a path to be averaged; chosen so that bursts are not averaged away.
    /// </summary>
    private const double SmoothingKeeps = 0.85;

    /// <summary>The most by which deviations of units are enlarged for a memory shorter than a unit; chosen.</summary>
    private const double LargestSubUnitFactor = 2;

    /// <summary>A class was seen once if its events (q m) are this close to 1: events are counts, so this only absorbs rounding.</summary>
    private const double SeenOnceWithin = 0.5;

    private readonly double[] _between; // b of each cell between windows
    private readonly double[] _cusumBetween; // b of each cell between what a CUSUM remembers of windows

    /// <summary>The model of all traffic.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="shares">q of each cell, from all blocks.</param>
    /// <param name="variances">V of each cell: the variance of single events.</param>
    /// <param name="windowMs">The window's length.</param>
    /// <param name="paneMs">The length of the panes that are drawn; the fluctuations do not depend on it.</param>
    public BlockModel(BlockMatrix blocks, double[] shares, double[] variances, long windowMs, long paneMs)
    {
        var windowBlocks = (double)windowMs / blocks.BlockMs;
        var scale = FluctuationScale.Estimate(blocks, shares, variances, windowBlocks);
        var units = blocks.Merge(BlocksPerUnit(blocks, windowMs, paneMs));
        Shares = shares;
        UnitMs = Math.Min(units.BlockMs, windowMs); // nothing is known of what happened within a longer block: it stands for a window
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

        // By how much deviations of units are enlarged for means over less than a unit: by the root of the ratio of their variances.
        double SubUnitFactor(FluctuationScale at, double lengthMs) => lengthMs >= UnitMs
            ? 1
            : Math.Clamp(Math.Sqrt(RelativeSum(at.WindowVariance) / Math.Max(double.Epsilon, OfUnits())), 1, LargestSubUnitFactor);

        double OfUnits() => RelativeSum(BetweenBlockVariance.Estimate(units, shares, variances).PerCell);

        BlockPath PathOf(FluctuationScale at, double lengthMs, double? observedFactor)
        {
            // Averaged only if the averages still vary by most of b. Bursts would be averaged away.
            var isSlow = smoothed > 1
                && BetweenBlockVariance.Estimate(units.Merge(smoothed), shares, variances).Total
                    >= SmoothingKeeps * RelativeSum(at.WindowVariance);
            double[] within = [.. variances.Zip(at.WindowVariance, (v, b) => Math.Max(0, v - b))];
            var events = blocks.TotalEvents * Math.Min(1, lengthMs / Math.Max(blocks.SpanMs, 1));
            return BlockPath.FromUnits(
                units, shares, within, at.WindowVariance, events, Math.Max(1, lengthMs / UnitMs), isSlow ? smoothed : 1, observedFactor);
        }
    }

    /// <summary>
    /// The model of a segment: its composition is taken to fluctuate as that of all traffic, class by class in proportion to q (1 − q).
    /// </summary>
    private BlockModel(BlockModel all, double[] shares, ReadOnlySpan<double> variances, double largestShare, int[] rareCells)
    {
        (UnitMs, Units, FluctuationTimeMs, StretchUnits) = (all.UnitMs, all.Units, all.FluctuationTimeMs, all.StretchUnits);
        UnitEvents = all.UnitEvents;
        (Shares, Within, Noise) = (shares, new double[shares.Length], [.. all.Noise]);
        var (path, noise) = (new double[shares.Length], new double[shares.Length]);
        (_between, _cusumBetween) = ([.. all._between], [.. all._cusumBetween]);
        for (var k = 0; k < shares.Length; k++)
        {
            // in proportion to q (1 − q), so that no share leaves 0 to 1 (of C choices: to 1/C)
            path[k] = all.Shares[k] > 0 && all.Shares[k] < largestShare
                ? shares[k] * (largestShare - shares[k]) / (all.Shares[k] * (largestShare - all.Shares[k]))
                : 0;
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
        (LargestShare, RareCells) = (largestShare, DrawsOneHot ? [] : rareCells);
    }

    /// <summary>The model of values whose mean goes as the second of two cells does.</summary>
    private BlockModel(BlockModel means, double[] shares, double[] direction)
    {
        (UnitMs, Units, FluctuationTimeMs, StretchUnits) = (means.UnitMs, means.Units, means.FluctuationTimeMs, means.StretchUnits);
        (UnitEvents, EventWeight, DrawsOneHot) = (means.UnitEvents, 1, true);
        (Shares, Within, Noise, _between, _cusumBetween) = (shares, [], [], [], []);
        (Path, CusumPath, DrawsValues) = (means.Path?.Along(direction), means.CusumPath?.Along(direction), true);
    }

    /// <summary>The model of single values, by bins, of a model of their means (<see cref="BlockMatrix.FromMeans"/>).</summary>
    /// <remarks>
    /// Bins are many, and what a unit's few events show of each is mostly noise: of a path over bins hardly anything is left in the mean.
    /// So the mean has a path of its own, and the bins move with it. Source: labels that wander in <c>detection hard</c>.
    /// </remarks>
    /// <param name="shares">q of each bin.</param>
    /// <param name="direction">By how much each bin's share moves where that of the second cell moves by 1.</param>
    public BlockModel OfValues(double[] shares, double[] direction) => new(this, shares, direction);

    /// <summary>
    /// The model of a segment, also of <c>_all</c>, with some mass in classes that its events never showed if they are counts.
    /// </summary>
    /// <remarks>
    /// The mass of unseen classes is Good and Turing's estimate: the share of events whose class was seen once. It is divided evenly over
    /// all unseen classes, whose V stays 0. (<see cref="Divergence.NoiseFloor"/> gives the same mass to as many classes as Chao expects.) A
    /// model of means is not one of a segment and gives unseen bins nothing.
    /// </remarks>
    /// <param name="shares">The segment's q.</param>
    /// <param name="variances">The segment's V.</param>
    /// <param name="events">The segment's events, m.</param>
    /// <param name="largestShare">The most that a cell can have: 1, or 1/C where an output makes C choices.</param>
    public BlockModel ForSegment(ReadOnlySpan<double> shares, ReadOnlySpan<double> variances, double events, double largestShare = 1)
    {
        var smoothed = shares.ToArray();
        var unseen = smoothed.Count(q => q == 0);
        var counts = events / largestShare; // of C choices an event counts C times
        var once = smoothed.Count(q => Math.Abs((q * counts) - 1) < SeenOnceWithin);
        if ((DrawsOneHot || AreCounts(smoothed, variances, largestShare)) && unseen > 0 && once > 0 && once < counts)
        {
            var missing = once / counts;
            for (var k = 0; k < smoothed.Length; k++)
            {
                smoothed[k] = smoothed[k] == 0 ? missing / unseen : smoothed[k] * (1 - missing);
            }
        }

        var original = shares.ToArray();
        int[] rare = [.. Enumerable.Range(0, smoothed.Length).Where(k => original[k] == 0 && smoothed[k] > 0)];
        return new BlockModel(this, smoothed, variances, largestShare, rare);
    }

    /// <summary>q of each cell, from all blocks or of the segment.</summary>
    public double[] Shares { get; }

    /// <summary>w of each cell: the variance of single events around the composition of their window.</summary>
    public double[] Within { get; }

    /// <summary>Milliseconds in a unit of the path.</summary>
    public long UnitMs { get; }

    /// <summary>How many units the reference has.</summary>
    public int Units { get; }

    /// <summary>Events of a unit of all traffic, on average.</summary>
    public double UnitEvents { get; }

    /// <summary>How long fluctuations of the composition last, milliseconds; 0 if there are none.</summary>
    public long FluctuationTimeMs { get; }

    /// <summary>
    /// B of a <see cref="DriftCusum"/>, without unit: Σ b/q between windows. Or a fifth of Σ b/q between fifths of windows, if that is
    /// more, as under a daily cycle in a window of a day.
    /// </summary>
    public double FluctuationVariance => Math.Max(RelativeSum(_between), RelativeSum(_cusumBetween) / DriftCusum.Memories);

    /// <summary>How many units are drawn in a row before the stream jumps.</summary>
    public int StretchUnits { get; }

    /// <summary>Whether events are drawn as counts of single cells; else as <see cref="Noise"/>.</summary>
    public bool DrawsOneHot { get; }

    /// <summary>Whether cells are bins of a value, of which only the mean counts.</summary>
    public bool DrawsValues { get; }

    /// <summary>
    /// The scatter of an event relative to a one-hot event, at most 1. Where events are drawn as counts, a draw is worth so many events, so
    /// there are more draws than events.
    /// </summary>
    public double EventWeight { get; }

    /// <summary>The composition over time, such that means over a window vary by b; null if nothing fluctuates.</summary>
    public BlockPath? Path { get; }

    /// <summary>
    /// The same for means over what a <see cref="DriftCusum"/> remembers, a fifth of the window: a daily cycle is nothing to a window of a
    /// day, and much to a fifth of it. Null exactly if <see cref="Path"/> is: whether anything fluctuates does not depend on the window.
    /// </summary>
    public BlockPath? CusumPath { get; }

    /// <summary>The most that a cell has of an event: 1, or 1/C where it makes C choices.</summary>
    public double LargestShare { get; } = 1;

    /// <summary>Cells that the reference's events never showed but have some mass, where events are drawn as <see cref="Noise"/>.</summary>
    public int[] RareCells { get; } = [];

    /// <summary>√n_u (c_u − q) of each unit and cell, scaled to the variance w; empty if events are drawn as counts.</summary>
    public double[] Noise { get; }

    /// <summary>How many blocks make a unit.</summary>
    /// <remarks>
    /// Enough for <see cref="LeastUnitEvents"/>, but not more than a quarter of a window. And at least as many as make a pane, which may be
    /// more than that, as long as <see cref="LeastPathUnits"/> are left.
    /// </remarks>
    private static int BlocksPerUnit(BlockMatrix blocks, long windowMs, long paneMs)
    {
        var blocksOfQuarterWindow = Math.Max(1, windowMs / LeastUnitsPerWindow / blocks.BlockMs);
        var blocksForEvents = (long)Math.Ceiling(LeastUnitEvents * blocks.Count / Math.Max(1, blocks.TotalEvents));
        var blocksForPane = Math.Min(paneMs / blocks.BlockMs, blocks.Count / LeastPathUnits);
        var wanted = Math.Max(Math.Min(blocksForEvents, blocksOfQuarterWindow), blocksForPane);
        return (int)Math.Clamp(wanted, 1, Math.Max(1, blocks.Count));
    }

    /// <summary>The scatter of events relative to one-hot events (Σ V/q to Σ (1 − q)), and whether they are drawn as counts.</summary>
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
        return (ratio > CountScatterRatio ? 1 : Math.Max(LeastEventWeight, ratio), ratio > LeastOneHotRatio || units < LeastNoiseUnits);
    }

    /// <summary>Whether each cell is all or nothing of its largest share: V = q (1/C − q), nearly.</summary>
    private static bool AreCounts(double[] shares, ReadOnlySpan<double> variances, double largestShare)
    {
        var (scatter, ofCounts) = (0.0, 0.0);
        for (var k = 0; k < shares.Length; k++)
        {
            scatter += shares[k] > 0 ? variances[k] / shares[k] : 0;
            ofCounts += shares[k] > 0 ? largestShare - shares[k] : 0;
        }

        return scatter > CountScatterRatio * ofCounts;
    }

    /// <summary>Σ b/q.</summary>
    private double RelativeSum(double[] between) => Shares.Zip(between, (share, b) => share > 0 ? b / share : 0).Sum();

    /// <summary>Deviations of the units from q, each cell scaled to the variance w of one event.</summary>
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
