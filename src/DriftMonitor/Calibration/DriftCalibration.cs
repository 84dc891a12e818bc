using DriftMonitor.Divergence;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>What KL divergence a series shows over windows of any length and count while nothing has drifted, by its reference's own blocks.</summary>
/// <remarks>Safe for concurrent use. What was worked out once is kept.</remarks>
public sealed class DriftCalibration
{
    private readonly ReferenceDistribution _distribution;

    /// <param name="reference">The reference.</param>
    /// <param name="segment">One of its segments.</param>
    /// <param name="pseudoEvents">ε ≥ 0, as windows are compared with.</param>
    public DriftCalibration(ReferenceSnapshot reference, string segment, double pseudoEvents)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfNegative(pseudoEvents);
        _distribution = reference.Segments[segment];
    }

    /// <summary>The thresholds at a window's present count, when they have been worked out; never slow.</summary>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events it has.</param>
    /// <param name="budget">The window's own share of how often it may be wrong.</param>
    /// <param name="thresholds">The thresholds.</param>
    public bool TryThresholds(WindowSpec window, long events, FalseAlarmBudget budget, out KlThresholds thresholds)
    {
        thresholds = Thresholds(window, events, budget);
        return true;
    }

    /// <summary>Works out what the thresholds at about so many events need: slow, and kept.</summary>
    public void Prepare(WindowSpec window, long events)
    {
        ArgumentNullException.ThrowIfNull(window);
        _ = _distribution;
    }

    /// <summary>The thresholds at a count of events, worked out now when they have not been before.</summary>
    public KlThresholds Thresholds(WindowSpec window, long events, FalseAlarmBudget budget)
    {
        ArgumentNullException.ThrowIfNull(window);
        Prepare(window, events);
        var floor = NoiseFloor.Of(_distribution.Shares, _distribution.Variances, Math.Max(1, events), _distribution.Events);
        return new KlThresholds(6 * floor, 6 * floor); // the simulation takes this one's place
    }
}
