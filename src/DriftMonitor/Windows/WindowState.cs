using DriftMonitor.Events;

namespace DriftMonitor.Windows;

/// <summary>Stage 2's state: every series' windows and how far each source partition has come. A reducer: messages and ticks in, windows out.</summary>
/// <remarks>
/// The windows' time is the tick's, so that they drain when traffic stops; while source partitions work off a backlog it is the clock of
/// the one that lags most, so that no window runs ahead of what has been read. Used by one thread.
/// </remarks>
internal sealed class WindowState(WindowPlan plan, int maxSeries, Action<PaneRegister, RegisterRefusal>? onRefused)
{
    private readonly Dictionary<SeriesKey, SeriesWindows> _series = [];
    private readonly Dictionary<int, LaneProgress> _lanes = [];

    public void Apply(PaneMessage message)
    {
        switch (message)
        {
            case PaneRegister register:
                Apply(register);
                break;
            case LaneProgress progress:
                // A lane that re-reads after a crash says less than was known: what is closed stays closed.
                _lanes[progress.SourcePartition] = progress with { ClosedBeforeMs = Math.Max(progress.ClosedBeforeMs, ClosedBefore(progress.SourcePartition)) };
                break;
            default:
                throw new ArgumentException($"a pane message of an unknown kind: {message.GetType().Name}", nameof(message));
        }
    }

    /// <summary>Moves every window on and gives those that moved.</summary>
    public IEnumerable<LiveWindow> Tick(long nowMs)
    {
        var behind = _lanes.Values.Where(lane => !lane.CaughtUp).Select(lane => plan.ClockOf(lane.ClosedBeforeMs));
        var time = behind.Append(nowMs).Min();
        foreach (var (key, windows) in _series)
        {
            windows.Seal(ClosedBefore);
            var silent = windows.LatestEventMs < time - plan.SilenceMs;
            foreach (var window in silent ? windows.Retire(time) : windows.MoveTo(time))
            {
                yield return window;
            }

            if (silent)
            {
                _series.Remove(key);
            }
        }
    }

    private void Apply(PaneRegister register)
    {
        if (register.PaneStartMs + plan.BasePaneMs < ClosedBefore(register.SourcePartition))
        {
            return; // final: a repeat, or a replica that no longer owns the partition
        }

        if (!_series.TryGetValue(register.Series, out var windows))
        {
            if (_series.Count >= maxSeries)
            {
                onRefused?.Invoke(register, RegisterRefusal.SeriesLimit);
                return;
            }

            _series.Add(register.Series, windows = new SeriesWindows(register.Series, plan));
        }

        if (windows.Apply(register) is { } refusal)
        {
            onRefused?.Invoke(register, refusal);
        }
    }

    private long ClosedBefore(int sourcePartition) =>
        _lanes.TryGetValue(sourcePartition, out var lane) ? lane.ClosedBeforeMs : long.MinValue;
}
