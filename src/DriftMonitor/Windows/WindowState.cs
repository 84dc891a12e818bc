using System.Collections.Immutable;
using DriftMonitor.Events;

namespace DriftMonitor.Windows;

/// <summary>Stage 2's state: every series' windows and how far each source partition has come. A reducer: messages and ticks in, windows out.</summary>
/// <remarks>
/// The windows' time is the tick's, so that they drain when traffic stops; while source partitions work off a backlog it is the clock of
/// the one that lags most, so that no window runs ahead of what has been read. Used by one thread.
/// </remarks>
internal sealed class WindowState(
    WindowPlan plan,
    int maxSeries,
    IReadOnlyCollection<int> sourcePartitions,
    Action<PaneRegister, RegisterRefusal>? onRefused,
    Action<Settlement>? onSettled)
{
    private readonly Dictionary<SeriesKey, SeriesWindows> _series = [];
    private readonly Dictionary<int, LaneState> _lanes = sourcePartitions.ToDictionary(partition => partition, _ => new LaneState(plan, expected: true));
    private long _settledBeforeMs = long.MinValue;
    private long _lostBeforeMs = long.MinValue;

    public void Apply(PaneMessage message)
    {
        switch (message)
        {
            case PaneRegister register:
                Apply(register);
                break;
            case LaneProgress progress:
                Lane(progress.SourcePartition).Hear(progress);
                LoseBefore(progress.LostBeforeMs);
                Settle();
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
        var behind = _lanes.Values.Where(lane => !lane.CaughtUp && lane.ClosedBeforeMs != LaneProgress.Nothing && !lane.IsSilent(nowMs));
        var time = behind.Select(lane => lane.ClockMs).Append(nowMs).Min();
        var allHaveSpoken = _lanes.Values.All(lane => lane.HasSpoken);
        foreach (var (key, windows) in _series)
        {
            var silent = windows.LatestEventMs < time - plan.SilenceMs;
            foreach (var window in silent ? windows.Retire(time) : windows.MoveTo(time, IsComplete))
            {
                yield return window;
            }

            if (silent)
            {
                _series.Remove(key);
            }

            bool IsComplete(long fromMs, long toMs) =>
                allHaveSpoken && fromMs >= Math.Max(windows.CoveredFromMs, _lostBeforeMs) && windows.Sources.All(lane => SeenUntil(lane) >= toMs - Tolerance);
        }
    }

    /// <summary>Never taken back: whoever does not know of a loss, or not any more, does not know better.</summary>
    private void LoseBefore(long beforeMs) => _lostBeforeMs = Math.Max(_lostBeforeMs, beforeMs);

    /// <summary>A lane speaks once a base pane at least; one word of it may be on its way.</summary>
    private long Tolerance => 2 * plan.BasePaneMs;

    private long SeenUntil(int sourcePartition) =>
        _lanes.TryGetValue(sourcePartition, out var lane) && lane.HasSpoken ? lane.SeenUntilMs : long.MaxValue;

    private LaneState Lane(int sourcePartition)
    {
        if (!_lanes.TryGetValue(sourcePartition, out var lane))
        {
            _lanes.Add(sourcePartition, lane = new LaneState(plan, expected: false));
        }

        return lane;
    }

    private void Apply(PaneRegister register)
    {
        var endMs = register.PaneStartMs + plan.BasePaneMs;
        if (_lanes.TryGetValue(register.SourcePartition, out var lane) && endMs < lane.ClosedBeforeMs)
        {
            return; // final: a repeat, or a replica that no longer owns the partition
        }

        if (endMs <= _settledBeforeMs)
        {
            onRefused?.Invoke(register, RegisterRefusal.Settled);
        }
        else if (SeriesOf(register.Series) is not { } windows)
        {
            onRefused?.Invoke(register, RegisterRefusal.SeriesLimit);
        }
        else if (windows.Apply(register) is { } refusal)
        {
            onRefused?.Invoke(register, refusal);
        }
    }

    private SeriesWindows? SeriesOf(SeriesKey series)
    {
        if (!_series.TryGetValue(series, out var windows) && _series.Count < maxSeries)
        {
            _series.Add(series, windows = new SeriesWindows(series, plan));
        }

        return windows;
    }

    private void Restore(Settlement past)
    {
        _settledBeforeMs = past.BeforeMs;
        LoseBefore(past.LostBeforeMs);
        foreach (var pane in past.Panes.OrderBy(pane => pane.StartMs)) // of two class spaces the one that came last stays
        {
            if (pane.EndMs <= past.BeforeMs && pane.EndMs > past.BeforeMs - plan.SilenceMs)
            {
                SeriesOf(pane.Series)?.Restore(pane, past.BeforeMs);
            }
        }
    }

    /// <summary>Settles what every lane has closed. In steps, so that never more is let go of than a successor can spare.</summary>
    private void Settle()
    {
        var newestWordMs = _lanes.Values.Max(lane => lane.AsOfMs);
        var closedBefore = _lanes.Values.Where(lane => lane.IsExpected || !lane.IsSilent(newestWordMs)).Min(lane => lane.SettledBeforeMs);
        var to = closedBefore == LaneProgress.Nothing ? long.MinValue : plan.LastClosedEnd(closedBefore);
        while (_settledBeforeMs < to)
        {
            var next = _series.Values.Select(windows => windows.NextToSettleMs).Append(to).Min();
            var step = Math.Min(to, next + (RollupLevel.Spare / 2 * plan.BasePaneMs));
            var settled = ImmutableArray.CreateBuilder<SettledPane>();
            foreach (var windows in _series.Values)
            {
                windows.Settle(_settledBeforeMs, step, settled);
            }

            _settledBeforeMs = step;
            if (settled.Count > 0 || step == to)
            {
                onSettled?.Invoke(new Settlement(step, settled.DrainToImmutable()) { LostBeforeMs = _lostBeforeMs });
            }
        }
    }
}
