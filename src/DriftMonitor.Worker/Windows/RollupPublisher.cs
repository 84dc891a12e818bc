using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Windows;

/// <summary>Writes what has settled in a panes topic's partition to the rollups topic's partition of the same number.</summary>
/// <remarks>The settlement itself follows its panes in the partition, so whoever has read it has read them. Used by one thread.</remarks>
internal sealed class RollupPublisher : TopicPublisher
{
    private readonly string _topic;
    private readonly RollupCodec _codec;
    private long _unacknowledged;
    private volatile Error? _error;

    public RollupPublisher(MonitorSettings settings, RollupCodec codec, KafkaConnection connection)
        : base(connection, KafkaClient.Rollups) => (_topic, _codec) = (settings.RollupsTopic, codec);

    /// <summary>How many records are on their way.</summary>
    /// <exception cref="KafkaException">One could not be delivered: librdkafka has given up retrying.</exception>
    public long Unacknowledged => _error is { } error
        ? throw new KafkaException(new Error(error.Code, error.Text()))
        : Interlocked.Read(ref _unacknowledged);

    public void Publish(Partition partition, Settlement settlement, long resumeOffset)
    {
        foreach (var pane in settlement.Panes)
        {
            Produce(partition, _codec.Key(pane), _codec.Encode(pane));
            Produce(partition, _codec.ExpiredKey(pane), null);
            Produce(partition, _codec.FormerExpiredKey(pane), null);
        }

        Produce(partition, _codec.Key(settlement), _codec.Encode(settlement, resumeOffset));
        Produce(partition, _codec.ExpiredKey(settlement), null);
    }

    private void Produce(Partition partition, byte[] key, byte[]? value)
    {
        Interlocked.Increment(ref _unacknowledged);
        Producer.Produce(new TopicPartition(_topic, partition), new Message<byte[], byte[]> { Key = key, Value = value! }, OnDelivered);
    }

    private void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _error = report.Error;
        }

        Interlocked.Decrement(ref _unacknowledged);
    }
}
