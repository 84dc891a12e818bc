using DriftMonitor.References;

namespace DriftMonitor.Calibration;

/// <summary>How a model's budget of false alarms is divided over all that may raise one: each part goes to a single window.</summary>
/// <remarks>
/// Evenly over the measures that the budget is for and that the reference can calibrate. Of drift, half goes to all traffic and half,
/// evenly, to the reference's other segments; then evenly over the windows, whose two directions and CUSUM share one part. Labels and
/// policies have a baseline of all traffic only: their measure is divided over the windows, and then over the two attributions or the
/// estimates. All parts together are the budget.
/// </remarks>
public sealed record BudgetShare
{
    private const int Attributions = 2;

    private readonly double _ofMeasure;
    private readonly int _otherSegments;
    private readonly int _estimates;

    /// <param name="reference">The model's reference.</param>
    /// <param name="windows">How many windows each series has, at least 1.</param>
    /// <param name="drift">Whether the budget is for drift.</param>
    /// <param name="crossEntropy">Whether it is for cross-entropy.</param>
    /// <param name="policy">Whether it is for policy KL.</param>
    public BudgetShare(ReferenceSnapshot reference, int windows, bool drift = true, bool crossEntropy = true, bool policy = true)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfLessThan(windows, 1);
        var measures = (drift ? 1 : 0) + (
            crossEntropy && reference.Losses is not null ? 1 : 0) + (policy && reference.Policies.Count > 0 ? 1 : 0);
        _ofMeasure = 1.0 / Math.Max(1, measures) / windows;
        _otherSegments = reference.Segments.Count - 1;
        _estimates = reference.Policies.Count;
    }

    /// <summary>The part of one window's labels, by one attribution.</summary>
    public double OfCrossEntropy => _ofMeasure / Attributions;

    /// <summary>The part of one estimate of policy KL over one window; of no use without any.</summary>
    public double OfPolicy => _ofMeasure / Math.Max(1, _estimates);

    /// <summary>The part of one window's drift, both directions and the CUSUM together.</summary>
    /// <param name="segment">One of the reference's segments.</param>
    public double OfDrift(string segment) =>
        _otherSegments == 0 ? _ofMeasure : segment == SeriesKey.All ? _ofMeasure / 2 : _ofMeasure / 2 / _otherSegments;
}
