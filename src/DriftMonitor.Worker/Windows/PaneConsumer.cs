using System.Reactive.Linq;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Windows;

/// <summary>Stage 2: reads the panes of the series that this replica owns, slides their windows and reports their drift.</summary>
/// <remarks>
/// A partition starts from what was written down of it (<see cref="RollupReader"/>) and is read from where that leaves off, which rebuilds
/// its windows; only then do they move with the clock (<see cref="WindowClock"/>). Nothing is committed: where to resume from stands with
/// what is written down. What settles is written down in turn. What this replica no longer owns it no longer exports.
/// </remarks>
internal sealed class PaneConsumer : PartitionConsumer<PaneMessage?, PanePartition>
{
    private const long MaxUnacknowledged = 50_000;

    private readonly MonitorSettings _settings;
    private readonly HashSet<(int SourcePartition, string Why)> _unreadable = [];
    private readonly SourcePartitions _sources;
    private readonly RollupReader _past;
    private readonly PlanePublisher _publisher;
    private readonly AlarmDesk _alarms;
    private readonly WindowMetrics _metrics;
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
        MonitorMetrics metrics,
        KafkaConnection connection)
        : base(
            connection,
            KafkaClient.Panes,
            KafkaClients.Consumer(settings.Client, $"{settings.GroupId}-panes", commits: false),
            [settings.PanesTopic],
            Deserializers.Ignore,
            codec)
    {
        (_settings, _sources, _alarms, _metrics) = (settings, sources, alarms, metrics.Windows);
        _clock = new WindowClock(settings, Time);
        _past = new RollupReader(settings, codec, connection);
        _publisher = publisher;
        _topic = metrics.Service.Topic(settings.PanesTopic);
        _ = _partitions
            .SelectMany(partition => partition.Messages
                .MonitorDrift(
                    partition.TicksMs,
                    references,
                    settings.Plan,
                    settings.MaxSeriesPerPartition,
                    evaluator,
                    sources.Expected,
                    (reason, events) => OnRefused(partition, reason, events),
                    settlement => OnSettled(partition, settlement),
                    OnFailed,
                    sources.IsExpected)
                .TakeUntil(partition.Closed)
                .Select(report => (Partition: partition, Report: report)))
            .Subscribe(
                next => Report(next.Partition, next.Report),
                fault => _fault = fault); // on the references' own thread, where an exception would be heard of by nobody
    }

    /// <summary>
    /// Whether this replica is in its group, and every partition that it owns has been read up to where it was when it was assigned.
    /// </summary>
    public bool Restored => Group.IsMember && _restored;

    protected override IEnumerable<(PanePartition State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
    {
        _restored &= assigned.Count == 0;
        foreach (var (partition, restored) in assigned
            .Zip(_past.Read([.. assigned.Select(partition => partition.Partition)], ShowProgress, Stopping)))
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
            }

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
            if (message is UnreadableLane unreadable && partition.Restored)
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
        else
        {
            _topic.CountRejected(RejectionReason.Malformed);
        }
    }

    protected override void ReachedEnd(PanePartition partition, long offset) => partition.Restored = true;

    protected override void CountUnreadable(string topic) => _topic.CountUnreadable();

    protected override void NoteLoss(PanePartition partition, LostRecords lost) =>
        partition.Messages.OnNext(new RegistersLost(_settings.Plan.LostBefore(lost.LatestMs)));

    protected override void Tick(long nowMs)
    {
        if (_fault is { } fault)
        {
            throw new InvalidOperationException("the query over the panes has ended", fault);
        }

        _restored = Partitions.All(partition => partition.Restored);
        _metrics.SetRestored(Restored, Partitions.Min(partition => partition.SettledBeforeMs));
        _publisher.ThrowIfFatal();
        Pace();
        if (!_clock.Move(Partitions.Where(partition => partition.Restored), nowMs))
        {
            return;
        }

        TellAlarms();
        if (_clock.HasSlid)
        {
            _metrics.CountEvaluations(Interlocked.Exchange(ref _evaluated, 0), _clock.Evaluating);
            _clock.Evaluating = TimeSpan.Zero; // what waited and is evaluated before the next slide counts with that
            ReportPartitions();
        }
    }

    private void TellAlarms() => _alarms.Tell(kind => kind != AlarmKind.CrossEntropy);

    protected override void Close(IReadOnlyList<PanePartition> partitions, bool lost)
    {
        if (_paused)
        {
            Consumer.Resume(partitions.Select(partition => partition.Partition)); // else they are still paused when they are assigned again
        }

        TellAlarms(); // while all that explains them is there
        foreach (var partition in partitions)
        {
            partition.Close(_alarms);
        }

        ReportPartitions();
    }

    private void Report(PanePartition partition, DriftReport report)
    {
        Interlocked.Increment(ref _evaluated);
        if (partition.Report(report, _alarms) && report.Window.Series.Segment == SeriesKey.All)
        {
            Log.LogWarning("{Model}: its classes have changed; its windows have started anew", report.Window.Series.Model);
        }
    }

    /// <summary>What other configurations have left in the topic is no loss.</summary>
    private void OnRefused(PanePartition partition, RegisterRefusal reason, long events)
    {
        if (reason != RegisterRefusal.OtherPlan || partition.Restored)
        {
            _metrics.CountRefused(reason, events);
        }
    }

    /// <summary>Says once what keeps windows from being ready and what to do about it. What the topic held before is no news.</summary>
    private void NoteUnreadable(UnreadableLane lane)
    {
        _topic.CountRejected(RejectionReason.Malformed);
        if (_unreadable.Add((lane.SourcePartition, lane.Why)))
        {
            Log.LogWarning(
                "the replica that reads {Source} cannot be understood: {Why}. Its predictions are missing here and no window is "
                + "ready: let all replicas of the group run with the same Windows settings and one version",
                _sources[lane.SourcePartition], lane.Why);
        }
    }

    private void OnSettled(PanePartition partition, Settlement settlement)
    {
        partition.SettledBeforeMs = settlement.BeforeMs;
        _publisher.Publish(
            partition.Partition.Partition, settlement with { ResumeOffset = partition.Unsettled.Settle(settlement.BeforeMs) });
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

    private void OnFailed(LiveWindow window, Exception fault)
    {
        _metrics.CountEvaluationFailure();
        Log.LogError(fault, "{Series} over {Window} could not be evaluated", window.Series, window.Window.Name);
    }

    private void ReportPartitions() =>
        _topic.UsePartitions(
            Partitions.Select(partition => new PartitionLag(partition.Partition.Partition, Queries.Lag(partition.Partition))));
}
