using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Reads all partitions of a topic of ours from their beginnings, and follows them. Used by one thread.</summary>
/// <typeparam name="TValue">What record values are read as.</typeparam>
internal abstract class WholeTopicReader<TValue> : FollowingConsumer<TValue, WholeTopicReader<TValue>.ReadPartition>
{
    private readonly List<ReadPartition> _logs = [];

    /// <param name="groupId">Of a consumer that never joins a group.</param>
    protected WholeTopicReader(
        KafkaConnection connection, KafkaClient client, string groupId, string topic, int partitions, IDeserializer<TValue> values)
        : base(connection, client, KafkaClients.Unjoined(connection.Settings, groupId), topic, values)
    {
        for (var number = 0; number < partitions; number++)
        {
            _logs.Add(new ReadPartition());
            Add(number, Offset.Beginning, _logs[number]);
        }
    }

    /// <summary>Whether all that was there at the start has been read.</summary>
    public bool HasReachedEnd => _logs.TrueForAll(log => log.HasReachedEnd);

    protected override void ReachedEnd(ReadPartition partition) => partition.HasReachedEnd = true;

    /// <summary>What retention or compaction has taken is of no use to a reader of what is there.</summary>
    protected override void NoteLoss(ReadPartition partition, LostRecords lost)
    {
        // nothing follows from it
    }

    /// <summary>How far a partition was read.</summary>
    internal sealed class ReadPartition
    {
        public bool HasReachedEnd { get; set; }
    }
}
