namespace DriftMonitor.Alarms;

/// <summary>
/// What a window is decided by while some of its panes are used up: alarms that have ended, or that shorter windows have on, reported them.
/// Immutable.
/// </summary>
/// <param name="Series">The series.</param>
/// <param name="Kind">What is decided.</param>
/// <param name="Severity">By thresholds of which severity.</param>
/// <param name="Window">The window.</param>
/// <param name="Ms">How much of it is left out, milliseconds.</param>
/// <param name="Decided">What is left of it beside the thresholds of what is left; none where that is too little to be decided.</param>
public sealed record LeftOut(
    SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity, WindowSpec Window, long Ms, ImmutableArray<Reading> Decided)
{
    /// <inheritdoc cref="AboveWindow.Stream"/>
    internal int Stream { get; init; }
}
