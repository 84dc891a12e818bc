using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Windows;

/// <summary>Reads the panes of labels along with those of outputs, from the beginning of the partition of the same number.</summary>
internal sealed class LabelPanes(
    MonitorSettings settings, FeedbackSettings feedback, RecordCodec codec, ServiceMetrics metrics, KafkaConnection connection)
    : FollowingConsumer<PaneMessage?, PanePartition>(
        connection,
        KafkaClient.FeedbackPanes,
        KafkaClients.Unjoined(settings.Client, $"{settings.GroupId}-panes"),
        settings.FeedbackPanesTopic,
        codec)
{
    private readonly TopicMetrics _topic = metrics.Topic(settings.FeedbackPanesTopic);
    private readonly HashSet<(int Source, string Plan)> _unreadable = [];

    /// <summary>Says how far each partition has been read.</summary>
    public void Report(IEnumerable<PanePartition> partitions) => _topic.UsePartitions(
        partitions.Select(partition => new PartitionLag(partition.Partition.Partition, Lag(partition.Partition.Partition))));

    protected override void Read(PanePartition partition, ConsumeResult<Ignore, PaneMessage?> record)
    {
        _topic.CountConsumed();
        if (record.Message.Value is (FeedbackRegister or FeedbackProgress) and var message)
        {
            partition.Messages.OnNext(message);
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
            _topic.CountMalformed();
        }
    }

    protected override void CountUnreadable() => _topic.CountUnreadable();

    protected override void ReachedEnd(PanePartition partition) => partition.AreLabelsRestored = true;

    protected override void NoteLoss(PanePartition partition, LostRecords lost) =>
        partition.Messages.OnNext(new LabelsLost(settings.Plan.LostBefore(lost.LatestMs)));

    /// <summary>What was there before may be of a version that runs no more.</summary>
    private void NoteUnreadable(PanePartition partition, int source, string theirs)
    {
        if (!partition.AreLabelsRestored)
        {
            return;
        }

        _topic.CountMalformed();
        if (_unreadable.Add((source, theirs)))
        {
            Log.LabelPanesUnreadable(source, feedback.Topic, theirs, feedback.Plan.Panes);
        }
    }
}
