namespace DriftMonitor.Panes;

/// <summary>
/// Whether an event is late, or ahead of its time. Its own record and its lane's clock decide, so whoever re-reads the log decides the
/// same.
/// </summary>
internal static class Lateness
{
    /// <summary>Compares an event's time with that of its own record, both in epoch milliseconds.</summary>
    /// <returns><see cref="RejectionReason.Late"/>, <see cref="RejectionReason.Future"/>, or <see cref="RejectionReason.None"/>.</returns>
    public static RejectionReason Check(WindowPlan plan, long eventTimeMs, long recordTimeMs) =>
        recordTimeMs - eventTimeMs > plan.AllowedLatenessMs ? RejectionReason.Late
        : eventTimeMs - recordTimeMs > plan.AllowedSkewMs ? RejectionReason.Future
        : RejectionReason.None;

    /// <summary>Whether the pane from <paramref name="paneStartMs"/> on is closed for a lane at clock <paramref name="clockMs"/>.</summary>
    public static bool IsClosed(WindowPlan plan, long paneStartMs, long clockMs) =>
        paneStartMs + plan.BasePaneMs < plan.ClosedBefore(clockMs);
}
