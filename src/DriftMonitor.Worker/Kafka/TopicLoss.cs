namespace DriftMonitor.Worker.Kafka;

/// <summary>What was lost of one topic. Thread-safe.</summary>
internal sealed class TopicLoss(string topic)
{
    private long _gaps;
    private long _records;

    public KeyValuePair<string, object?>[] Labels { get; } = [new("topic", topic)];

    public long Gaps => Volatile.Read(ref _gaps);

    public long Records => Volatile.Read(ref _records);

    public void Count(long records)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Increment(ref _gaps);
    }
}
