namespace DriftMonitor.Panes;

/// <summary>What the lanes of all replicas must have in common, so that their panes can be added up.</summary>
/// <remarks>What a lane has closed follows from these: progress by other values says nothing of this plan. Equal by value.</remarks>
/// <param name="PaneMs">The base pane's length.</param>
/// <param name="AllowedLatenessMs">How much older than its own record an event may be.</param>
/// <param name="AllowedSkewMs">How far ahead of its own record an event may be.</param>
/// <param name="DisorderSlackMs">How far out of order the records of a source partition may be.</param>
public sealed record LanePlan(long PaneMs, long AllowedLatenessMs, long AllowedSkewMs, long DisorderSlackMs)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"smallest slide {PaneMs} ms, allowed lateness {AllowedLatenessMs} ms, allowed skew {AllowedSkewMs} ms, disorder slack "
        + $"{DisorderSlackMs} ms";
}
