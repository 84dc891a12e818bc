using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Windows;

/// <summary>
/// Moves the windows of partitions with the clock: with each pane, and in between, since windows wait for what lanes have yet to publish.
/// </summary>
/// <remarks>
/// Partition by partition, and no longer than a moment at once: the group must hear from this member, however long evaluating takes. Used
/// by one thread.
/// </remarks>
internal sealed class WindowClock(MonitorSettings settings, TimeProvider time)
{
    private const long TickEveryMs = 1_000;
    private static readonly TimeSpan MomentOfEvaluation = TimeSpan.FromSeconds(1);

    private readonly Queue<PanePartition> _toTick = new();
    private long _lastTickMs;

    /// <summary>The end of the last pane that windows have moved to, or are moving to.</summary>
    public long PaneMs { get; private set; }

    /// <summary>Whether this move goes to another pane.</summary>
    public bool HasSlid { get; private set; }

    /// <summary>Whether to move at the next occasion: something has come that windows wait for.</summary>
    public bool IsWaitedFor { get; set; }

    /// <summary>How long windows have been evaluated since this was last set to zero.</summary>
    public TimeSpan Evaluating { get; set; }

    /// <summary>Moves windows, when it is time to or not all have moved yet.</summary>
    /// <param name="onDecided">Called when a partition has moved to a slide before the last.</param>
    /// <returns>Whether a move has been completed.</returns>
    public bool Move(IEnumerable<PanePartition> partitions, long nowMs, Action onDecided)
    {
        var pane = settings.Plan.PaneStart(nowMs - (long)settings.EvaluationDelay.TotalMilliseconds);
        var due = _toTick.Count == 0 && (pane != PaneMs || IsWaitedFor || nowMs - _lastTickMs >= TickEveryMs);
        if (due)
        {
            (HasSlid, PaneMs, _lastTickMs, IsWaitedFor) = (pane != PaneMs, pane, nowMs, false);
            foreach (var partition in partitions)
            {
                _toTick.Enqueue(partition);
            }
        }
        else if (_toTick.Count == 0)
        {
            return false;
        }

        var started = time.GetTimestamp();
        while (_toTick.TryPeek(out var partition))
        {
            if (partition.Move(PaneMs))
            {
                _toTick.Dequeue();
            }
            else
            {
                onDecided();
            }

            if (time.GetElapsedTime(started) > MomentOfEvaluation)
            {
                break;
            }
        }

        Evaluating += time.GetElapsedTime(started);
        return _toTick.Count == 0;
    }
}
