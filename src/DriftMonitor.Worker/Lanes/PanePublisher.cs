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
internal sealed class PanePublisher : IDisposable
{
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;
    private readonly int _partitions;
    private readonly PaneCodec _codec;
    private readonly ClientErrors _errors;

    public PanePublisher(MonitorSettings settings, PaneCodec codec, int panesPartitions, KafkaConnection connection)
    {
        _errors = connection.Errors(KafkaClient.Producer, connection.Logs.CreateLogger<PanePublisher>());
        (_topic, _partitions, _codec) = (settings.PanesTopic, panesPartitions, codec);
        _producer = connection.Producer(_errors);
    }

    /// <exception cref="KafkaException">A fatal error: the client cannot go on.</exception>
    public void ThrowIfFatal() => _errors.ThrowIfFatal();

    public PendingPublication Publish(TopicPartition source, LanePublication publication, PendingPublication[] before)
    {
        var pending = new PendingPublication(
            publication.SafeOffset, publication.Registers.Length + _partitions, before);
        foreach (var register in publication.Registers)
        {
            var message = new Message<byte[], byte[]> { Key = PaneCodec.Key(register.Series), Value = _codec.Encode(source, register) };
            _producer.Produce(_topic, message, pending.OnDelivered);
        }

        var progress = _codec.Encode(source, publication.Progress);
        for (var partition = 0; partition < _partitions; partition++)
        {
            _producer.Produce(new TopicPartition(_topic, partition), new Message<byte[], byte[]> { Value = progress }, pending.OnDelivered);
        }

        return pending;
    }

    /// <summary>Waits until everything produced so far is acknowledged or has failed, or the time is over.</summary>
    public void Flush(TimeSpan timeout) => _producer.Flush(timeout);

    public void Dispose() => _producer.Dispose();
}
