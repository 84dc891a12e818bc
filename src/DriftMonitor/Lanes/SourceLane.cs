namespace DriftMonitor.Lanes;

/// <summary>Stage 1 of one source partition: adds events into open panes and says from which offset a successor must re-read.</summary>
/// <remarks>
/// Every decision follows from the log alone, so that whoever re-reads from the safe offset relives the same panes: an event is late or
/// future by its own record's timestamp; the clock is the highest record timestamp among accepted events; a pane closes when the clock
/// passes its end by the allowed lateness and the disorder slack, and what comes for a closed pane is late. Only what is refused for want
/// of memory depends on who reads. The rows of a record that sets the clock cannot be late for it, so that a re-read from that record
/// decides on each of its rows alike. Used by one thread.
/// </remarks>
internal sealed class SourceLane(int sourcePartition, WindowPlan plan, MemoryBudget memory, MemoryBudget ids)
{
    private readonly SeenIds _ids = new(plan, ids);
    private readonly Dictionary<SeriesKey, OpenSeries> _open = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SeriesKey, SeriesKey> _byName = [];
    private readonly List<OpenSeries> _counting = []; // the series that a record counts in
    private readonly List<PaneRegister> _closed = [];
    private long _clockMs = long.MinValue;
    private long _clockOffset = -1;
    private long _nextOffset = -1;
    private long _earliestOpenEndMs = long.MaxValue;
    private long _lostBeforeMs = LaneProgress.Nothing;
    private long _firstAfterGap = -1;

    /// <summary>The highest record timestamp among accepted events, epoch milliseconds; null before the first.</summary>
    public long? ClockMs => _clockMs == long.MinValue ? null : _clockMs;

    /// <summary>
    /// Adds a prediction to the panes of its series, or says why it counts in none. One whose id came before
    /// (<see cref="PredictionRecord.IsDuplicate"/>) is not rejected, and counts in none.
    /// </summary>
    /// <exception cref="InvalidOperationException">Offsets went backwards: the source is broken.</exception>
    public RejectionReason Add(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Advance(record);
        record.IsDuplicate = false;
        if (record.Rejection != RejectionReason.None || record.IsIgnored)
        {
            return record.Rejection;
        }

        var recordMs = record.RecordTimeMs;
        var eventMs = record.EventTimeMs;
        if (Lateness.Check(plan, eventMs, recordMs) is not RejectionReason.None and var reason)
        {
            return reason;
        }

        var paneStart = plan.PaneStart(eventMs);
        if (_clockMs != long.MinValue && Lateness.IsClosed(plan, paneStart, _clockMs))
        {
            return RejectionReason.Late;
        }

        var id = record.KeepsDuplicates || record.Id.IsEmpty ? (ulong?)null : SeenIds.HashOf(record);
        if (id is { } seen
            && _ids.IsDuplicate(seen, paneStart, record.Offset, Math.Max(_clockMs, recordMs), _clockOffset, out var neededFrom))
        {
            record.IsDuplicate = true;
            if (neededFrom is { } offset)
            {
                foreach (var series in record.Series)
                {
                    NeedFrom(offset, series, paneStart);
                }
            }
        }
        else if (!TryCount(record, paneStart))
        {
            if (id is { } counted)
            {
                _ids.Remove(counted); // else one that is sent again would count nowhere
            }

            return RejectionReason.MemoryLimit;
        }

        record.NoteCounted();
        if (recordMs > _clockMs) // a duplicate moves the clock, too: when panes close must not depend on what was found
        {
            _clockMs = recordMs;
            _clockOffset = record.Offset;
        }

        if (_earliestOpenEndMs < plan.ClosedBefore(_clockMs))
        {
            ClosePanes(plan.ClosedBefore(_clockMs));
        }

        return RejectionReason.None;
    }

    /// <summary>Adds a prediction to the panes of its series, unless there is no memory for it.</summary>
    private bool TryCount(PredictionRecord record, long paneStart)
    {
        if (!FindRoom(record))
        {
            return false;
        }

        foreach (var series in _counting)
        {
            PaneOf(series, paneStart, record).Add(record);
        }

        return true;
    }

    /// <summary>Has the panes of a series that begin at a time re-read from an offset on.</summary>
    private void NeedFrom(long offset, SeriesKey series, long paneStart)
    {
        foreach (var pane in _open.TryGetValue(series, out var open) ? open.Panes : [])
        {
            if (pane.StartMs == paneStart)
            {
                pane.NeedFrom(offset);
            }
        }
    }

    /// <summary>Takes note that records cannot be read any more. To be called before the first record that can.</summary>
    /// <remarks>
    /// The next publication tells it together with a safe offset behind the gap, so that a successor either finds the gap itself or does
    /// not need to: what lies before it cannot be read again. Offsets that begin anew are another log: panes that the old one has opened
    /// stay as they are.
    /// </remarks>
    public void Lose(RecordsLost lost)
    {
        _lostBeforeMs = Math.Max(_lostBeforeMs, lost.BeforeMs);
        if (lost.NextOffset < _nextOffset)
        {
            ClosePanes(long.MaxValue);
            _ids.Clear();
            (_clockMs, _clockOffset) = (long.MinValue, -1);
        }

        _nextOffset = _firstAfterGap = lost.NextOffset;
    }

    /// <summary>The registers that changed since the last call, and how far the lane has come.</summary>
    public LanePublication Publish(PublishTick tick)
    {
        var registers = ImmutableArray.CreateBuilder<PaneRegister>(_closed.Count);
        registers.AddRange(_closed);
        _closed.Clear();
        // A re-read must relive the clock as it stood when the oldest open pane began, so it starts at the record that set it.
        var firstOffset = Math.Min(_nextOffset, _ids.SafeOffset());
        firstOffset = _clockOffset >= 0 ? Math.Min(firstOffset, _clockOffset) : firstOffset;
        foreach (var (series, open) in _open)
        {
            foreach (var pane in open.Panes)
            {
                if (pane.TakeChanged())
                {
                    registers.Add(pane.ToRegister(sourcePartition, series));
                }

                firstOffset = Math.Min(firstOffset, pane.SafeOffset);
            }
        }

        var safeOffset = Math.Max(firstOffset, _firstAfterGap);
        // Said again even when nothing has changed: it sets right what a repeat of an older one, or a zombie, may have said since.
        var closedBefore = ClockMs is { } clock ? plan.ClosedBefore(clock) : LaneProgress.Nothing;
        var progress = new LaneProgress(sourcePartition, closedBefore, tick.CaughtUp, tick.AtMs)
        {
            NextOffset = _nextOffset,
            LostBeforeMs = _lostBeforeMs,
        };
        if (tick.SeenUntilMs is { } seenUntil)
        {
            progress = progress with { SeenUntilMs = seenUntil };
        }

        return new LanePublication(registers.ToImmutable(), progress, safeOffset < 0 ? null : safeOffset, _ids.TakeUnchecked());
    }

    private void Advance(PredictionRecord record)
    {
        var offset = record.Offset;
        if (offset < _nextOffset && !(record.Row > 0 && offset == _nextOffset - 1))
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"partition {sourcePartition}: offset {offset} came after {_nextOffset - 1}"));
        }

        _nextOffset = offset + 1;
    }

    /// <summary>Looks up the series that a record counts in, and whether there is memory for it in all of them.</summary>
    private bool FindRoom(PredictionRecord record)
    {
        _counting.Clear();
        var hasRoom = true;
        foreach (var series in record.Series)
        {
            var open = SeriesOf(series);
            _counting.Add(open);
            hasRoom = hasRoom && open.HasRoom(record);
        }

        for (var i = 0; !hasRoom && i < _counting.Count; i++)
        {
            ForgetIfUnused(record.Series[i], _counting[i]);
        }

        return hasRoom;
    }

    private OpenSeries SeriesOf(SeriesKey series)
    {
        if (!_open.TryGetValue(series, out var open))
        {
            // a model or segment that was retired and admitted anew has another object for the same series
            open = _byName.Remove(series, out var before) && _open.Remove(before, out var kept) ? kept : new OpenSeries(plan, memory);
            _open[series] = open;
            _byName.Add(series, series);
        }

        return open;
    }

    private OpenPane PaneOf(OpenSeries series, long paneStart, PredictionRecord record)
    {
        series.Note(record.RecordTimeMs);
        var panes = series.Panes;
        for (var i = panes.Count - 1; i >= 0; i--) // the newest pane, where nearly every event goes, is the last
        {
            if (panes[i].StartMs == paneStart && panes[i].Holds(record.Classes))
            {
                return panes[i];
            }
        }

        var pane = new OpenPane(
            paneStart, record.Classes, Math.Min(record.Offset, _ids.NeededFrom(paneStart)),
            _clockOffset);
        panes.Add(pane);
        _earliestOpenEndMs = Math.Min(_earliestOpenEndMs, paneStart + plan.BasePaneMs);
        return pane;
    }

    private void ClosePanes(long closedBefore)
    {
        _earliestOpenEndMs = long.MaxValue;
        _ids.Close(closedBefore);
        foreach (var (series, open) in _open)
        {
            var panes = open.Panes;
            for (var i = panes.Count - 1; i >= 0; i--)
            {
                var end = panes[i].StartMs + plan.BasePaneMs;
                if (end < closedBefore)
                {
                    if (panes[i].TakeChanged())
                    {
                        _closed.Add(panes[i].ToRegister(sourcePartition, series));
                    }

                    panes.RemoveAt(i);
                }
                else
                {
                    _earliestOpenEndMs = Math.Min(_earliestOpenEndMs, end);
                }
            }

            if (open.IsSilent(_clockMs))
            {
                Forget(series, open); // allowed while enumerating since .NET Core 3.0
            }
        }
    }

    /// <summary>Gives all memory back: the lane ends.</summary>
    public void Release()
    {
        _ids.Clear();
        foreach (var (series, open) in _open)
        {
            Forget(series, open);
        }
    }

    /// <summary>Forgets a series that counts nothing and could take no place.</summary>
    private void ForgetIfUnused(SeriesKey series, OpenSeries open)
    {
        if (open.IsUnused)
        {
            Forget(series, open);
        }
    }

    private void Forget(SeriesKey series, OpenSeries open)
    {
        open.Release();
        _byName.Remove(series);
        _open.Remove(series);
    }
}
