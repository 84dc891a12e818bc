using System.Collections.Concurrent;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Messages;

/// <summary>One number for each source partition of all predictions topics, as the library knows them. Stable within a process.</summary>
/// <remarks>Safe for concurrent use. Grows with the partitions of the configured topics and those that other replicas report.</remarks>
internal sealed class SourcePartitions
{
    private readonly ConcurrentDictionary<TopicPartition, int> _ids = [];
    private int _next = -1;

    public int IdOf(TopicPartition partition) => _ids.GetOrAdd(partition, _ => Interlocked.Increment(ref _next));
}
