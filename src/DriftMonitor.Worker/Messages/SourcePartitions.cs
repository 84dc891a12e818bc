using System.Collections.Concurrent;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Messages;

/// <summary>One number for each source partition of all predictions topics, as the library knows them. Stable within a process.</summary>
/// <remarks>Safe for concurrent use. Grows with the partitions of the configured topics and those that other replicas report.</remarks>
/// <param name="expected">The partitions of the configured topics.</param>
internal sealed class SourcePartitions(params IReadOnlyList<TopicPartition> expected)
{
    private readonly ConcurrentDictionary<TopicPartition, int> _ids = new(expected.Select((partition, id) => KeyValuePair.Create(partition, id)));
    private int _next = expected.Count - 1;

    /// <summary>The numbers of the partitions whose lanes must have spoken before windows are complete.</summary>
    public IReadOnlyCollection<int> Expected { get; } = [.. Enumerable.Range(0, expected.Count)];

    /// <summary>The partitions that are known.</summary>
    public IEnumerable<TopicPartition> Partitions => _ids.Keys;

    public int IdOf(TopicPartition partition) => _ids.GetOrAdd(partition, _ => Interlocked.Increment(ref _next));
}
