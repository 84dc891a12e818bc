using DriftMonitor.References;

namespace DriftMonitor.Calibration;

/// <summary>How a model's budget of false alarms is divided over all that may raise one: each part goes to a single window.</summary>
/// <remarks>
/// Evenly over drift, labels, policies and dispersion, as far as the budget is for them and the reference can calibrate them. Of drift,
/// half goes to all traffic and half, evenly, to the reference's other segments; then evenly over the windows, whose two directions and
/// CUSUM share one part. The others have a baseline of all traffic only: their part is divided over the windows, and then over what labels
/// are measured by (cross-entropy and accuracy, each by the labels' own time, which alone decides), over the estimates of policies, or over
/// a rise and a fall of the entropy. All parts together are the budget. Segments that are compared with the rest of live traffic are one
/// more part, divided evenly over them and the windows.
/// </remarks>
public sealed record BudgetShare
{
    private const int Directions = 2;

    private readonly double _ofPart;
    private readonly int _otherSegments;
    private readonly int _ofLabels;
    private readonly int _estimates;
    private readonly int _compared;

    /// <param name="reference">The model's reference; null without one, when only live traffic can be compared.</param>
    /// <param name="windows">How many windows each series has, at least 1.</param>
    /// <param name="drift">Whether the budget is for drift.</param>
    /// <param name="crossEntropy">Whether it is for cross-entropy.</param>
    /// <param name="policy">Whether it is for policy KL.</param>
    /// <param name="accuracy">Whether it is for accuracy.</param>
    /// <param name="compared">How many segments are compared with the rest of live traffic.</param>
    /// <param name="dispersion">Whether it is for dispersion.</param>
    public BudgetShare(
        ReferenceSnapshot? reference, int windows, bool drift = true, bool crossEntropy = true, bool policy = true, bool accuracy = true,
        int compared = 0, bool dispersion = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windows, 1);
        _ofLabels = (crossEntropy && reference?.Losses is not null ? 1 : 0) + (accuracy && reference?.Errors is not null ? 1 : 0);
        _estimates = reference?.Policies.Count ?? 0;
        _compared = drift ? compared : 0;
        var parts = (drift && reference is not null ? 1 : 0) + (_ofLabels > 0 ? 1 : 0) + (policy && _estimates > 0 ? 1 : 0)
            + (_compared > 0 ? 1 : 0) + (dispersion && reference?.Entropies is not null ? 1 : 0);
        _ofPart = 1.0 / Math.Max(1, parts) / windows;
        _otherSegments = (reference?.Segments.Count ?? 1) - 1;
    }

    /// <summary>The part of one window of a segment that is compared with the rest; of no use without any.</summary>
    public double OfComparison => _ofPart / Math.Max(1, _compared);

    /// <summary>The part of one window's labels, by cross-entropy or by accuracy; of no use without a baseline of it.</summary>
    public double OfLabels => _ofPart / Math.Max(1, _ofLabels);

    /// <summary>The part of one estimate of policy KL over one window; of no use without any.</summary>
    public double OfPolicy => _ofPart / Math.Max(1, _estimates);

    /// <summary>The part of a rise, or of a fall, of the entropy over one window; of no use without a baseline of it.</summary>
    public double OfDispersion => _ofPart / Directions;

    /// <summary>The part of one window's drift, both directions and the CUSUM together.</summary>
    /// <param name="segment">One of the reference's segments.</param>
    public double OfDrift(string segment) =>
        _otherSegments == 0 ? _ofPart : segment == SeriesKey.All ? _ofPart / 2 : _ofPart / 2 / _otherSegments;
}
