namespace DriftMonitor.Panes;

/// <summary>Tells a lane that its log lacks records: they were deleted before they could be read, or the log is another one.</summary>
/// <param name="NextOffset">The first offset still readable; below those read before when the log is another, or was truncated.</param>
/// <param name="BeforeMs">Events before this event time, epoch milliseconds, may be missing.</param>
public readonly record struct RecordsLost(long NextOffset, long BeforeMs);
