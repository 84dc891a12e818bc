using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Windows;

/// <summary>Stage 2's state: every series' windows and how far each source partition has come. A reducer: messages and ticks in, windows out.</summary>
/// <remarks>
/// The windows' time is the tick's, so that they drain when traffic stops; while source partitions work off a backlog it is that of
/// the one that lags most, so that no window runs ahead of what has been read. A series' windows also wait, for <see cref="WindowPlan.PatienceMs"/>, for
/// what the source partitions that feed it are yet to publish. Used by one thread.
/// </remarks>
internal sealed class WindowState
{
    private const int MaxRefused = 100_000; // of which growth is told from repeats

    private readonly WindowPlan _plan;
    private readonly int _maxSeries;
    private readonly Func<int, bool> _isExpected;
    private readonly Action<RegisterRefusal, long>? _onRefused;
    private readonly Action<Settlement>? _onSettled;
    private readonly Dictionary<SeriesKey, SeriesWindows> _series = [];
    private readonly Dictionary<int, LaneState> _lanes;
    private readonly Dictionary<(int SourcePartition, SeriesKey Series, string SpaceId, long PaneStartMs), long> _refused = []; // events that are accounted for
    private long _settledBeforeMs = long.MinValue;
    private long _lostBeforeMs = long.MinValue;
    private bool _ticked;

    public WindowState(
        WindowPlan plan,
        int maxSeries,
        IReadOnlyCollection<int> sourcePartitions,
        Func<int, bool>? isExpected,
        Action<RegisterRefusal, long>? onRefused,
        Action<Settlement>? onSettled)
    {
        (_plan, _maxSeries, _onRefused, _onSettled) = (plan, maxSeries, onRefused, onSettled);
        _isExpected = isExpected ?? (_ => false);
        _lanes = sourcePartitions.ToDictionary(partition => partition, _ => new LaneState(plan, expected: true));
    }

    public void Apply(PaneMessage message)
    {
        switch (message)
        {
            case PaneRegister register:
                Apply(register);
                break;
            case LaneProgress progress:
                LoseBefore(progress.LostBeforeMs);
                Hear(progress);
                break;
            case UnreadableLane unreadable:
                Lane(unreadable.SourcePartition).Lose();
                if (unreadable.Register is { } foreign)
                {
                    Refuse(foreign, RegisterRefusal.OtherPlan, known: 0);
                }

                break;
            case Settlement past:
                Restore(past);
                break;
            case RegistersLost lost:
                LoseBefore(lost.BeforeMs);
                break;
            default:
                throw new ArgumentException($"a pane message of an unknown kind: {message.GetType().Name}", nameof(message));
        }
    }

    /// <summary>Moves every window on and gives those that moved, or that have become complete or incomplete.</summary>
    public IEnumerable<LiveWindow> Tick(long nowMs)
    {
        _ticked = true;
        var backlogMs = nowMs;
        var allAreHeard = true;
        foreach (var lane in _lanes.Values)
        {
            backlogMs = lane.IsBehind(nowMs) ? Math.Min(backlogMs, lane.SeenUntilMs) : backlogMs;
            allAreHeard &= lane.IsHeard;
        }

        foreach (var (key, windows) in _series)
        {
            var seenUntilMs = SeenUntil(windows.Sources, nowMs);
            var time = Math.Min(backlogMs, Math.Max(seenUntilMs, nowMs - _plan.PatienceMs));
            var silent = windows.LatestEventMs < time - _plan.SilenceMs;
            foreach (var window in silent ? windows.Retire(time) : windows.MoveTo(time, IsComplete))
            {
                yield return window;
            }

            if (silent)
            {
                _series.Remove(key);
            }

            bool IsComplete(long fromMs, long toMs) =>
                allAreHeard && toMs <= seenUntilMs && fromMs >= Math.Max(windows.CoveredFromMs, _lostBeforeMs);
        }
    }

    /// <summary>Never taken back: whoever does not know of a loss, or not any more, does not know better.</summary>
    private void LoseBefore(long beforeMs) => _lostBeforeMs = Math.Max(_lostBeforeMs, beforeMs);

    /// <summary>Up to when every event is known of the source partitions that feed a series: of all there are, when it is not known which do.</summary>
    private long SeenUntil(ImmutableArray<int> sources, long nowMs)
    {
        var seenUntilMs = long.MaxValue;
        if (sources.IsEmpty)
        {
            foreach (var lane in _lanes.Values)
            {
                seenUntilMs = Math.Min(seenUntilMs, SeenUntil(lane, nowMs));
            }
        }

        foreach (var source in sources)
        {
            seenUntilMs = _lanes.TryGetValue(source, out var lane) ? Math.Min(seenUntilMs, SeenUntil(lane, nowMs)) : seenUntilMs;
        }

        return seenUntilMs;
    }

    /// <summary>Windows do not wait for a first word, nor for a lane that nobody expects and that is silent: its partition is gone.</summary>
    private static long SeenUntil(LaneState lane, long nowMs) =>
        lane.HasSpoken && (lane.IsExpected || !lane.IsSilent(nowMs)) ? lane.SeenUntilMs : long.MaxValue;

    private LaneState Lane(int sourcePartition)
    {
        if (!_lanes.TryGetValue(sourcePartition, out var lane))
        {
            _lanes.Add(sourcePartition, lane = new LaneState(_plan, _isExpected(sourcePartition)));
        }

        return lane;
    }

    private void Hear(LaneProgress progress)
    {
        var lane = Lane(progress.SourcePartition);
        if (!lane.IsReadable)
        {
            LoseBefore(progress.AsOfMs); // what another plan's lane has read until now is in no register of ours
        }

        lane.Hear(progress);
        if (_refused.Count > 0)
        {
            foreach (var key in _refused.Keys)
            {
                if (key.SourcePartition == progress.SourcePartition && key.PaneStartMs + _plan.BasePaneMs < lane.ClosedBeforeMs)
                {
                    _refused.Remove(key); // can grow no more
                }
            }
        }

        Settle();
    }

    private void Apply(PaneRegister register)
    {
        var endMs = register.PaneStartMs + _plan.BasePaneMs;
        if (_lanes.TryGetValue(register.SourcePartition, out var lane) && endMs < lane.ClosedBeforeMs)
        {
            return; // final: a repeat, or a replica that no longer owns the partition
        }

        if (endMs <= _settledBeforeMs)
        {
            Refuse(register, RegisterRefusal.Settled, known: 0);
        }
        else if (SeriesOf(register.Series) is not { } windows)
        {
            Refuse(register, RegisterRefusal.SeriesLimit, known: 0);
        }
        else if (windows.Apply(register, out var known) is { } refusal)
        {
            Refuse(register, refusal, known);
        }
    }

    /// <summary>Counts the events of a register that count in no window, each once, however often it is said again.</summary>
    private void Refuse(PaneRegister register, RegisterRefusal why, long known)
    {
        if (_lanes.TryGetValue(register.SourcePartition, out var lane) && register.LastOffset < lane.NextOffset)
        {
            return; // all of it was heard of before
        }

        var before = Account(register, known);
        if (register.Sums.AllEvents - Math.Max(before, known) is > 0 and var more)
        {
            _onRefused?.Invoke(why, more);
        }
    }

    /// <summary>Takes note of a register whose events are accounted for.</summary>
    /// <returns>How many of them were before.</returns>
    private long Account(PaneRegister register, long known)
    {
        if (_refused.Count >= MaxRefused)
        {
            _refused.Clear();
        }

        ref var accounted = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _refused, (register.SourcePartition, register.Series, register.Classes.SpaceId, register.PaneStartMs), out _);
        var before = Math.Max(accounted, known);
        accounted = Math.Max(before, register.Sums.AllEvents);
        return before;
    }

    private void Forgotten(PaneRegister register)
    {
        if (!_lanes.TryGetValue(register.SourcePartition, out var lane) || lane.ClosedBeforeMs <= register.PaneStartMs + _plan.BasePaneMs)
        {
            Account(register, known: 0); // its lane may add to it
        }
    }

    private SeriesWindows? SeriesOf(SeriesKey series)
    {
        if (!_series.TryGetValue(series, out var windows) && _series.Count < _maxSeries)
        {
            _series.Add(series, windows = new SeriesWindows(series, _plan, isNew: _ticked, Forgotten, (why, events) => _onRefused?.Invoke(why, events)));
        }

        return windows;
    }

    private void Restore(Settlement past)
    {
        _settledBeforeMs = past.BeforeMs;
        LoseBefore(past.LostBeforeMs);
        foreach (var (source, nextOffset) in past.Heard)
        {
            Lane(source).Restore(nextOffset);
        }

        foreach (var pane in past.Panes.OrderBy(pane => pane.StartMs)) // of two class spaces the one that came last stays
        {
            if (pane.EndMs <= past.BeforeMs && pane.EndMs > past.BeforeMs - _plan.SilenceMs)
            {
                SeriesOf(pane.Series)?.Restore(pane, past.BeforeMs);
                foreach (var source in pane.Sources)
                {
                    Lane(source); // its first word is waited for, where it is expected
                }
            }
        }
    }

    /// <summary>Settles what every lane has closed. In steps, so that never more is let go of than a successor can spare.</summary>
    private void Settle()
    {
        var newestWordMs = _lanes.Values.Max(lane => lane.AsOfMs);
        var closedBefore = _lanes.Values.Where(lane => lane.IsExpected || !lane.IsSilent(newestWordMs)).Min(lane => lane.SettledBeforeMs);
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
                _onSettled?.Invoke(new Settlement(step, settled.DrainToImmutable())
                {
                    Heard = [.. _lanes.Where(lane => lane.Value.NextOffset >= 0).Select(lane => (lane.Key, lane.Value.NextOffset))],
                    LostBeforeMs = _lostBeforeMs,
                });
            }
        }
    }
}
