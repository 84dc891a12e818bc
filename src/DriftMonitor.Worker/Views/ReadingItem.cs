namespace DriftMonitor.Worker.Views;

/// <summary>A value beside the threshold of a severity.</summary>
/// <param name="Severity">The severity that the threshold is of.</param>
/// <param name="Measure">Which value.</param>
/// <param name="Value">The value, in the unit of the measure.</param>
/// <param name="Threshold">What it must exceed.</param>
/// <param name="FalseAlarmBudget">How often the model's alarm may be false; null for a fixed threshold.</param>
/// <param name="Above">Whether it is above.</param>
internal sealed record ReadingItem(
    AlarmSeverity Severity, Measure Measure, double Value, double Threshold, string? FalseAlarmBudget, bool Above)
{
    public static ReadingItem Of(Reading of) =>
        new(of.Severity, of.Measure, of.Value, of.Threshold, of.Budget?.ToString(), of.Exceeds);
}
