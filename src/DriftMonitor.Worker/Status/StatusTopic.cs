using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Status;

/// <summary>Follows the status topic, so that this replica can list the models and alarms of all.</summary>
internal sealed class StatusTopic(
    MonitorSettings settings, int partitions, KnownStatuses known, KafkaConnection connection, ILogger<StatusTopic> log)
    : FollowedTopic<byte[]?>(settings.StatusTopic, connection)
{
    private bool _hasNews;
    private bool _wasRead;

    protected override WholeTopicReader<byte[]?> Open() => new Reader(this, $"{settings.GroupId}-statuses", partitions);

    protected override void AfterRead(bool hasReachedEnd)
    {
        if (_hasNews || _wasRead != hasReachedEnd)
        {
            (_hasNews, _wasRead) = (false, hasReachedEnd);
            known.Show(hasReachedEnd);
        }
    }

    protected override void TellSlow(TimeSpan patience) => log.StatusesSlow(Topic, patience.TotalSeconds);

    protected override void TellEnded(KafkaException fault) => log.StatusesEnded(fault, Topic);

    private sealed class Reader(StatusTopic topic, string groupId, int partitions)
        : WholeTopicReader<byte[]?>(topic.Connection, KafkaClient.Status, groupId, topic.Topic, partitions, Deserializers.ByteArray)
    {
        protected override void Read(ReadPartition partition, ConsumeResult<Ignore, byte[]?> record)
        {
            topic._hasNews = true;
            topic.Add(record.Message.Value);
        }

        protected override void CountUnreadable()
        {
            // a status that cannot be read is as one that was not written: its owner writes another within half a minute
        }
    }

    private void Add(byte[]? value) => known.Add(value);
}
