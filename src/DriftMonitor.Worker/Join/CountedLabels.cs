using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Join;

/// <summary>How far labels were counted, as the group's committed offsets have it: a record of that which outlives the disk.</summary>
/// <remarks>
/// Labels that are read again, to rebuild a lost store, are not counted again before that offset. Used by the consumer's thread.
/// </remarks>
internal sealed class CountedLabels(
    IConsumer<Ignore, IReadOnlyList<FeedbackRecord>> consumer, BrokerQueries<IReadOnlyList<FeedbackRecord>> queries, ILogger log)
{
    private readonly Dictionary<TopicPartition, long> _committed = [];

    /// <summary>The offset before which the labels of a partition were counted already; 0 when its store has them all.</summary>
    /// <param name="next">The offset that its store reads on from.</param>
    public long Before(TopicPartition partition, long next)
    {
        var counted = queries.Committed([partition])[0].Offset;
        _committed[partition] = counted.IsSpecial ? -1 : counted;
        return _committed[partition] <= next ? 0
            : Math.Min(counted, queries.End(partition)); // of a topic made anew nothing was counted
    }

    /// <summary>Commits, in the background and as well as it can be done, that the labels before an offset are counted.</summary>
    public void Commit(TopicPartition partition, long next)
    {
        var before = _committed.GetValueOrDefault(partition, -1);
        if (next == before)
        {
            return;
        }

        var offset = new TopicPartitionOffset(partition, next);
        _committed[partition] = next;
        try
        {
            consumer.StoreOffset(offset);
            if (next < before)
            {
                consumer.Commit([offset]); // of a log made anew, which librdkafka does not commit by itself
            }
        }
        catch (KafkaException problem)
        {
            log.LabelsUnnoted(offset.ToString(), problem.Message);
        }
    }
}
