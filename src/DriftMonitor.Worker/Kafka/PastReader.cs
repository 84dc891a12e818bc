using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Reads partitions of a topic of ours to their ends: what was written down there.</summary>
/// <param name="client">Which of our clients it is.</param>
/// <param name="groupId">Of a consumer that never joins a group.</param>
/// <param name="topic">The topic.</param>
/// <param name="values">Reads values, and keys too if it can.</param>
internal sealed class PastReader<TValue>(
    KafkaConnection connection, KafkaClient client, string groupId, string topic, IDeserializer<TValue> values)
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _log = connection.Logs.CreateLogger<PastReader<TValue>>();
    private readonly ClientErrors _errors = connection.Errors(client, connection.Logs.CreateLogger<PastReader<TValue>>());

    /// <summary>
    /// Reads partitions to their ends, one after the other, so that only one is held in memory. Blocks meanwhile, and for as long as the
    /// brokers cannot be reached.
    /// </summary>
    /// <param name="create">Makes what a partition's records are taken in by.</param>
    /// <param name="add">Takes a record's value in.</param>
    /// <param name="lose">Takes in that records before this one are lost.</param>
    /// <param name="onProgress">Called again and again, so that a watchdog sees that this is no hang.</param>
    /// <param name="stop">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<TPast> Read<TPast>(
        IReadOnlyList<Partition> partitions, Func<TPast> create, Action<TPast, TValue> add, Action<TPast, LostRecords> lose,
        Action onProgress, CancellationToken stop)
    {
        if (partitions.Count == 0)
        {
            yield break; // as after a rebalance that gives this replica nothing more
        }

        using var consumer = connection.Consumer(KafkaClients.Unjoined(connection.Settings, groupId), values, _errors);
        var gaps = connection.Gaps(consumer, _errors, _log);
        foreach (var partition in partitions)
        {
            consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
            var past = create();
            while (!ReachesEnd(consumer, gaps, value => add(past, value), lost => lose(past, lost)))
            {
                stop.ThrowIfCancellationRequested();
                _errors.ThrowIfFatal();
                onProgress();
            }

            yield return past;
        }

        consumer.Close();
    }

    private static bool ReachesEnd(
        IConsumer<Ignore, TValue> consumer, LogGaps<TValue> gaps, Action<TValue> add, Action<LostRecords> lose)
    {
        try
        {
            gaps.Bridge();
            while (consumer.Consume(PollTimeout) is { } result)
            {
                if (gaps.LostBefore(result) is { } lost)
                {
                    lose(lost);
                }

                if (result.IsPartitionEOF)
                {
                    return true;
                }

                add(result.Message.Value);
            }
        }
        catch (ConsumeException problem)
        {
            gaps.Note(problem);
        }

        return false;
    }
}
