namespace DriftMonitor.Windows;

/// <summary>What stage 2 knows of a source partition's lane from its progress.</summary>
/// <remarks>
/// A lane that re-reads after a crash says less than was known: what is closed stays closed. All else is the latest word, since a replica
/// that no longer owns the partition may speak once more, and the owner sets it right with its next word.
/// </remarks>
/// <param name="plan">The windows.</param>
/// <param name="expected">Whether its word is waited for however long it is silent; the lane of a partition that is gone is not.</param>
internal sealed class LaneState(WindowPlan plan, bool expected)
{
    private long _caughtUpSinceMs;

    public long ClosedBeforeMs { get; private set; } = LaneProgress.Nothing;

    public long AsOfMs { get; private set; } = long.MinValue;

    public bool CaughtUp { get; private set; }

    /// <summary>The event time up to which every event of the partition is known, or nearly.</summary>
    public long SeenUntilMs => CaughtUp ? AsOfMs : ClockMs;

    /// <summary>Where the lane's clock stands; the smallest time before its first event.</summary>
    public long ClockMs => ClosedBeforeMs == LaneProgress.Nothing ? long.MinValue : plan.ClockOf(ClosedBeforeMs);

    /// <summary>
    /// The event time before which panes get nothing more from the partition. That of an idle partition would stand still: when it has been
    /// read to its end all the time, what may still be on its way to it is waited for <see cref="WindowPlan.IdlePatienceMs"/>, then no more.
    /// </summary>
    public long SettledBeforeMs => CaughtUp && AsOfMs - _caughtUpSinceMs >= WindowPlan.IdlePatienceMs
        ? Math.Max(ClosedBeforeMs, plan.ClosedBefore(AsOfMs) - WindowPlan.IdlePatienceMs)
        : ClosedBeforeMs;

    public void Hear(LaneProgress progress)
    {
        var goesOn = CaughtUp && progress.AsOfMs - AsOfMs <= WindowPlan.LaneSilenceMs;
        if (!goesOn)
        {
            _caughtUpSinceMs = progress.AsOfMs;
        }

        ClosedBeforeMs = Math.Max(ClosedBeforeMs, progress.ClosedBeforeMs);
        CaughtUp = progress.CaughtUp;
        AsOfMs = progress.AsOfMs;
    }

    public bool IsExpected => expected;

    public bool HasSpoken => AsOfMs != long.MinValue;

    /// <summary>Whether the lane has said nothing for so long that it must be taken for dead.</summary>
    public bool IsSilent(long nowMs) => nowMs - AsOfMs > WindowPlan.LaneSilenceMs;
}
