using DriftMonitor.Alarms;
using DriftMonitor.Calibration;

namespace DriftMonitor.Worker.Alarms;

/// <summary>What is configured for one measure: fixed thresholds, or how often its model may raise a false alarm, of each severity.</summary>
/// <param name="WarningNats">The value beyond which the measure is worth a warning; null for none. Nats.</param>
/// <param name="CriticalNats">The value beyond which it is worth waking somebody; null for none. Nats.</param>
/// <param name="WarningBudget">Takes the place of <paramref name="WarningNats"/> wherever the reference can calibrate the measure; null for a fixed threshold.</param>
/// <param name="CriticalBudget">Likewise.</param>
internal readonly record struct Thresholds(double? WarningNats, double? CriticalNats, FalseAlarmBudget? WarningBudget = null, FalseAlarmBudget? CriticalBudget = null)
{
    /// <summary>The fixed threshold of a severity.</summary>
    public double? Nats(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? CriticalNats : WarningNats;

    /// <summary>The budget of a severity.</summary>
    public FalseAlarmBudget? Budget(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? CriticalBudget : WarningBudget;
}
