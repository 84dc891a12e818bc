namespace DriftMonitor.Worker.Status;

/// <summary>
/// An interval of event time that an alarm has reported: longer windows of the series leave it out where alarms are decided.
/// </summary>
/// <param name="ToMs">Its exclusive end; null while the alarm is on.</param>
internal sealed record StatusInterval(string Segment, AlarmKind Kind, AlarmSeverity Severity, string Window, long FromMs, long? ToMs);
