using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Join;

/// <summary>Tells whether the logs that a store is made from are still those: a topic that was deleted and made again is another.</summary>
/// <remarks>By the topic's id where the brokers tell it, else by the last record that was read. Used by the consumer's thread.</remarks>
internal sealed class JoinedLogs(
    LogWitness witness, KafkaConnection connection, Action showProgress, Func<CancellationToken> stopping, ILogger log)
{
    /// <summary>The id of a topic; null while it is not known.</summary>
    public string? EpochOf(string topic) => connection.Ids.Of(topic);

    /// <summary>Whether a log is another than it was, which is counted and logged.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="next">The offset after the last that was read.</param>
    /// <param name="stampMs">When that one was written.</param>
    /// <param name="epoch">The topic's id then; null when it was not known.</param>
    public bool AreOther(TopicPartition partition, long next, long stampMs, string? epoch)
    {
        var now = EpochOf(partition.Topic);
        var isOther = now is not null && epoch is not null
            ? now != epoch && next > 0
            : witness.IsAnother(partition, next, stampMs, showProgress, stopping());
        if (isOther)
        {
            connection.Metrics.CountGap(partition.Topic, records: 0);
            log.JoinedLogReplaced(partition.ToString(), next);
        }

        return isOther;
    }
}
