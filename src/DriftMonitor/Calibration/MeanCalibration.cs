using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>
/// The threshold of a value's mean (cross-entropy, error ratio, policy KL) that keeps a budget of false alarms, simulated from its
/// baseline.
/// </summary>
/// <remarks>
/// As <see cref="DriftCalibration"/>, with the bins of the value as its classes, whose highest are a <see cref="ValueTail"/>, and a path of
/// the mean along which they move. Only a mean above the reference's is worth an alarm. The unit is the value's: nats, but a ratio for
/// errors. Safe for concurrent use. Each result is kept.
/// </remarks>
public sealed class MeanCalibration
{
    /// <summary>Events that a baseline needs for its mean; chosen: its mean is then known to a tenth of the values' deviation.</summary>
    private const double EnoughEvents = 100;

    private readonly BlockMatrix _means; // of two cells: the least value and the greatest
    private readonly double[] _values;
    private readonly double[] _shares;
    private readonly double[] _direction;
    private readonly double _least;
    private readonly double _range;
    private readonly double _variance; // of a single value, in its unit squared
    private readonly CalibratedWindows _windows;
    private readonly PartScale _parts;
    private readonly double _mean;
    private readonly bool _isRatio;

    /// <param name="baseline">The values of the reference, at least one.</param>
    /// <param name="kept">Where results are looked up first and added to; null for nowhere.</param>
    public MeanCalibration(ValueBaseline baseline, KeptCalibrations? kept = null)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        _means = BlockMatrix.FromMeans(baseline);
        double[] values = [.. baseline.BinMeans];
        double[] shares =
        [
            .. Enumerable.Range(0, values.Length).Select(
                bin => baseline.Blocks.Sum(block => block.Counts[bin]) / (double)baseline.Events),
        ];
        _mean = TensorPrimitives.Dot<double>(shares, values);
        _isRatio = values is [0, 1]; // bins of 0 and 1 are those of errors
        _variance = shares.Zip(values, (share, value) => share * (value - _mean) * (value - _mean)).Sum();
        (_least, _range) = (values.Min(), values.Max() - values.Min());
        (_values, _shares) = ValueTail.Of(values, shares, baseline.Events);
        _direction = Direction(_values, _shares, _range);

        // Parts are scaled by variances, in the value's unit squared. Levels at nearby counts scale as standard deviations, in any unit.
        _parts = new PartScale(events => _variance * Noise(events), FluctuationVariance);
        _windows = new CalibratedWindows(ContentId(baseline), Simulate, events => Math.Sqrt(Noise(events)), _parts, kept);

        double Noise(double events) => (1 / events) + (1.0 / baseline.Events);
    }

    /// <summary>
    /// The threshold at a window's present count, by the nearest calibrated one; false if none is calibrated. Never slow.
    /// </summary>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events its mean is over.</param>
    /// <param name="budget">The window's own share of the budget.</param>
    /// <param name="nats">The threshold of the mean, in the value's unit (nats, or a ratio of errors).</param>
    public bool TryThreshold(WindowSpec window, long events, FalseAlarmBudget budget, out double nats)
    {
        ArgumentNullException.ThrowIfNull(window);
        var known = _windows.Known(window, events);
        nats = Possible(_mean + (known?.Level(0, budget.PerMs) ?? 0), events, budget, window.LengthMs);
        return known is not null;
    }

    /// <summary>
    /// The threshold of what is left of a window when some of its panes do not count; false if it is not known. Never slow.
    /// </summary>
    /// <remarks>
    /// By <see cref="PartScale"/>, as <see cref="DriftCalibration.TryThresholdsOfPart"/>: as many standard deviations above the reference's
    /// mean as the threshold of a similar window.
    /// </remarks>
    internal bool TryThresholdOfPart(
        WindowSpec window, long events, long leftMs, ImmutableArray<WindowSpec> windows, FalseAlarmBudget budget, out double nats)
    {
        foreach (var (like, likeEvents, varianceRatio) in _parts.SimilarWindows(window, events, leftMs, windows))
        {
            if (TryThreshold(like, likeEvents, budget, out var whole))
            {
                nats = Possible(_mean + (Math.Sqrt(varianceRatio) * (whole - _mean)), events, budget, leftMs);
                return true;
            }
        }

        nats = default;
        return false;
    }

    /// <inheritdoc cref="DriftCalibration.TryMarkReported"/>
    internal bool TryMarkReported(WindowSpec window, long events) =>
        _windows.TryMarkReported(window.LengthMs, _windows.UpdateLog2Events(window.LengthMs, events));

    /// <inheritdoc cref="DriftCalibration.IsPrepared"/>
    public bool IsPrepared(WindowSpec window, long events) => _windows.Has(window, events);

    /// <summary>Calibrates what the threshold at about so many events needs. Slow; results are kept.</summary>
    public void Prepare(WindowSpec window, long events) => _windows.Prepare(window, events);

    /// <summary>The threshold of the mean at a count of events, in the value's unit; calibrated now if it is not yet.</summary>
    public double Threshold(WindowSpec window, long events, FalseAlarmBudget budget) =>
        Possible(_mean + _windows.At(window, events).Level(0, budget.PerMs), events, budget, window.LengthMs);

    /// <inheritdoc cref="DriftCalibration.Shortfalls"/>
    public ImmutableArray<Shortfall> Shortfalls(WindowSpec window, long events = 0)
    {
        ArgumentNullException.ThrowIfNull(window);
        var ofAny = _windows.Shortfalls(
            window.LengthMs,
            lengthMs => Shortfall.Find(_means, Model(window, lengthMs), window, _means.TotalEvents, EnoughEvents, classes: 2));
        return events == 0 ? ofAny : Shortfall.ForCount(ofAny, _means.TotalEvents, _windows.UpdateLog2Events(window.LengthMs, events));
    }

    /// <inheritdoc cref="DriftCalibration.KnownShortfalls"/>
    internal ImmutableArray<Shortfall>? KnownShortfalls(WindowSpec window, long events) =>
        _windows.KnownShortfalls(window.LengthMs) is { } known
            ? Shortfall.ForCount(known, _means.TotalEvents, _windows.UpdateLog2Events(window.LengthMs, events))
            : null;

    /// <inheritdoc cref="DriftCalibration.Keys"/>
    internal IEnumerable<string> Keys => _windows.Keys;

    /// <summary>
    /// No ratio is above 1. And where single values, one like the other, are all errors in more windows than the budget allows, that is no
    /// alarm: of a tail that ends there the fit may say a little less.
    /// </summary>
    private double Possible(double level, long events, FalseAlarmBudget budget, long lengthMs) =>
        _isRatio && (level > 1 || Math.Pow(_mean, events) > budget.PerMs * lengthMs) ? 1 : level;

    private static string ContentId(ValueBaseline baseline)
    {
        using var hash = new ContentHash();
        hash.Add("mean\0");
        hash.Add(KeptCalibrations.Algorithm);
        hash.Add(baseline);
        return hash.Text(bytes: 16);
    }

    private BlockModel Model(WindowSpec window, long paneMs)
    {
        var (shares, variances) = OfMeans();
        return new BlockModel(_means, shares, variances, window.LengthMs, paneMs).OfValues(_shares, _direction);
    }

    /// <summary>The variance of means between windows of a length by the traffic itself, in the value's unit squared.</summary>
    private double FluctuationVariance(long lengthMs)
    {
        if (_range <= 0)
        {
            return 0;
        }

        var (shares, variances) = OfMeans();
        return _range * _range
            * FluctuationScale.Estimate(_means, shares, variances, (double)lengthMs / _means.BlockMs).WindowVariance[1];
    }

    /// <summary>The shares of the two cells of <see cref="BlockMatrix.FromMeans"/>, and the variance of a single event in either.</summary>
    private (double[] Shares, double[] Variances) OfMeans()
    {
        var (second, either) = _range > 0 ? ((_mean - _least) / _range, _variance / (_range * _range)) : (0, 0);
        return ([1 - second, second], [either, either]);
    }

    /// <summary>By how much each bin's share moves where the mean moves by the whole range: the higher its rank, the more.</summary>
    /// <remarks>By rank, so that a few values far out do not move alone.</remarks>
    private static double[] Direction(double[] values, double[] shares, double range)
    {
        var (below, direction) = (0.0, new double[values.Length]);
        foreach (var bin in Enumerable.Range(0, values.Length).OrderBy(bin => values[bin]))
        {
            direction[bin] = shares[bin] * (below + (shares[bin] / 2) - 0.5);
            below += shares[bin];
        }

        var moves = TensorPrimitives.Dot<double>(direction, values);
        TensorPrimitives.Multiply(direction, moves > 0 ? range / moves : 0, direction);
        return direction;
    }

    private CalibratedWindow Simulate(WindowSpec window, double events, int seed)
    {
        var parts = _parts.Prepare(window);
        var panes = Math.Min(window.Panes, WindowPanes.MostStretches);
        var tails = DriftlessSimulation.Run(
            Model(window, window.LengthMs / panes), new MeanMeasure(_values), window.LengthMs, panes, events, _means.TotalEvents, seed);
        return new CalibratedWindow(tails, parts, Shortfalls(window));
    }
}
