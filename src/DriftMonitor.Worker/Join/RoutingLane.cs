using Confluent.Kafka;

namespace DriftMonitor.Worker.Join;

/// <summary>An assigned partition whose records are routed.</summary>
internal sealed class RoutingLane(TopicPartition partition)
{
    public TopicPartition Partition => partition;

    /// <summary>The offset after the last record that was routed; null before the first.</summary>
    public Offset? Next { get; set; }
}
