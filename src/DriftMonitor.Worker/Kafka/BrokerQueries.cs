using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Asks the brokers for offsets until they answer, however long they cannot be reached. Used by the consumer's thread.</summary>
/// <param name="consumer">Whose partitions are asked for.</param>
/// <param name="errors">Where what stands in the way is noted.</param>
/// <param name="showProgress">Called after each attempt: the loop waits for the answer, and has not hung.</param>
internal sealed class BrokerQueries<TValue>(IConsumer<Ignore, TValue> consumer, ClientErrors errors, Action showProgress)
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3); // short, for a stop waits for it

    /// <summary>What ends the asking.</summary>
    public CancellationToken Stopping { get; set; }

    /// <summary>
    /// The offsets that the group committed, <see cref="Offset.Unset"/> for none. Asked for here: a partition whose offset librdkafka
    /// itself fails to fetch stays assigned and is never read.
    /// </summary>
    /// <exception cref="KafkaException">The answer cannot get better.</exception>
    public IReadOnlyList<TopicPartitionOffset> Committed(IReadOnlyList<TopicPartition> partitions) =>
        Ask(() => consumer.Committed(partitions, Timeout));

    /// <summary>The end of a partition as it is now.</summary>
    /// <exception cref="KafkaException">The answer cannot get better.</exception>
    public Offset End(TopicPartition partition) => Ask(() => consumer.QueryWatermarkOffsets(partition, Timeout).High);

    /// <summary>Where a partition's first record of a time or later is; its end when there is none or the broker does not know.</summary>
    /// <exception cref="KafkaException">The answer cannot get better.</exception>
    public Offset FirstSince(TopicPartition partition, long timeMs) => Ask(() => consumer.OffsetsForTimes(
        [new TopicPartitionTimestamp(partition, new Timestamp(timeMs, TimestampType.CreateTime))], Timeout))[0].Offset;

    /// <summary>How many records of a partition have not been read yet, as far as fetching has told; null before it has.</summary>
    public long? Lag(TopicPartition partition)
    {
        var position = consumer.Position(partition);
        var high = consumer.GetWatermarkOffsets(partition).High;
        return position == Offset.Unset || high == Offset.Unset ? null : Math.Max(0, high.Value - position.Value);
    }

    private T Ask<T>(Func<T> question)
    {
        while (true)
        {
            Stopping.ThrowIfCancellationRequested();
            try
            {
                return question();
            }
            catch (KafkaException problem)
            {
                errors.Note(problem.Cause()); // the coordinator moves, say
                errors.ThrowIfFatal();
                showProgress();
                Stopping.WaitHandle.WaitOne(BetweenAttempts);
            }
        }
    }
}
