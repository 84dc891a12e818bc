namespace DriftMonitor.Worker.Status;

/// <summary>An alarm in a model's status. Times are epoch milliseconds of event time.</summary>
/// <param name="Segment">The slice of traffic, <c>_all</c> for all of it.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Severity">How urgent.</param>
/// <param name="Basis">Where its threshold comes from: <c>budget</c> or <c>fixed</c>.</param>
/// <param name="Pages">Whether somebody has to hear of it; not where an alarm that had just ended said it already.</param>
/// <param name="Summary">What was said of it when it began, or when it ended; null while that is being worked out.</param>
/// <param name="BeganMs">The end of the window by which it began.</param>
/// <param name="EndedMs">The end of the window by which it ended; null while it is on.</param>
/// <param name="OnsetMs">When the drift began; null where that is not known.</param>
/// <param name="OnsetIsAtLeast">Whether the drift may be older.</param>
/// <param name="Window">The window by which it began.</param>
/// <param name="Measure">What was above its threshold there.</param>
/// <param name="Value">Its value, in the measure's unit.</param>
/// <param name="Threshold">The threshold, in the same unit.</param>
/// <param name="PeakRatio">How many times its threshold the value has been at most.</param>
/// <param name="PeakMs">When.</param>
/// <param name="Windows">The windows that have been above, the first to be so first.</param>
/// <param name="ReferenceId">The reference that it is a drift from; null where there is none.</param>
/// <param name="PagesAs">
/// How urgent it is to people, which <c>MaxSeverity</c> of its model bounds; null where a version before this wrote it.
/// </param>
/// <param name="Acknowledged">Who works on it; null for nobody, also where a version before this wrote it.</param>
internal sealed record StatusAlarm(
    string Segment, AlarmKind Kind, AlarmSeverity Severity, string Basis, bool Pages, string? Summary, long BeganMs, long? EndedMs,
    long? OnsetMs, bool OnsetIsAtLeast, string Window, Measure Measure, double Value, double Threshold, double PeakRatio, long PeakMs,
    ImmutableArray<string> Windows, string? ReferenceId, AlarmSeverity? PagesAs = null,
    Acknowledgement? Acknowledged = null)
{
    public static StatusAlarm Of(Alarm alarm, AlarmSeverity pagesAs, string? summary, Acknowledgement? acknowledged = null) => new(
        alarm.Series.Segment, alarm.Kind, alarm.Severity, alarm.Calibrated ? "budget" : "fixed", alarm.Pages, summary, alarm.BeganMs,
        alarm.EndedMs, alarm.OnsetMs, alarm.IsOnsetAtLeast, alarm.FirstWindow.Name, alarm.First.Measure, alarm.First.Value,
        alarm.First.Threshold, alarm.Peak.Ratio, alarm.PeakMs, alarm.Windows, alarm.ReferenceId, pagesAs,
        acknowledged);

    /// <summary>Whether that is this alarm: a series has one of a kind, severity and basis that began then.</summary>
    public bool IsOf(Alarm alarm) =>
        (Segment, Kind, Severity, Basis == "budget", BeganMs, Window)
        == (alarm.Series.Segment, alarm.Kind, alarm.Severity, alarm.Calibrated, alarm.BeganMs, alarm.FirstWindow.Name);
}
