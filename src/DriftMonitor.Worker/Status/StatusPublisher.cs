using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<string, int> _underWay = new(StringComparer.Ordinal);

    /// <summary>The partition of a model's status, and of its panes.</summary>
    public int PartitionOf(string model) => ModelPartitions.Of(model, partitions);

    /// <summary>Whether a model's status has been handed to the client, and neither been acknowledged nor failed yet.</summary>
    public bool IsUnderWay(string model) => _underWay.ContainsKey(model);

    /// <summary>Writes a status.</summary>
    /// <param name="partition">The model's.</param>
    /// <param name="onDone">Called when it has been written or could not be, on any thread.</param>
    public void Publish(Partition partition, ModelStatus status, Action<Error> onDone)
    {
        var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(status.Model), Value = status.ToJson() };
        _underWay[status.Model] = 0;
        try
        {
            Producer.Produce(new TopicPartition(settings.StatusTopic, partition), message, report => Done(report.Error));
        }
        catch (ProduceException<byte[], byte[]> problem)
        {
            Done(problem.Error); // too large for a record
        }

        void Done(Error error)
        {
            _underWay.TryRemove(status.Model, out _);
            onDone(error);
        }
    }
}
