namespace DriftMonitor.Windows;

/// <summary>How far a source partition has come, as its lane says each time it publishes.</summary>
/// <param name="SourcePartition">The partition of the predictions topic.</param>
/// <param name="ClosedBeforeMs">Every pane that ends before this event time is closed for the partition: its register is final.</param>
/// <param name="CaughtUp">Whether the lane has read all there is, or nearly; false while it works off a backlog.</param>
public sealed record LaneProgress(int SourcePartition, long ClosedBeforeMs, bool CaughtUp) : PaneMessage(SourcePartition);
