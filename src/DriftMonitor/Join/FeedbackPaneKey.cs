namespace DriftMonitor.Join;

/// <summary>Which pane of labelled predictions: of a series, by one attribution, one slide long.</summary>
/// <param name="Series">The series.</param>
/// <param name="Attribution">Whose time counts.</param>
/// <param name="LengthMs">The pane's length: the slide of a window.</param>
/// <param name="StartMs">Its start, a multiple of its length.</param>
public readonly record struct FeedbackPaneKey(SeriesKey Series, Attribution Attribution, long LengthMs, long StartMs);
