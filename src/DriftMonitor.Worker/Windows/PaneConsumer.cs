using System.Reactive.Linq;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Windows;

/// <summary>Stage 2: reads the panes of the series that this replica owns, slides their windows and reports their drift.</summary>
/// <remarks>
/// A partition starts from what was written down of it (<see cref="RollupReader"/>) and is read from where that leaves off, which rebuilds
/// its windows; only then do they move with the clock (<see cref="WindowClock"/>). The panes of labels are read along with it, from the
/// partition of the same number (<see cref="LabelPanes"/>). Nothing is committed: where to resume from stands with
/// what is written down. What settles is written down in turn. What this replica no longer owns it no longer exports.
/// </remarks>
internal sealed class PaneConsumer : PartitionConsumer<PaneMessage?, PanePartition>
{
    private const long MaxUnacknowledged = 50_000;

    private readonly MonitorSettings _settings;
    private readonly HashSet<(int SourcePartition, string Why)> _unreadable = [];
    private readonly GuessedClasses _guessed = new();
    private readonly SourcePartitions _sources;
    private readonly Dictionary<TopicPartition, long> _replaced = []; // by source partition, before when its windows are not ready
    private readonly KafkaMetrics _gaps;
    private readonly RollupReader _past;
    private readonly PlanePublisher _publisher;
    private readonly LabelPanes? _labels;
    private readonly AlarmDesk _alarms;
    private readonly StatusKeeper _statuses;
    private readonly AlarmTests _tests;
    private readonly WindowMetrics _metrics;
    private readonly MemoryBudget _memory;
    private readonly Subject<PanePartition> _partitions = new();
    private readonly TopicMetrics _topic;
    private readonly WindowClock _clock;
    private volatile bool _restored;
    private volatile Exception? _fault;
    private long _evaluated;
    private bool _paused;

    public PaneConsumer(
        MonitorSettings settings,
        SourcePartitions sources,
        RecordCodec codec,
        PlanePublisher publisher,
        IObservable<ReferenceSet> references,
        DriftEvaluator evaluator,
        AlarmDesk alarms,
        StatusKeeper statuses,
        AlarmTests tests,
        MonitorMetrics metrics,
        MemoryBudget memory,
        KafkaConnection connection)
        : base(
            connection,
            KafkaClient.Panes,
            KafkaClients.Consumer(settings.Client, $"{settings.GroupId}-panes", commits: false),
            [settings.PanesTopic],
            codec)
    {
        (_settings, _sources, _alarms, _statuses, _metrics) = (settings, sources, alarms, statuses, metrics.Windows);
        _clock = new WindowClock(settings, Time);
        (_past, _gaps) = (new RollupReader(settings, codec, connection), connection.Metrics);
        (_publisher, _memory, _tests) = (publisher, memory, tests);
        _topic = metrics.Service.Topic(settings.PanesTopic);
        _labels = settings.Feedback is { } feedback ? new LabelPanes(settings, feedback, codec, metrics.Service, connection) : null;
        _ = Query(references, evaluator).Subscribe(
            next => Take(next.Partition, next.Said),
            fault => _fault = fault); // on the references' own thread, where an exception would be heard of by nobody
    }

    /// <summary>
    /// Whether this replica is in its group, and every partition that it owns has been read up to where it was when it was assigned.
    /// </summary>
    public bool Restored => Group.IsMember && _restored;

    /// <summary>Stage 2, as one query over all partitions of the panes topic that this replica owns.</summary>
    private IObservable<(PanePartition Partition, StageEvent Said)> Query(IObservable<ReferenceSet> references, DriftEvaluator evaluator) =>
        from partition in _partitions
        from said in partition.Messages // registers and progress of outputs and of labels
            .SlideWindows(
                partition.TicksMs,
                _settings.Plan,
                _settings.MaxSeriesPerPartition,
                _sources.Expected,
                _sources.IsExpected,
                _settings.Feedback?.Plan,
                _memory)
            .CompareWithRest(_settings.Plan.Compared)
            .CombineWithReference(references, evaluator)
            .TakeUntil(partition.Closed)
        select (partition, said);

    private long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public override void Dispose()
    {
        base.Dispose();
        if (!IsRunning)
        {
            _labels?.Dispose();
        }
    }

    protected override IEnumerable<(PanePartition State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
    {
        _restored &= assigned.Count == 0;
        Partition[] numbers = [.. assigned.Select(partition => partition.Partition)];
        foreach (var (partition, decidedToMs, restored) in assigned
            .Zip(_statuses.Open(numbers, ShowProgress, Stopping), _past.Read(numbers, ShowProgress, Stopping)))
        {
            var opened = new PanePartition(partition, _settings.Plan);
            _partitions.OnNext(opened);
            if (restored.LostBeforeMs is { } lostBeforeMs)
            {
                opened.Messages.OnNext(new RegistersLost(lostBeforeMs));
            }

            if (restored.Settlement is { } settlement)
            {
                opened.SettledBeforeMs = settlement.BeforeMs;
                opened.Messages.OnNext(settlement);
                if (decidedToMs is null && settlement.Panes.Length > 0)
                {
                    _statuses.NoteLost(partition.Partition);
                }
            }

            if (decidedToMs is { } decided)
            {
                // What was not ready at its slide may have been decided a little later; and no window ends in what is settled.
                opened.UndecidedFromMs = Math.Max(decided, opened.SettledBeforeMs ?? decided) - _settings.Plan.PatienceMs;
            }

            opened.AreLabelsRestored = _labels is null;
            _labels?.Add(partition.Partition, Offset.Beginning, opened);
            yield return (opened, new TopicPartitionOffset(partition, restored.ResumeOffset));
        }
    }

    protected override void Read(PanePartition partition, ConsumeResult<Ignore, PaneMessage?> record)
    {
        _topic.CountConsumed();
        partition.Unsettled.Note(record.Message.Value, record.Offset);
        if (record.Message.Value is PaneRegister or LaneProgress or UnreadableLane { SourcePartition: >= 0 })
        {
            var message = record.Message.Value;
            if (message is UnreadableLane unreadable && partition.ArePanesRestored)
            {
                NoteUnreadable(unreadable);
            }
            else if (message is LaneProgress progress)
            {
                _clock.IsWaitedFor |= partition.HasNowSeen(progress, _clock.PaneMs);
                _unreadable.RemoveWhere(lane => lane.SourcePartition == progress.SourcePartition);
            }

            partition.Messages.OnNext(message);
        }
        else if (record.Message.Value is AlarmTest test)
        {
            _tests.Show(test, partition.Partition.Partition, record.Offset, NowMs);
        }
        else
        {
            _topic.CountMalformed();
        }
    }

    protected override void ReachedEnd(PanePartition partition, long offset) => partition.ArePanesRestored = true;

    protected override void CountUnreadable(string topic) => _topic.CountUnreadable();

    protected override void NoteLoss(PanePartition partition, LostRecords lost) =>
        partition.Messages.OnNext(new RegistersLost(_settings.Plan.LostBefore(lost.LatestMs)));

    protected override void Tick(long nowMs)
    {
        if (_fault is { } fault)
        {
            throw new InvalidOperationException("the query over the panes has ended", fault);
        }

        _labels?.Read();
        _restored = Partitions.All(partition => partition.Restored);
        _metrics.SetRestored(Restored, Partitions.Min(partition => partition.SettledBeforeMs));
        _publisher.ThrowIfFatal();
        Pace();
        _statuses.ThrowIfFatal();
        if (!_clock.Move(Partitions.Where(partition => partition.Restored), nowMs, _alarms.TellAlarms))
        {
            return;
        }

        _alarms.Tell();
        _statuses.Write(Moved(Partitions), _clock.PaneMs);
        if (_clock.HasSlid)
        {
            _metrics.CountEvaluations(Interlocked.Exchange(ref _evaluated, 0), _clock.Evaluating);
            _clock.Evaluating = TimeSpan.Zero; // what waited and is evaluated before the next slide counts with that
            ReportPartitions();
        }
    }

    protected override void Close(IReadOnlyList<PanePartition> partitions, bool lost)
    {
        if (_paused)
        {
            Consumer.Resume(partitions.Select(partition => partition.Partition)); // else they are still paused when they are assigned again
        }

        _alarms.Tell(); // while all that explains them is there
        _statuses.Leave(lost ? new HashSet<int>() : Moved(partitions), _clock.PaneMs);
        _labels?.Remove(partitions.Select(partition => partition.Partition.Partition));
        foreach (var partition in partitions)
        {
            partition.Close(_alarms, model => _statuses.PartitionOf(model) == partition.Partition.Partition.Value);
            _tests.Hide(partition.Partition.Partition);
        }

        _statuses.Forget(partitions.Select(partition => partition.Partition.Partition.Value).ToHashSet());
        ReportPartitions();
    }

    private void Take(PanePartition partition, StageEvent said)
    {
        switch (said)
        {
            case DriftReport report:
                Report(partition, report);
                break;
            case FeedbackWindow labels:
                partition.Report(labels, _alarms);
                break;
            case FailedEvaluation failed:
                _metrics.CountEvaluationFailure();
                Log.EvaluationFailed(failed.Fault, failed.Window.Series.ToString(), failed.Window.Window.Name);
                break;
            case RefusedEvents refused when refused.Reason != RegisterRefusal.OtherPlan || partition.ArePanesRestored:
                _metrics.CountRefused(refused.Reason, refused.Events); // what other configurations have left in the topic is no loss
                break;
            case ClassesOutvoted change:
                NoteChange(change);
                break;
            case SourceReplaced replaced:
                NoteReplacement(replaced);
                break;
            case PanesSettled { Settlement: var settlement }:
                partition.SettledBeforeMs = settlement.BeforeMs;
                var resume = Math.Min(
                    partition.Unsettled.Settle(settlement.BeforeMs), _tests.FirstOffset(partition.Partition.Partition, NowMs));
                _publisher.Publish(partition.Partition.Partition, settlement with { ResumeOffset = resume });
                break;
        }
    }

    private void Report(PanePartition partition, DriftReport report)
    {
        Interlocked.Increment(ref _evaluated);
        if (partition.Report(report, _alarms) && report.Window.Series.Segment == SeriesKey.All)
        {
            Log.ClassesChanged(report.Window.Series.Model);
        }

        if (_guessed.IsNews(report.Window, out var other))
        {
            Log.ClassesUnnamed(DisplayText.Of(report.Window.Series.Model), 100 * other, report.Window.Window.Name, ClassSpace.Other);
        }
    }

    private void NoteChange(ClassesOutvoted change) => Log.ClassesOutvoted(
        DisplayText.Of(change.Model), change.Change, change.Misfits, change.Events, DateTimeOffset.FromUnixTimeMilliseconds(change.AtMs));

    private static HashSet<int> Moved(IEnumerable<PanePartition> partitions) =>
        [.. partitions.Where(partition => partition.HasMoved).Select(partition => partition.Partition.Partition.Value)];

    /// <summary>Says once what keeps windows from being ready and what to do about it. What the topic held before is no news.</summary>
    private void NoteUnreadable(UnreadableLane lane)
    {
        _topic.CountMalformed();
        if (_unreadable.Add((lane.SourcePartition, lane.Why)))
        {
            Log.ReplicaUnreadable(_sources[lane.SourcePartition].ToString(), lane.Why);
        }
    }

    /// <summary>Once, though every partition of the panes topic tells.</summary>
    private void NoteReplacement(SourceReplaced replaced)
    {
        var source = _sources[replaced.SourcePartition];
        if (_replaced.GetValueOrDefault(source) < replaced.BeforeMs - WindowPlan.LaneSilenceMs)
        {
            _replaced[source] = replaced.BeforeMs;
            _gaps.CountGap(source.Topic, records: 0);
            Log.SourceReplaced(source.ToString(), DateTimeOffset.FromUnixTimeMilliseconds(replaced.BeforeMs));
        }
    }

    /// <summary>What is written down must not outrun the brokers: memory would grow with what waits.</summary>
    private void Pace()
    {
        var pause = _publisher.UnacknowledgedRollups > MaxUnacknowledged;
        if (pause != _paused)
        {
            _paused = pause;
            var partitions = Partitions.Select(partition => partition.Partition).ToList();
            if (pause)
            {
                Consumer.Pause(partitions);
            }
            else
            {
                Consumer.Resume(partitions);
            }
        }
    }

    private void ReportPartitions()
    {
        _topic.UsePartitions(
            Partitions.Select(partition => new PartitionLag(partition.Partition.Partition, Queries.Lag(partition.Partition))));
        _labels?.Report(Partitions);
    }
}
