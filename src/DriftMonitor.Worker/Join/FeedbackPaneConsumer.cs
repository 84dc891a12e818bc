using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Join;

/// <summary>Stage 2 of feedback: reads its panes from the topic's beginning and exports the windows of this replica's series.</summary>
internal sealed class FeedbackPaneConsumer : PartitionConsumer<PaneMessage?, FeedbackPanePartition>
{
    private const long TickEveryMs = 1_000;

    private readonly MonitorSettings _settings;
    private readonly AlarmDesk _alarms;
    private readonly TopicMetrics _topic;
    private readonly HashSet<(int Source, string Plan)> _unreadable = [];
    private long _lastTickMs;
    private long _paneMs;

    public FeedbackPaneConsumer(
        MonitorSettings settings, RecordCodec codec, ServiceMetrics metrics, AlarmDesk alarms, KafkaConnection connection)
        : base(
            connection,
            KafkaClient.FeedbackPanes,
            KafkaClients.Consumer(settings.Client, $"{settings.GroupId}-feedback-panes", commits: false),
            [settings.FeedbackPanesTopic],
            Deserializers.Ignore,
            codec)
    {
        (_settings, _alarms) = (settings, alarms);
        _topic = metrics.Topic(settings.FeedbackPanesTopic);
    }

    protected override IEnumerable<(
        FeedbackPanePartition State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned) =>
        assigned.Select(
            partition =>
                (new FeedbackPanePartition(partition, _settings.Feedback!.Plan), new TopicPartitionOffset(partition, Offset.Beginning)));

    protected override void Read(FeedbackPanePartition partition, ConsumeResult<Ignore, PaneMessage?> record)
    {
        _topic.CountConsumed();
        if (record.Message.Value is (FeedbackRegister or FeedbackProgress) and var message)
        {
            partition.Add(message);
            if (message is FeedbackProgress { Unreadable: { } theirs } unreadable)
            {
                NoteUnreadable(partition, unreadable.SourcePartition, theirs);
            }
            else if (message is FeedbackProgress progress)
            {
                _unreadable.RemoveWhere(lane => lane.Source == progress.SourcePartition);
            }
        }
        else
        {
            _topic.CountRejected(RejectionReason.Malformed);
        }
    }

    protected override void ReachedEnd(FeedbackPanePartition partition, long offset) => partition.Restored = true;

    protected override void CountUnreadable(string topic) => _topic.CountUnreadable();

    protected override void NoteLoss(FeedbackPanePartition partition, LostRecords lost)
    {
        var beforeMs = _settings.Plan.LostBefore(lost.LatestMs);
        partition.NoteLoss(beforeMs, beforeMs);
    }

    protected override void Tick(long nowMs)
    {
        var pane = _settings.Plan.PaneStart(nowMs - (long)_settings.EvaluationDelay.TotalMilliseconds);
        if (pane == _paneMs && nowMs - _lastTickMs < TickEveryMs)
        {
            return;
        }

        (_paneMs, _lastTickMs) = (pane, nowMs);
        foreach (var partition in Partitions.Where(partition => partition.Restored))
        {
            partition.Show(_alarms, pane);
        }

        _alarms.Tell(kind => kind == AlarmKind.CrossEntropy);
        _topic.UsePartitions(
            Partitions.Select(partition => new PartitionLag(partition.Partition.Partition, Queries.Lag(partition.Partition))));
    }

    protected override void Close(IReadOnlyList<FeedbackPanePartition> partitions, bool lost)
    {
        foreach (var partition in partitions)
        {
            partition.Close(_alarms);
        }
    }

    /// <summary>What was there before may be of a version that runs no more.</summary>
    private void NoteUnreadable(FeedbackPanePartition partition, int source, string theirs)
    {
        if (!partition.Restored)
        {
            return;
        }

        _topic.CountRejected(RejectionReason.Malformed);
        if (_unreadable.Add((source, theirs)))
        {
            Log.LogWarning(
                "the replica that joins partition {Source} of {Topic} has other panes ({Theirs}; here {Ours}): no feedback window is "
                + "complete until all replicas of the group run with the same Windows and Feedback settings and one version",
                source,
                _settings.Feedback!.Topic,
                theirs,
                _settings.Feedback.Plan.Panes);
        }
    }
}
