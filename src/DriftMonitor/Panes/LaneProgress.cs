namespace DriftMonitor.Panes;

/// <summary>How far a source partition has come, as its lane says each time it publishes, also before its first event.</summary>
/// <param name="SourcePartition">The partition of the predictions topic.</param>
/// <param name="ClosedBeforeMs">Panes that end before this event time are final (closed); <see cref="Nothing"/> before any event.</param>
/// <param name="CaughtUp">Whether the lane has read all there is, or nearly; false while it works off a backlog.</param>
/// <param name="AsOfMs">When the lane said so, epoch milliseconds of its own clock.</param>
public sealed record LaneProgress(int SourcePartition, long ClosedBeforeMs, bool CaughtUp, long AsOfMs) : PaneMessage
{
    /// <summary>A clockless lane's <see cref="ClosedBeforeMs"/>, and the <see cref="SeenUntilMs"/> of one not at the end yet.</summary>
    public const long Nothing = long.MinValue;

    /// <summary>The latest time at which all that the partition held had been read: it is all in the registers published by now.</summary>
    public long SeenUntilMs { get; init; } = CaughtUp ? AsOfMs : Nothing;

    /// <summary>The id of the topic that is read, which another of the same name does not have; null while it is not known.</summary>
    public string? Epoch { get; init; }

    /// <summary>Registers published by now hold, or once held, every accepted event before this offset; −1 if that is unknown.</summary>
    public long NextOffset { get; init; } = -1;

    /// <summary>Events of the partition before this event time may be missing for good. <see cref="Nothing"/> when none are.</summary>
    public long LostBeforeMs { get; init; } = Nothing;
}
