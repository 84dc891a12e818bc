using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>What a value's mean (cross-entropy, policy KL) shows over windows of any length and count while nothing has worsened.</summary>
/// <remarks>
/// As <see cref="DriftCalibration"/>, the bins of the value as its classes. Only a mean above the reference's is worth an alarm. Safe for
/// concurrent use. What was worked out once is kept.
/// </remarks>
public sealed class MeanCalibration
{
    private const double EnoughEvents = 100;

    private readonly BlockMatrix _blocks;
    private readonly double[] _values;
    private readonly double[] _shares;
    private readonly TailsByCount _tails;
    private readonly double _mean;

    /// <param name="baseline">The values of the reference, at least one.</param>
    /// <param name="name">What they are of, such as the reference's id: equal ones give equal thresholds.</param>
    public MeanCalibration(ValueBaseline baseline, string name = "")
    {
        ArgumentNullException.ThrowIfNull(baseline);
        _blocks = BlockMatrix.Of(baseline);
        _values = [.. baseline.BinMeans];
        _shares = [
            .. Enumerable.Range(0, _values.Length).Select(
                bin => baseline.Blocks.Sum(block => block.Counts[bin]) / (double)baseline.Events)];
        _mean = _shares.Zip(_values, (share, value) => share * value).Sum();
        _tails = new TailsByCount(name, Simulate, events => Math.Sqrt((1 / events) + (1.0 / baseline.Events)));
    }

    /// <summary>The threshold at a window's present count, when it has been worked out; never slow.</summary>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events its mean is over.</param>
    /// <param name="budget">The window's own share of how often it may be wrong.</param>
    /// <param name="nats">The threshold of the mean.</param>
    public bool TryThreshold(WindowSpec window, long events, FalseAlarmBudget budget, out double nats)
    {
        ArgumentNullException.ThrowIfNull(window);
        var known = _tails.Known(window, events);
        nats = _mean + (known?.Of(0, budget.PerMs) ?? 0);
        return known is not null;
    }

    /// <inheritdoc cref="DriftCalibration.IsPrepared"/>
    public bool IsPrepared(WindowSpec window, long events) => _tails.Has(window, events);

    /// <summary>Works out what the threshold at about so many events needs: slow, and kept.</summary>
    public void Prepare(WindowSpec window, long events) => _tails.Prepare(window, events);

    /// <summary>The threshold of the mean at a count of events, worked out now when it has not been before. Nats.</summary>
    public double Threshold(WindowSpec window, long events, FalseAlarmBudget budget) =>
        _mean + _tails.At(window, events).Of(0, budget.PerMs);

    /// <summary>What the baseline has too little of to keep a budget over such a window; none when it has enough.</summary>
    public ImmutableArray<Shortfall> Shortfalls(WindowSpec window) =>
        Shortfall.Of(_blocks, Model(window, window.LengthMs), window, _blocks.TotalEvents, EnoughEvents, _shares.Count(share => share > 0));

    private BlockModel Model(WindowSpec window, long paneMs) =>
        new(_blocks, _shares, [.. _shares.Select(share => share * (1 - share))], window.LengthMs, paneMs);

    private NullTail Simulate(WindowSpec window, double events, int seed)
    {
        var panes = Math.Min(window.Panes, WindowPanes.MostStretches);
        return NullSimulation.Run(
            Model(window, window.LengthMs / panes), new MeanMeasure(_values), window.LengthMs, panes, events, _blocks.TotalEvents, seed);
    }
}
