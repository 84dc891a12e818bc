namespace DriftMonitor.Windows;

/// <summary>How much had been heard of a source partition's lane: a successor that reads it again counts refused events once.</summary>
/// <param name="SourcePartition">The partition of the predictions topic.</param>
/// <param name="NextOffset">The offset that its registers had reached.</param>
/// <param name="AsOfMs">The time of its latest word, which is replayed to a successor when panes of before are not settled.</param>
/// <param name="Epoch">Which topic of that name it was read from (<see cref="LaneProgress.Epoch"/>).</param>
public readonly record struct HeardLane(int SourcePartition, long NextOffset, long AsOfMs, string? Epoch);
