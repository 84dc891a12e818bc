using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Lanes;

/// <summary>Produces what lanes publish to the panes topic: registers by their series' key, progress to every partition.</summary>
/// <remarks>
/// Progress follows the registers it covers in every partition's order, so whoever has read it has read them.
/// Safe for concurrent use.
/// </remarks>
internal sealed class PanePublisher : TopicPublisher
{
    private readonly string _topic;
    private readonly int _partitions;
    private readonly PaneCodec _codec;

    public PanePublisher(MonitorSettings settings, PaneCodec codec, int panesPartitions, KafkaConnection connection)
        : base(connection, KafkaClient.Producer) => (_topic, _partitions, _codec) = (settings.PanesTopic, panesPartitions, codec);

    public PendingPublication Publish(TopicPartition source, LanePublication publication, PendingPublication[] before)
    {
        var pending = new PendingPublication(
            publication.SafeOffset, publication.Registers.Length + _partitions, before);
        foreach (var register in publication.Registers)
        {
            var message = new Message<byte[], byte[]> { Key = PaneCodec.Key(register.Series), Value = _codec.Encode(source, register) };
            Producer.Produce(_topic, message, pending.OnDelivered);
        }

        var progress = _codec.Encode(source, publication.Progress);
        for (var partition = 0; partition < _partitions; partition++)
        {
            Producer.Produce(new TopicPartition(_topic, partition), new Message<byte[], byte[]> { Value = progress }, pending.OnDelivered);
        }

        return pending;
    }
}
