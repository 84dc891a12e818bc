namespace DriftMonitor.Worker.Lanes;

/// <summary>Up to when a partition has been read: the latest time at which everything that it held had been.</summary>
/// <remarks>
/// Two things tell. The client reports that it has reached an offset where the log ends, once for each such offset; until it knows of a
/// higher end, the partition is read to its end as of now. A partition that is written to all the time may never be reported so. But an end
/// that the brokers have named since the last look was the end at some time after that look; so once it is reached, all is read that was
/// there then. Neither asks a record for its timestamp. Who stood still, as a process that was stopped, knows only the end of before, until
/// the client has asked the brokers anew. Used by one thread.
/// </remarks>
internal sealed class ReadExtent
{
    private const long None = -1;
    private const long StandstillMs = 1_000; // of a loop that looks every tenth of a second
    private const long DoubtMs = 1_000; // the client asks again every half a second (fetch.wait.max.ms)

    private long _nextOffset;
    private long _endOffset;
    private long _high = None;
    private long _target = None;
    private long? _targetAsOfMs;
    private long? _lookedMs;
    private long? _trustedMs;
    private long? _steadyMs;
    private long _doubtedUntilMs = long.MinValue;

    /// <summary>Whether the client has reported the end, and nothing was read since.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>The time, epoch milliseconds; null before any is known.</summary>
    public long? SeenUntilMs { get; private set; }

    public void Read(long offset) => (_nextOffset, AtEnd) = (offset + 1, false);

    public void ReachEnd(long offset) => (_endOffset, AtEnd) = (offset, true);

    /// <summary>Forgets the end when fetching stops or resumes: what came meanwhile is unknown. The client reports the end anew.</summary>
    public void LeaveEnd() => AtEnd = false;

    /// <summary>Whether it is time to look again.</summary>
    public bool IsDue(long nowMs, long everyMs) => _lookedMs is not { } looked || nowMs - looked >= everyMs;

    /// <summary>Takes in the end of the log as the brokers last named it; negative when they have not.</summary>
    /// <param name="nowMs">The time, epoch milliseconds.</param>
    /// <param name="high">The end.</param>
    /// <param name="steadyMs">A clock of this process, which goes on while it is stopped and is never set.</param>
    public void Look(long nowMs, long high, long steadyMs = 0)
    {
        if (steadyMs - _steadyMs > StandstillMs)
        {
            _doubtedUntilMs = steadyMs + DoubtMs;
        }

        _steadyMs = steadyMs;
        var isTrusted = steadyMs >= _doubtedUntilMs;
        if (isTrusted && AtEnd && high >= 0 && high <= _endOffset)
        {
            SeenUntilMs = nowMs;
        }

        Reach();
        if (_target == None && high > _high)
        {
            (_target, _targetAsOfMs) = (high, _trustedMs);
            Reach();
        }

        (_high, _lookedMs) = (Math.Max(_high, high), nowMs);
        _trustedMs = isTrusted ? nowMs : _trustedMs;
    }

    private void Reach()
    {
        if (_target != None && _nextOffset >= _target)
        {
            SeenUntilMs = _targetAsOfMs > (SeenUntilMs ?? long.MinValue) ? _targetAsOfMs : SeenUntilMs;
            _target = None;
        }
    }
}
