using System.Collections.Concurrent;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Wire;

/// <summary>One number for each source partition of all predictions topics, as the library knows them. Stable within a process.</summary>
/// <remarks>Safe for concurrent use. Grows with the partitions of the configured topics and those that other replicas report.</remarks>
/// <param name="expected">The partitions of the configured topics.</param>
internal sealed class SourcePartitions(params IReadOnlyList<TopicPartition> expected)
{
    private readonly ConcurrentDictionary<TopicPartition, int> _ids = new(
        expected.Select((partition, id) => KeyValuePair.Create(partition, id)));
    private readonly ConcurrentDictionary<int, TopicPartition> _partitions = new(
        expected.Select((partition, id) => KeyValuePair.Create(id, partition)));
    private readonly HashSet<string> _topics = [.. expected.Select(partition => partition.Topic)];
    private int _next = expected.Count - 1;

    /// <summary>The numbers of the partitions whose lanes must have spoken before windows are complete.</summary>
    public IReadOnlyCollection<int> Expected { get; } = [.. Enumerable.Range(0, expected.Count)];

    /// <summary>Whether a partition is one of the configured topics, also one added since the start: a topic never loses any.</summary>
    public bool IsExpected(int id) => _topics.Contains(this[id].Topic);

    public int IdOf(TopicPartition partition) => _ids.GetOrAdd(partition, added =>
    {
        var id = Interlocked.Increment(ref _next);
        _partitions[id] = added;
        return id;
    });

    public TopicPartition this[int id] => _partitions[id];

    /// <summary>The partitions that are known.</summary>
    public IEnumerable<TopicPartition> Partitions => _ids.Keys;
}
