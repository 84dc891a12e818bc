namespace DriftMonitor.Panes;

/// <summary>Settled panes of one length, and how many of the newest must be kept so that every window can be restored from them.</summary>
/// <param name="LengthMs">The base pane's length or a window's slide.</param>
/// <param name="Panes">How many to keep of a series: what the windows reach back, and <see cref="Spare"/> more.</param>
public sealed record RollupLevel(long LengthMs, int Panes)
{
    /// <summary>How many panes newer than the last settlement's may have let go of older ones before the next is written down.</summary>
    public const int Spare = 16;

    /// <summary>The start of the pane that expires once a pane is written.</summary>
    public long ExpiredStart(long startMs) => startMs - (Panes * LengthMs);
}
