using Confluent.Kafka;

namespace DriftMonitor.Worker.Topics;

/// <summary>One partition of a topic whose range of time is read: what has come of it and is not used yet.</summary>
/// <param name="end">The offset at which reading ends.</param>
internal sealed class RangePartition(TopicPartition partition, long end)
{
    private readonly Queue<ConsumeResult<byte[], byte[]>> _records = [];

    public TopicPartition Partition => partition;

    /// <summary>The topic and the number, for people.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{partition.Topic}-{partition.Partition.Value}");

    public long End => end;

    /// <summary>The offset where deleted records end, until the first record shows if any can be in the range; null if none can.</summary>
    public long? DeletedBefore { get; set; }

    /// <summary>Whether nothing more comes.</summary>
    public bool Finished { get; set; }

    /// <summary>Whether it is not being fetched, having enough.</summary>
    public bool Paused { get; set; }

    public int Count => _records.Count;

    /// <summary>What comes next, by which partitions are merged: the smaller timestamp, then the smaller partition.</summary>
    public (long TimeMs, int Partition) Next => (_records.Peek().Message.Timestamp.UnixTimestampMs, partition.Partition.Value);

    public void Add(ConsumeResult<byte[], byte[]> record) => _records.Enqueue(record);

    public ConsumeResult<byte[], byte[]> Take() => _records.Dequeue();
}
