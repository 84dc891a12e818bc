using DriftMonitor.Calibration;

namespace DriftMonitor.Alarms;

/// <summary>A value of a window beside what it must exceed to be worth an alarm.</summary>
/// <param name="Severity">The severity that the threshold is of.</param>
/// <param name="Measure">Which value it is.</param>
/// <param name="Value">The value.</param>
/// <param name="Threshold">The threshold, above 0.</param>
/// <param name="Budget">How often the model's alarm may be false, if the threshold comes from that; null for a fixed threshold.</param>
public readonly record struct Reading(AlarmSeverity Severity, Measure Measure, double Value, double Threshold, FalseAlarmBudget? Budget)
{
    /// <summary>How many times its threshold the value is.</summary>
    public double Ratio => Threshold > 0 ? Value / Threshold : Value > Threshold ? double.PositiveInfinity : 0;

    /// <summary>
    /// Which of several readings tells most: one of a divergence that is above before a CUSUM, whose threshold is so near to 0 that it is
    /// soon many times above; then the one furthest above.
    /// </summary>
    public (bool IsDivergenceAbove, double Ratio) Rank => (Exceeds && Measure != Measure.CusumLiveVsReference, Ratio);

    /// <summary>Whether it is worth an alarm.</summary>
    /// <remarks>An infinite divergence, of a class that one side lacks where there are no pseudo-events, is undefined and none.</remarks>
    public bool Exceeds => double.IsFinite(Value) && Value > Threshold;
}
