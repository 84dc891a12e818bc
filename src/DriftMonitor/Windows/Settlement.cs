namespace DriftMonitor.Windows;

/// <summary>Says that every pane which ends at or before a time is settled, and gives those that have become so.</summary>
/// <remarks>
/// Written one after the other they are all that a successor needs of the past: registers of settled panes need be read no more.
/// To a successor one settlement is given, as its first message: everything that it needs of those before.
/// </remarks>
/// <param name="BeforeMs">The event time up to which panes are settled, a multiple of the base pane; never below the one before.</param>
/// <param name="Panes">The panes, base panes and those of longer slides, each once.</param>
public sealed record Settlement(long BeforeMs, ImmutableArray<SettledPane> Panes) : PaneMessage
{
    /// <summary>How much had been heard of each lane.</summary>
    public ImmutableArray<HeardLane> Heard { get; init; } = [];

    /// <summary>From where on a successor must read the log of registers again, for whoever writes it down.</summary>
    public long ResumeOffset { get; init; }

    /// <summary>Events before this event time may be missing, in settled panes too; windows that reach so far are incomplete.</summary>
    public long LostBeforeMs { get; init; } = LaneProgress.Nothing;
}
