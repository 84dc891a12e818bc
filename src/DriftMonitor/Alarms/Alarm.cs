namespace DriftMonitor.Alarms;

/// <summary>One series' alarm, from when it was decided that it begins to when it ends. Immutable.</summary>
/// <param name="Series">The series.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Severity">How urgent.</param>
/// <param name="BeganMs">The end of the window by which it began, epoch milliseconds of event time.</param>
/// <param name="EndedMs">The end of the window by which it ended; null while it is on.</param>
/// <param name="First">The reading that raised it.</param>
/// <param name="FirstWindow">The window of that reading.</param>
/// <param name="Peak">The reading furthest above its threshold so far, by <see cref="Reading.Rank"/>.</param>
/// <param name="PeakWindow">The window of that reading.</param>
/// <param name="PeakMs">The end of that window.</param>
/// <param name="Windows">The names of the windows that have been above, in the order in which they were.</param>
public sealed record Alarm(
    SeriesKey Series,
    AlarmKind Kind,
    AlarmSeverity Severity,
    long BeganMs,
    long? EndedMs,
    Reading First,
    WindowSpec FirstWindow,
    Reading Peak,
    WindowSpec PeakWindow,
    long PeakMs,
    ImmutableArray<string> Windows)
{
    /// <summary>The windows that are above now, the first to be so first; none once it has ended.</summary>
    public ImmutableArray<AboveWindow> Above { get; init; } = [];

    /// <summary>The id of the reference that it is a drift from; null where there is none.</summary>
    public string? ReferenceId { get; init; }

    /// <summary>The start of the pane that the drift dates from; null where panes are not known.</summary>
    public long? OnsetMs { get; init; }

    /// <summary>Whether that is where its window began, so that the drift may be older.</summary>
    public bool IsOnsetAtLeast { get; init; }

    /// <summary>Which of all alarms of a watch it is.</summary>
    public long Number { get; init; }

    /// <summary>Whether somebody has to hear of it; not where an alarm that has just ended said it already.</summary>
    public bool Pages { get; init; } = true;

    /// <summary>Whether its thresholds come from a budget of false alarms, which then counts it; all of them do, or none.</summary>
    public bool Calibrated => Peak.Budget is not null;
}
