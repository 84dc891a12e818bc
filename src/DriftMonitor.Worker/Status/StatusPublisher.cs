using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Status;

/// <summary>Writes statuses into the status topic, each keyed by its model, into the partition that the model's panes are in.</summary>
/// <param name="partitions">How many partitions our topics have.</param>
internal sealed class StatusPublisher(MonitorSettings settings, int partitions, KafkaConnection connection)
    : TopicPublisher(connection, KafkaClient.Status)
{
    /// <summary>The partition of a model's status, and of its panes.</summary>
    public int PartitionOf(string model) => ModelPartitions.Of(model, partitions);

    /// <summary>Writes a status.</summary>
    /// <param name="partition">The model's.</param>
    /// <param name="onFailed">Called when it could not be written, on the client's thread.</param>
    /// <exception cref="ProduceException{TKey, TValue}">It is too large for a record.</exception>
    public void Publish(Partition partition, ModelStatus status, Action<Error> onFailed)
    {
        Producer.Produce(
            new TopicPartition(settings.StatusTopic, partition),
            new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(status.Model), Value = status.ToJson() },
            report =>
            {
                if (report.Error.IsError)
                {
                    onFailed(report.Error);
                }
            });
    }
}
