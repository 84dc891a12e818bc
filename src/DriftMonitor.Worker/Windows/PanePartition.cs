using System.Reactive;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;

namespace DriftMonitor.Worker.Windows;

/// <summary>An assigned partition of the panes topic, as observables: its messages and the times to move its windows to.</summary>
internal sealed class PanePartition(TopicPartition partition, WindowPlan plan)
{
    private const int MostUndecided = 128;

    private readonly Lock _reporting = new();
    private readonly Dictionary<SeriesKey, PaneClasses> _classes = [];
    private readonly Subject<Unit> _closed = new();
    private readonly Dictionary<int, long> _seenUntilMs = [];
    private bool _isClosed;

    public TopicPartition Partition => partition;

    public UnsettledPanes Unsettled { get; } = new(plan);

    public Subject<PaneMessage> Messages { get; } = new();

    public Subject<long> TicksMs { get; } = new();

    /// <summary>
    /// The first slide that a predecessor may not have decided, while this one has not: windows move through the slides from there on, so
    /// that alarms begin and end when they would have.
    /// </summary>
    public long? UndecidedFromMs { get; set; }

    /// <summary>Whether its windows have come to where the others are.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Moves the windows to a pane's end, or to the next one that nobody has decided.</summary>
    /// <returns>Whether they have come to that end.</returns>
    public bool Move(long paneMs)
    {
        var next = Math.Min(paneMs, Math.Max(UndecidedFromMs ?? paneMs, paneMs - (MostUndecided * plan.BasePaneMs)));
        TicksMs.OnNext(next);
        UndecidedFromMs = next < paneMs ? next + plan.BasePaneMs : null;
        return HasMoved = next == paneMs;
    }

    /// <summary>Ends the partition's query.</summary>
    public IObservable<Unit> Closed => _closed;

    /// <summary>Takes a report in, unless the partition is another replica's by now.</summary>
    /// <remarks>Reports come from the consumer's thread and the references', which may be in one while the partition is closed.</remarks>
    /// <returns>Whether the series has other classes than it had, and not by a vote, which is said for itself.</returns>
    public bool Report(DriftReport report, AlarmDesk alarms)
    {
        lock (_reporting)
        {
            if (_isClosed)
            {
                return false;
            }

            alarms.Note(report);
            var series = report.Window.Series;
            if (report.Window.Retired)
            {
                _classes.Remove(series);
                return false;
            }

            var classes = report.Window.Classes;
            var changed = _classes.TryGetValue(series, out var before) && before.SpaceId != classes.SpaceId
                && (before.Inferred is null || classes.Inferred is null);
            _classes[series] = classes;
            return changed;
        }
    }

    /// <summary>Takes a window of labels in, unless the partition is another replica's by now.</summary>
    public void Report(FeedbackWindow window, AlarmDesk alarms)
    {
        lock (_reporting)
        {
            if (!_isClosed)
            {
                alarms.Note(window);
            }
        }
    }

    /// <summary>Up to when all panes are final; null before any is.</summary>
    public long? SettledBeforeMs { get; set; }

    /// <summary>Whether everything that was in the partition when it was assigned has been read.</summary>
    public bool ArePanesRestored { get; set; }

    /// <summary>Whether everything that was in the partition of the labels' panes has been read, too; or there are none.</summary>
    public bool AreLabelsRestored { get; set; }

    /// <summary>Whether windows may be moved and shown.</summary>
    public bool Restored => ArePanesRestored && AreLabelsRestored;

    /// <summary>Whether a lane has seen all up to a time that windows have moved to, and had not before: they may wait for it.</summary>
    public bool HasNowSeen(LaneProgress progress, long untilMs)
    {
        var before = _seenUntilMs.GetValueOrDefault(progress.SourcePartition, LaneProgress.Nothing);
        _seenUntilMs[progress.SourcePartition] = Math.Max(before, progress.SeenUntilMs);
        return before < untilMs && progress.SeenUntilMs >= untilMs;
    }

    /// <summary>Ends the query, and takes back what is known of the models whose partition this is.</summary>
    public void Close(AlarmDesk alarms, Func<string, bool> isMine)
    {
        _closed.OnNext(Unit.Default); // not under the lock: whoever is under way with a report holds the query's own, and waits for ours
        lock (_reporting)
        {
            _isClosed = true;
            alarms.Forget(isMine);
        }
    }
}
