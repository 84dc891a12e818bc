namespace DriftMonitor.Windows;

/// <summary>Settled panes of one length, and how many of the newest must be kept so that every window can be restored from them.</summary>
/// <param name="LengthMs">The base pane's length or a window's slide.</param>
/// <param name="Slots">The panes to keep a series: what the windows reach back, and <see cref="Spare"/> more.</param>
public sealed record RollupLevel(long LengthMs, int Slots)
{
    /// <summary>How many panes newer than the last settlement's may overwrite slots before the next is written down.</summary>
    public const int Spare = 16;

    /// <summary>Where a pane is kept: one that comes <see cref="Slots"/> panes later takes its place.</summary>
    public int SlotOf(long startMs) => (int)(startMs / LengthMs % Slots);
}
