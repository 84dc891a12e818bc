using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Tells whether a log is still the one that was read, by the last record that was: where and when it was written.</summary>
/// <remarks>
/// For what remembers a position longer than the brokers do, and where they tell no ids of topics. What is not there any more, for
/// retention or compaction took it, says nothing. Used by one thread; its client is made when it is first asked.
/// </remarks>
internal sealed class LogWitness(KafkaConnection connection, string groupId, ClientErrors errors) : IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(3);

    private IConsumer<Ignore, Ignore>? _consumer;

    /// <summary>Whether a log is another than the one that was read; false when nothing says so.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="next">The offset after the last that was read; negative when none was.</param>
    /// <param name="lastStampMs">When that one was written, epoch milliseconds; negative when that is not known.</param>
    /// <param name="showProgress">Called again and again while the brokers do not answer.</param>
    /// <param name="stop">Ends the asking with an <see cref="OperationCanceledException"/>.</param>
    public bool IsAnother(TopicPartition partition, long next, long lastStampMs, Action showProgress, CancellationToken stop)
    {
        if (next <= 0)
        {
            return false;
        }

        _consumer ??= connection.Consumer(
            KafkaClients.Unjoined(connection.Settings, groupId), Deserializers.Ignore, errors);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            showProgress();
            try
            {
                var marks = _consumer.QueryWatermarkOffsets(partition, QueryTimeout);
                return marks.High < next
                    || (
                        marks.Low < next
                            && lastStampMs >= 0
                            && StampAt(partition, next - 1, showProgress, stop) is { } stampMs
                            && stampMs != lastStampMs);
            }
            catch (KafkaException problem)
            {
                errors.Note(problem.Error);
                errors.ThrowIfFatal();
                stop.WaitHandle.WaitOne(PollTimeout);
            }
        }
    }

    public void Dispose()
    {
        _consumer?.Close();
        _consumer?.Dispose();
    }

    private long? StampAt(TopicPartition partition, long offset, Action showProgress, CancellationToken stop)
    {
        _consumer!.Assign(new TopicPartitionOffset(partition, offset));
        try
        {
            ConsumeResult<Ignore, Ignore>? result;
            while ((result = _consumer.Consume(PollTimeout)) is null)
            {
                stop.ThrowIfCancellationRequested();
                showProgress();
            }

            return result.IsPartitionEOF || result.Offset != offset ? null : result.Message.Timestamp.UnixTimestampMs;
        }
        finally
        {
            _consumer.Unassign();
        }
    }
}
