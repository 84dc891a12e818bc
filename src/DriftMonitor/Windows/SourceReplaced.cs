namespace DriftMonitor.Windows;

/// <summary>
/// Says that a source partition is of another topic than the one of that name that was heard of before: what nobody read of that is lost.
/// </summary>
/// <param name="SourcePartition">The partition of the predictions topic.</param>
/// <param name="BeforeMs">Windows that reach back to before this event time, epoch milliseconds, are incomplete.</param>
public sealed record SourceReplaced(int SourcePartition, long BeforeMs) : StageEvent;
