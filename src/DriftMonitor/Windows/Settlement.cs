namespace DriftMonitor.Windows;

/// <summary>Says that every pane which ends at or before a time is settled, and gives those that have become so.</summary>
/// <remarks>
/// Written one after the other they are all that a successor needs of the past: registers of settled panes need be read no more.
/// To a successor one settlement is given, as its first message: everything that it needs of those before.
/// </remarks>
/// <param name="BeforeMs">The event time up to which panes are settled, a multiple of the base pane; never smaller than in the settlement before.</param>
/// <param name="Panes">The panes, base panes and those of longer slides, each once.</param>
public sealed record Settlement(long BeforeMs, ImmutableArray<SettledPane> Panes) : PaneMessage
{
    /// <summary>The offset that registers of each source partition had reached: a successor that reads them again must not count refused events twice.</summary>
    public ImmutableArray<(int SourcePartition, long NextOffset)> NextOffsets { get; init; } = [];

    /// <summary>Events before this event time may be missing, in settled panes and in others; windows that reach back so far are not complete.</summary>
    public long LostBeforeMs { get; init; } = LaneProgress.Nothing;
}
