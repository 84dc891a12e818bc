namespace DriftMonitor.Join;

/// <summary>What is known of the feedback of one series over one window, by one attribution. Immutable.</summary>
/// <param name="Series">The series.</param>
/// <param name="Window">The window's length and slide.</param>
/// <param name="Attribution">Whose time counts.</param>
/// <param name="ToMs">The exclusive end of the time covered, epoch milliseconds.</param>
/// <param name="Measures">How the labelled predictions came out.</param>
/// <param name="Complete">Whether labels have been seen from its beginning on: false until they have come for the window's length.</param>
public sealed record FeedbackWindow(
    SeriesKey Series, WindowSpec Window, Attribution Attribution, long ToMs, FeedbackMeasures Measures, bool Complete = true)
    : StageEvent
{
    /// <summary>Tells its panes, to who takes the window in and only then; null where not all of them are known.</summary>
    public Func<PaneCosts>? Panes { get; init; }

    /// <summary>Whether the series has had no labels for so long that this is its last window.</summary>
    public bool Retired { get; init; }
}
