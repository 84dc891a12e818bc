namespace DriftMonitor.Windows;

/// <summary>What is known of one run of a lane of the join.</summary>
internal sealed class LabelRun(ulong id)
{
    public ulong Id => id;

    /// <summary>How many records of both logs it has read; −1 until everything has been said once.</summary>
    public long Records { get; set; } = -1;

    /// <summary>When it last said how much it has read.</summary>
    public long LastSeenMs { get; set; }

    /// <summary>Whether its panes are those of this plan.</summary>
    public bool IsReadable { get; set; } = true;

    /// <summary>Whether its panes count, and those of no other run of its source partition.</summary>
    public bool IsForemost { get; set; }

    /// <summary>Whether it has been forgotten.</summary>
    public bool IsGone { get; set; }
}
