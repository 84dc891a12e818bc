namespace DriftMonitor.Panes;

/// <summary>How far a source partition has come, as its lane says each time it publishes, also before its first event.</summary>
/// <param name="SourcePartition">The partition of the predictions topic.</param>
/// <param name="ClosedBeforeMs">Every pane that ends before this event time is closed for the partition: its register is final. <see cref="Nothing"/> before the first event.</param>
/// <param name="CaughtUp">Whether the lane has read all there is, or nearly; false while it works off a backlog.</param>
/// <param name="AsOfMs">When the lane said so, epoch milliseconds of its own clock.</param>
public sealed record LaneProgress(int SourcePartition, long ClosedBeforeMs, bool CaughtUp, long AsOfMs) : PaneMessage
{
    /// <summary>The <see cref="ClosedBeforeMs"/> of a lane without a clock, and the <see cref="SeenUntilMs"/> of one that has not reached the end yet.</summary>
    public const long Nothing = long.MinValue;

    /// <summary>The latest time at which everything that the partition held had been read: all of it is in the registers published by now.</summary>
    public long SeenUntilMs { get; init; } = CaughtUp ? AsOfMs : Nothing;

    /// <summary>Registers published by now hold, or once held, every accepted event before this offset; −1 when that is not known.</summary>
    public long NextOffset { get; init; } = -1;

    /// <summary>Events of the partition before this event time may be missing, for they cannot be read any more. <see cref="Nothing"/> when none are.</summary>
    public long LostBeforeMs { get; init; } = Nothing;
}
