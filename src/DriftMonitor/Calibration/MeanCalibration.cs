using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>
/// The threshold of a value's mean (cross-entropy, error ratio, policy KL) that keeps a budget of false alarms, simulated from its
/// baseline.
/// </summary>
/// <remarks>
/// As <see cref="DriftCalibration"/>, with the bins of the value as its classes. Only a mean above the reference's is worth an alarm. The
/// unit is the value's: nats, but a ratio for errors. Safe for concurrent use. Each result is kept.
/// </remarks>
public sealed class MeanCalibration
{
    /// <summary>Events that a baseline needs for its mean; chosen: its mean is then known to a tenth of the values' deviation.</summary>
    private const double EnoughEvents = 100;

    private readonly BlockMatrix _blocks;
    private readonly double[] _values;
    private readonly double[] _shares;
    private readonly CalibratedWindows _windows;
    private readonly PartScale _parts;
    private readonly double _mean;
    private readonly double _largestMean;

    /// <param name="baseline">The values of the reference, at least one.</param>
    /// <param name="kept">Where results are looked up first and added to; null for nowhere.</param>
    public MeanCalibration(ValueBaseline baseline, KeptCalibrations? kept = null)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        _blocks = BlockMatrix.FromBins(baseline);
        _values = [.. baseline.BinMeans];
        _shares = [
            .. Enumerable.Range(0, _values.Length).Select(
                bin => baseline.Blocks.Sum(block => block.Counts[bin]) / (double)baseline.Events)];
        _mean = _shares.Zip(_values, (share, value) => share * value).Sum();
        _largestMean = _values is [0, 1] ? 1 : double.PositiveInfinity; // bins of 0 and 1 are those of errors: a ratio
        var variance = _shares.Zip(_values, (share, value) => share * (value - _mean) * (value - _mean)).Sum();

        // Parts are scaled by variances, in the value's unit squared. Levels at nearby counts scale as standard deviations, in any unit.
        _parts = new PartScale(
            events => variance * Noise(events), length => FluctuationVariance(BlockMatrix.FromMeans(baseline), variance, length));
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
        nats = Math.Min(_largestMean, _mean + (known?.Level(0, budget.PerMs) ?? 0));
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
                nats = Math.Min(_largestMean, _mean + (Math.Sqrt(varianceRatio) * (whole - _mean)));
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
        Math.Min(_largestMean, _mean + _windows.At(window, events).Level(0, budget.PerMs));

    /// <inheritdoc cref="DriftCalibration.Shortfalls"/>
    public ImmutableArray<Shortfall> Shortfalls(WindowSpec window, long events = 0)
    {
        ArgumentNullException.ThrowIfNull(window);
        var ofAny = _windows.Shortfalls(
            window.LengthMs,
            lengthMs => Shortfall.Find(
                _blocks, Model(window, lengthMs), window, _blocks.TotalEvents, EnoughEvents, _shares.Count(share => share > 0)));
        return events == 0 ? ofAny : Shortfall.ForCount(ofAny, _blocks.TotalEvents, _windows.UpdateLog2Events(window.LengthMs, events));
    }

    /// <inheritdoc cref="DriftCalibration.KnownShortfalls"/>
    internal ImmutableArray<Shortfall>? KnownShortfalls(WindowSpec window, long events) =>
        _windows.KnownShortfalls(window.LengthMs) is { } known
            ? Shortfall.ForCount(known, _blocks.TotalEvents, _windows.UpdateLog2Events(window.LengthMs, events))
            : null;

    /// <inheritdoc cref="DriftCalibration.Keys"/>
    internal IEnumerable<string> Keys => _windows.Keys;

    private static string ContentId(ValueBaseline baseline)
    {
        using var hash = new ContentHash();
        hash.Add("mean\0");
        hash.Add(KeptCalibrations.Algorithm);
        hash.Add(baseline);
        return hash.Text(bytes: 16);
    }

    private BlockModel Model(WindowSpec window, long paneMs) =>
        new(_blocks, _shares, [.. _shares.Select(share => share * (1 - share))], window.LengthMs, paneMs);

    /// <summary>The variance of means between windows of a length by the traffic itself, in the value's unit squared.</summary>
    private double FluctuationVariance(BlockMatrix means, double variance, long lengthMs)
    {
        var range = _values.Max() - _values.Min();
        if (range <= 0)
        {
            return 0;
        }

        var second = (_mean - _values.Min()) / range;
        var ofEither = variance / (range * range);
        return range * range
            * FluctuationScale.Estimate(means, [1 - second, second], [ofEither, ofEither], (double)lengthMs / means.BlockMs)
                .WindowVariance[1];
    }

    private CalibratedWindow Simulate(WindowSpec window, double events, int seed)
    {
        var parts = _parts.Prepare(window);
        var panes = Math.Min(window.Panes, WindowPanes.MostStretches);
        var tails = DriftlessSimulation.Run(
            Model(window, window.LengthMs / panes), new MeanMeasure(_values), window.LengthMs, panes, events, _blocks.TotalEvents, seed);
        return new CalibratedWindow(tails, parts, Shortfalls(window));
    }
}
