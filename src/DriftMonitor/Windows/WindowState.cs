using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>Stage 2's state: all series' windows of outputs and labels, and source partitions' progress. A reducer.</summary>
/// <remarks>
/// The windows' time is the tick's, so that they drain when traffic stops; while source partitions work off a backlog it is that of
/// the one that lags most, so that no window runs ahead of what has been read. A series' windows also wait, for
/// <see cref="WindowPlan.PatienceMs"/>, for what the source partitions that feed it are yet to publish. Used by one thread.
/// </remarks>
internal sealed class WindowState
{
    private readonly WindowPlan _plan;
    private readonly SeriesPlaces _places;
    private readonly MemoryBudget _memory;
    private readonly List<StageEvent> _events = [];
    private readonly Dictionary<SeriesKey, SeriesWindows> _series = [];
    private readonly Dictionary<string, ClassVote> _votes = new(StringComparer.Ordinal); // of models with inferred classes
    private readonly LabelWindows? _labels;
    private readonly LaneStates _lanes;
    private readonly RefusedRegisters _refused;
    private long _settledBeforeMs = long.MinValue;
    private long _lostBeforeMs = long.MinValue;
    private bool _ticked;

    public WindowState(
        WindowPlan plan, int maxSeries, IReadOnlyCollection<int> sourcePartitions, Func<int, bool>? isExpected, FeedbackPlan? labels,
        MemoryBudget memory)
    {
        (_plan, _places, _memory) = (plan, new SeriesPlaces(maxSeries), memory);
        _lanes = new LaneStates(plan, sourcePartitions, isExpected);
        _refused = new RefusedRegisters(plan, _lanes, _events);
        _labels = labels is null ? null : new LabelWindows(labels, _places, _refused, memory);
    }

    /// <summary>Takes a message in, and gives what settles or is refused with it.</summary>
    public IEnumerable<StageEvent> Apply(PaneMessage message)
    {
        switch (message)
        {
            case PaneRegister register:
                Apply(register);
                break;
            case LaneProgress progress when !_lanes[progress.SourcePartition].IsFormer(progress):
                LoseBefore(progress.LostBeforeMs);
                Apply(progress);
                break;
            case LaneProgress:
                break;
            case UnreadableLane unreadable:
                _lanes[unreadable.SourcePartition].MarkUnreadable();
                if (unreadable.Register is { } foreign)
                {
                    _refused.Add(foreign, RegisterRefusal.OtherPlan, merged: 0);
                }

                break;
            case Settlement past:
                Restore(past);
                break;
            case RegistersLost lost:
                LoseBefore(lost.BeforeMs);
                break;
            case FeedbackRegister register when _labels is not null:
                _labels.Apply(register);
                break;
            case FeedbackProgress progress when _labels is not null:
                _labels.Apply(progress);
                break;
            case LabelsLost lost when _labels is not null:
                _labels.Apply(lost);
                break;
            default:
                throw new ArgumentException($"a pane message of an unknown kind: {message.GetType().Name}", nameof(message));
        }

        return TakeEvents();
    }

    /// <summary>
    /// Moves every window on and gives those that moved, or that have become complete or incomplete, and those of labels that have changed.
    /// </summary>
    public IEnumerable<StageEvent> Tick(long nowMs)
    {
        _ticked = true;
        var (backlogMs, areUsable) = (_lanes.BacklogMs(nowMs), _lanes.AreUsable);
        foreach (var (key, windows) in InOrder())
        {
            var seenUntilMs = _lanes.SeenUntil(windows.Sources, nowMs);
            var time = Math.Min(backlogMs, Math.Max(seenUntilMs, nowMs - _plan.PatienceMs));
            var silent = windows.LatestEventMs < time - _plan.SilenceMs;
            foreach (var window in silent ? windows.Retire(time) : windows.MoveTo(time, IsComplete))
            {
                yield return window.SeenFromMs < _lostBeforeMs ? window with { SeenFromMs = _lostBeforeMs } : window;
            }

            if (silent)
            {
                GiveUp(key, windows);
            }
            else
            {
                windows.FitMemory();
            }

            bool IsComplete(long fromMs, long toMs) =>
                areUsable && toMs <= seenUntilMs && fromMs >= Math.Max(windows.CoveredFromMs, _lostBeforeMs);
        }

        DecideClasses(Math.Min(backlogMs, Math.Max(_lanes.SeenUntil([], nowMs), nowMs - _plan.PatienceMs)));
        foreach (var window in _labels?.MoveTo(nowMs) ?? [])
        {
            yield return window;
        }

        foreach (var refused in TakeEvents())
        {
            yield return refused;
        }
    }

    /// <summary>All traffic of every model before the segments, which may be compared with it.</summary>
    private IEnumerable<KeyValuePair<SeriesKey, SeriesWindows>> InOrder() => _plan.Compared.IsEmpty
        ? _series
        : _series.OrderByDescending(series => series.Key.Segment == SeriesKey.All); // of equal ones in their order

    private StageEvent[] TakeEvents()
    {
        StageEvent[] events = [.. _events];
        _events.Clear();
        return events;
    }

    /// <summary>Never taken back: whoever does not know of a loss, or not any more, does not know better.</summary>
    private void LoseBefore(long beforeMs) => _lostBeforeMs = Math.Max(_lostBeforeMs, beforeMs);

    private void Apply(LaneProgress progress)
    {
        var lane = _lanes[progress.SourcePartition];
        if (!lane.IsReadable)
        {
            LoseBefore(progress.AsOfMs); // what another plan's lane has read until now is in no register of ours
        }

        if (lane.Apply(progress))
        {
            var replaced = new SourceReplaced(progress.SourcePartition, _plan.LostBefore(progress.AsOfMs));
            LoseBefore(replaced.BeforeMs);
            _events.Add(replaced);
        }

        _refused.Forget(progress.SourcePartition, lane.ClosedBeforeMs);
        Settle();
    }

    private void Apply(PaneRegister register)
    {
        var endMs = register.PaneStartMs + _plan.BasePaneMs;
        if (_lanes.Find(register.SourcePartition) is { } lane && endMs < lane.ClosedBeforeMs)
        {
            return; // final: a repeat, or a replica that no longer owns the partition
        }

        if (endMs <= _settledBeforeMs)
        {
            _refused.Add(register, RegisterRefusal.Settled, merged: 0);
        }
        else if (SeriesOf(register.Series) is not { } windows)
        {
            _refused.Add(register, RegisterRefusal.SeriesLimit, merged: 0);
        }
        else
        {
            Apply(register, windows);
        }
    }

    private void Apply(PaneRegister register, SeriesWindows windows)
    {
        var vote = VoteOf(register.Series.Model, register.Classes);
        vote?.Note(register);
        var refusal = windows.Apply(register, vote, out var merged);
        if (vote is not null && register.Series.Segment == SeriesKey.All
            && refusal is null or RegisterRefusal.Passed or RegisterRefusal.OtherClasses)
        {
            vote.Count(register, refusal == RegisterRefusal.OtherClasses, merged);
        }

        if (refusal is { } why)
        {
            _refused.Add(register, why, merged);
            if (windows.IsEmpty)
            {
                GiveUp(register.Series, windows);
            }
        }
    }

    private ClassVote? VoteOf(string model, PaneClasses classes)
    {
        if (classes.Inferred is { } space && !_votes.ContainsKey(model))
        {
            _votes.Add(model, new ClassVote(model, _plan, space));
        }

        return classes.Inferred is null ? null : _votes[model];
    }

    private void DecideClasses(long timeMs)
    {
        foreach (var (model, vote) in _votes)
        {
            // a model whose series were given up meanwhile sends classes that were outvoted
            var isInferred = !_series.TryGetValue(new SeriesKey(model, SeriesKey.All), out var windows) || windows.IsInferred;
            if (vote.Decide(timeMs, isInferred) is { } change)
            {
                _events.Add(change);
            }

            if (vote.IsOverFromMs < timeMs)
            {
                _votes.Remove(model); // allowed while enumerating since .NET Core 3.0
            }
        }
    }

    /// <summary>Gives all memory back: nothing more will come.</summary>
    public void Release()
    {
        foreach (var (key, windows) in _series)
        {
            GiveUp(key, windows);
        }

        _labels?.Release();
    }

    private void GiveUp(SeriesKey series, SeriesWindows windows)
    {
        windows.Release();
        _series.Remove(series);
        _places.Release(series);
    }

    private SeriesWindows? SeriesOf(SeriesKey series)
    {
        if (!_series.TryGetValue(series, out var windows) && _places.TryTake(series))
        {
            _series.Add(series, windows = new SeriesWindows(series, _plan, isNew: _ticked, _refused, _memory));
        }

        return windows;
    }

    private void Restore(Settlement past)
    {
        _settledBeforeMs = past.BeforeMs;
        LoseBefore(past.LostBeforeMs);
        foreach (var heard in past.Heard)
        {
            _lanes[heard.SourcePartition].Restore(heard);
        }

        foreach (var pane in past.Panes.OrderBy(pane => pane.StartMs)) // of two class spaces the one that came last stays
        {
            if (pane.EndMs <= past.BeforeMs && pane.EndMs > past.BeforeMs - _plan.SilenceMs)
            {
                var windows = SeriesOf(pane.Series);
                if (windows is not null)
                {
                    VoteOf(pane.Series.Model, pane.Classes)?.Restore(pane);
                    windows.Restore(pane, past.BeforeMs);
                }

                if (windows?.IsEmpty == true)
                {
                    GiveUp(pane.Series, windows);
                }

                foreach (var source in pane.Sources)
                {
                    _ = _lanes[source]; // its first word is waited for, where it is expected
                }
            }
        }
    }

    /// <summary>Settles what every lane has closed. In steps, so that never more is let go of than a successor can spare.</summary>
    private void Settle()
    {
        var closedBefore = _lanes.SettledBeforeMs;
        var to = closedBefore == LaneProgress.Nothing ? long.MinValue : _plan.LastClosedEnd(closedBefore);
        while (_settledBeforeMs < to)
        {
            var next = _series.Values.Select(windows => windows.NextToSettleMs).Append(to).Min();
            var step = Math.Min(to, next + (RollupLevel.Spare / 2 * _plan.BasePaneMs));
            var settled = ImmutableArray.CreateBuilder<SettledPane>();
            foreach (var windows in _series.Values)
            {
                windows.Settle(_settledBeforeMs, step, settled);
            }

            _settledBeforeMs = step;
            if (settled.Count > 0 || step == to)
            {
                _events.Add(new PanesSettled(new Settlement(step, settled.DrainToImmutable())
                {
                    Heard = _lanes.Heard,
                    LostBeforeMs = _lostBeforeMs,
                }));
            }
        }
    }
}
