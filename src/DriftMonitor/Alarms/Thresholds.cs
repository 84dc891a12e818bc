using DriftMonitor.Calibration;

namespace DriftMonitor.Alarms;

/// <summary>What is configured for a measure: fixed thresholds, or how often its model may raise a false alarm, by severity.</summary>
/// <param name="WarningNats">The value beyond which the measure is worth a warning; null for none. Nats.</param>
/// <param name="CriticalNats">The value beyond which it is worth waking somebody; null for none. Nats.</param>
/// <param name="WarningBudget">Replaces <paramref name="WarningNats"/> where the reference calibrates the measure; null for none.</param>
/// <param name="CriticalBudget">Likewise.</param>
public readonly record struct Thresholds(
    double? WarningNats, double? CriticalNats, FalseAlarmBudget? WarningBudget = null, FalseAlarmBudget? CriticalBudget = null)
{
    /// <summary>The fixed threshold of a severity.</summary>
    public double? Nats(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? CriticalNats : WarningNats;

    /// <summary>The budget of a severity.</summary>
    public FalseAlarmBudget? Budget(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? CriticalBudget : WarningBudget;

    /// <summary>Whether any severity has a budget.</summary>
    public bool HasBudget => WarningBudget is not null || CriticalBudget is not null;

    /// <summary>Whether one severity has a fixed threshold and the other a budget: nobody can say which threshold is higher.</summary>
    public bool AreMixed => (WarningBudget is null && CriticalBudget is not null && WarningNats is not null)
        || (WarningBudget is not null && CriticalBudget is null && CriticalNats is not null);

    /// <summary>What is in force for a severity, in words.</summary>
    public string Text(AlarmSeverity severity) => Budget(severity) is { } budget ? $"a budget of {budget}"
        : Nats(severity) is { } nats ? string.Create(CultureInfo.InvariantCulture, $"a fixed threshold of {nats} nats")
        : "none";
}
