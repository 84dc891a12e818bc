namespace DriftMonitor.Worker.Views;

/// <summary>
/// What a window of a series was evaluated to over the last hours: of each stretch of time the evaluation furthest above its threshold.
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Segment">The slice of traffic.</param>
/// <param name="Window">The window's name.</param>
/// <param name="StretchMs">How long a stretch is, milliseconds.</param>
/// <param name="KeptMs">How far back evaluations are kept at most.</param>
/// <param name="SinceMs">
/// Since when this replica has evaluated it, event time: what was before is not known. Null for never, and once older points than those
/// that are kept have been dropped.
/// </param>
/// <param name="IsLeftOut">Whether there is no room to keep more series, so that nothing is kept of this one.</param>
/// <param name="LacksReference">Whether there is no reference to compare it with: an evaluation without one is not kept.</param>
/// <param name="Points">One a stretch, the oldest first.</param>
internal sealed record HistoryView(
    string Model, string Segment, string Window, long StretchMs, long KeptMs, long? SinceMs, bool IsLeftOut,
    bool LacksReference, ImmutableArray<HistoryPoint> Points);
