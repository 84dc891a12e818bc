namespace DriftMonitor.Alarms;

/// <summary>
/// An interval of event time that an alarm has reported. Its window and longer ones leave it out where alarms are decided.
/// </summary>
/// <param name="Series">The series.</param>
/// <param name="Kind">What the alarm is about.</param>
/// <param name="Severity">How urgent it is.</param>
/// <param name="Window">The window by which it is on, or was.</param>
/// <param name="FromMs">Its onset, epoch milliseconds.</param>
/// <param name="ToMs">Its end, exclusive; null while it is on.</param>
public readonly record struct ReportedInterval(
    SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity, WindowSpec Window, long FromMs, long? ToMs);
