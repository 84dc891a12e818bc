using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Status;

/// <summary>Reads what predecessors said of the models of a partition.</summary>
internal sealed class StatusReader(MonitorSettings settings, KafkaConnection connection)
{
    private readonly PastReader<byte[]> _past = new(
        connection, KafkaClient.Status, $"{settings.GroupId}-status", settings.StatusTopic, Deserializers.ByteArray);

    /// <summary>Reads partitions to their ends. Blocks meanwhile, and for as long as the brokers cannot be reached.</summary>
    /// <inheritdoc cref="PastReader{TValue}.Read"/>
    public IEnumerable<PastStatuses> Read(IReadOnlyList<Partition> partitions, Action onProgress, CancellationToken stop) =>
        _past.Read(partitions, () => new PastStatuses(), (past, value) => past.Add(value), (_, _) => { }, onProgress, stop);
}
