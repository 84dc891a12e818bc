namespace DriftMonitor.Alarms;

/// <summary>What <see cref="FixedThresholdRule"/> has decided so far.</summary>
/// <param name="Latest">
/// Of each window, the shortest first, the latest look at which it was ready (0 for none), and whether it has been ready since.
/// </param>
internal sealed record FixedThresholdState((long ToMs, bool IsReady, bool IsAbove)[] Latest)
{
    /// <summary>Since when a window has been above and confirmed, without a break.</summary>
    public long? SinceMs { get; set; }

    /// <summary>When one last was.</summary>
    public long LastMs { get; set; }

    /// <summary>When a window last was ready.</summary>
    public long? KnownMs { get; set; }

    /// <summary>The window by which an alarm is on; null for none.</summary>
    public int? On { get; set; }
}
