namespace DriftMonitor.Windows;

/// <summary>What stage 2 knows of a source partition's lane from its progress.</summary>
/// <remarks>
/// A lane that re-reads after a crash reports less than is known: what is closed stays closed, and what was seen stays seen. All else is
/// from the latest progress, since a replica that no longer owns the partition may publish once more, and the owner's next progress
/// corrects it.
/// </remarks>
/// <param name="plan">The windows.</param>
/// <param name="expected">Whether windows wait for it however long it is silent; not so for the lane of a partition that is gone.</param>
internal sealed class LaneState(WindowPlan plan, bool expected)
{
    private readonly HashSet<string> _formerEpochs = [];
    private long _caughtUpSinceMs;
    private long _restoredUntilMs = long.MinValue;
    private long _seenUntilMs = LaneProgress.Nothing;
    private long _lostBeforeMs = LaneProgress.Nothing;

    public long ClosedBeforeMs { get; private set; } = LaneProgress.Nothing;

    public long AsOfMs { get; private set; } = long.MinValue;

    /// <summary>The time of the latest word that this replica or one before it has heard.</summary>
    public long HeardUntilMs => Math.Max(AsOfMs, _restoredUntilMs);

    public bool CaughtUp { get; private set; }

    /// <summary>Registers that end before this offset are repeats.</summary>
    public long NextOffset { get; private set; } = -1;

    /// <summary>Which topic of its name the lane reads; null while that is not known.</summary>
    public string? Epoch { get; private set; }

    /// <summary>Whether the lane publishes what can be merged here.</summary>
    public bool IsReadable { get; private set; } = true;

    /// <summary>
    /// The event time up to which every event of the partition is known: as of when it was last read to its end, else as far as its log, in
    /// order but for the slack, has been read.
    /// </summary>
    public long SeenUntilMs =>
        ClosedBeforeMs == LaneProgress.Nothing ? _seenUntilMs : Math.Max(_seenUntilMs, plan.ClockOf(ClosedBeforeMs) - plan.DisorderSlackMs);

    /// <summary>
    /// The event time before which panes get nothing more from the partition. That of an idle partition would stand still: when it has been
    /// read to its end all the time, what may still be on its way to it is waited for <see cref="WindowPlan.IdlePatienceMs"/>, then no
    /// more.
    /// </summary>
    public long SettledBeforeMs => CaughtUp && AsOfMs - _caughtUpSinceMs >= WindowPlan.IdlePatienceMs
        ? Math.Max(ClosedBeforeMs, plan.ClosedBefore(AsOfMs) - WindowPlan.IdlePatienceMs)
        : ClosedBeforeMs;

    /// <summary>Whether a lane speaks that reads a topic which is no more.</summary>
    public bool IsFormer(LaneProgress progress) => progress.Epoch is { } epoch && _formerEpochs.Contains(epoch);

    /// <summary>Takes progress in.</summary>
    /// <returns>Whether it is of another topic than before, and does not say itself what is lost with that.</returns>
    public bool Apply(LaneProgress progress)
    {
        var isReplay = progress.AsOfMs < _restoredUntilMs; // a predecessor went by what was said later
        var isReplaced = !isReplay && Epoch is not null && progress.Epoch is not null && progress.Epoch != Epoch;
        if (isReplaced)
        {
            _formerEpochs.Add(Epoch!); // ids are not given twice
        }

        var saysLoss = progress.LostBeforeMs > _lostBeforeMs;
        var goesOn = CaughtUp && progress.AsOfMs - AsOfMs <= WindowPlan.LaneSilenceMs;
        _caughtUpSinceMs = goesOn ? _caughtUpSinceMs : progress.AsOfMs;
        ClosedBeforeMs = Math.Max(ClosedBeforeMs, progress.ClosedBeforeMs);
        _seenUntilMs = Math.Max(_seenUntilMs, progress.SeenUntilMs);
        CaughtUp = progress.CaughtUp;
        AsOfMs = progress.AsOfMs;
        IsReadable = true;
        if (saysLoss)
        {
            _lostBeforeMs = progress.LostBeforeMs;
        }

        if (!isReplay)
        {
            var heard = isReplaced || saysLoss ? -1 : NextOffset; // of a log made anew nothing was heard of before
            (NextOffset, Epoch) = (Math.Max(heard, progress.NextOffset), progress.Epoch ?? Epoch);
        }

        return isReplaced && !saysLoss;
    }

    /// <summary>Marks the lane as one that publishes what cannot be merged here.</summary>
    public void MarkUnreadable() => (IsReadable, CaughtUp) = (false, false);

    /// <summary>Takes in what had been heard of the lane last.</summary>
    public void Restore(HeardLane heard) => (NextOffset, _restoredUntilMs, Epoch) = (heard.NextOffset, heard.AsOfMs, heard.Epoch);

    /// <summary>Whether the lane's partition exists as far as is known: windows then wait for it however long it is silent.</summary>
    public bool IsExpected => expected;

    /// <summary>Whether windows need not wait for the lane: nobody expects it, or it has published what can be merged here.</summary>
    public bool IsUsable => !expected || (HasPublished && IsReadable);

    public bool HasPublished => AsOfMs != long.MinValue;

    /// <summary>Whether the lane has published nothing for so long that it is taken for dead.</summary>
    public bool IsSilent(long nowMs) => !HasPublished || nowMs - AsOfMs > WindowPlan.LaneSilenceMs;

    /// <summary>Whether the lane works off a backlog, which windows follow.</summary>
    public bool IsBehind(long nowMs) => !CaughtUp && IsReadable && ClosedBeforeMs != LaneProgress.Nothing && !IsSilent(nowMs);
}
