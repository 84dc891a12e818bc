using Confluent.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Reads partitions on whose position is gone, from the first record that is left, and tells what was lost.</summary>
/// <remarks>
/// Our consumers have <c>auto.offset.reset=error</c>: a broker refuses every offset that it does not have, librdkafka then reports it and
/// stops fetching the partition, and where it goes on is decided here. So a gap is one that the brokers report: transaction markers and
/// compaction leave offsets out, too, and lose nothing. The partition is assigned again, since librdkafka does not seek one that it does
/// not fetch (its issue 2961). Used by the consumer's thread.
/// </remarks>
internal sealed class LogGaps<TValue>(
    IConsumer<Ignore, TValue> consumer,
    long allowedSkewMs,
    TopicIds ids,
    ClientErrors errors,
    KafkaMetrics metrics,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenQueries = TimeSpan.FromSeconds(5); // each unanswered one holds up all partitions

    private readonly Dictionary<TopicPartition, Offset> _stopped = [];
    private readonly Dictionary<TopicPartition, LogGap> _gaps = [];
    private readonly Dictionary<TopicPartition, long> _toldBefore = [];
    private readonly HashSet<TopicPartition> _replaced = [];
    private readonly Dictionary<TopicPartition, (string Id, int Rounds)> _awaited = [];
    private long? _unansweredAt;

    /// <summary>Notes an error. One that means that a partition's position is gone is bridged with the next <see cref="Bridge"/>.</summary>
    /// <returns>Whether it means that.</returns>
    public bool Note(ConsumeException problem)
    {
        if (problem.Error.Code != ErrorCode.Local_AutoOffsetReset)
        {
            errors.Note(problem.Error);
            return false;
        }

        var at = problem.ConsumerRecord.TopicPartitionOffset;
        _stopped[at.TopicPartition] = at.Offset.IsSpecial && consumer.Position(at.TopicPartition) is { IsSpecial: false } position
            ? position
            : at.Offset;
        return true;
    }

    /// <summary>Notes that a partition's topic was deleted and made again: it is read from its beginning with the next bridge.</summary>
    public void NoteReplacement(TopicPartition partition)
    {
        _replaced.Add(partition);
        _stopped[partition] = Offset.Unset;
    }

    /// <summary>Lets the partitions be fetched again whose position is gone; when a broker does not answer, some seconds later.</summary>
    public void Bridge()
    {
        if (_stopped.Count == 0 || (_unansweredAt is { } unanswered && time.GetElapsedTime(unanswered) < BetweenQueries))
        {
            return;
        }

        _unansweredAt = null;
        var assigned = consumer.Assignment.ToHashSet();
        foreach (var (partition, asked) in _stopped)
        {
            if (!assigned.Contains(partition))
            {
                _stopped.Remove(partition); // the error was on its way when it was taken away
                continue;
            }

            if (asked == Offset.Beginning || asked == Offset.End)
            {
                _stopped.Remove(partition);
                Reassign(consumer, new TopicPartitionOffset(partition, asked)); // the brokers did not say where that is: nothing is lost
                _unansweredAt = time.GetTimestamp();
                continue;
            }

            WatermarkOffsets marks;
            try
            {
                marks = consumer.QueryWatermarkOffsets(partition, QueryTimeout);
            }
            catch (KafkaException problem) when (!problem.Error.IsFatal)
            {
                errors.Note(problem.Error);
                _unansweredAt = time.GetTimestamp();
                return;
            }

            var replaced = _replaced.Remove(partition);
            var gap = new LogGap(partition, replaced || asked.IsSpecial ? null : asked.Value, marks.Low, marks.High);
            if (gap.IsAnotherLog && !replaced && AwaitsId(partition))
            {
                _unansweredAt = time.GetTimestamp();
                continue;
            }

            _awaited.Remove(partition);
            _stopped.Remove(partition);
            Reassign(consumer, new TopicPartitionOffset(partition, gap.Next));
            if (gap.HasLoss)
            {
                Tell(gap);
            }
        }
    }

    /// <summary>Reads a partition from another offset, also one whose fetching has stopped. It stays paused if it was.</summary>
    public static void Reassign(IConsumer<Ignore, TValue> consumer, TopicPartitionOffset start)
    {
        consumer.IncrementalUnassign([start.TopicPartition]);
        consumer.IncrementalAssign([start]);
    }

    /// <summary>What was lost before a record that has just been read, or before the end; null for nothing.</summary>
    public LostRecords? LostBefore(ConsumeResult<Ignore, TValue> result)
    {
        if (_gaps.Count == 0 || !_gaps.Remove(result.TopicPartition, out var gap))
        {
            return null;
        }

        // What retention took is older than what is left, and than now. Of a log that was cut off at its end only the latter is known.
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var stampMs = result.IsPartitionEOF || gap.IsAnotherLog ? nowMs : result.Message.Timestamp.UnixTimestampMs;
        var isCredible = stampMs > 0 && stampMs <= nowMs + allowedSkewMs;
        return new LostRecords(gap.Next, isCredible ? stampMs : nowMs) { IsAnotherLog = gap.IsAnotherLog };
    }

    /// <summary>Forgets a partition that is assigned no more.</summary>
    public void Forget(TopicPartition partition)
    {
        _stopped.Remove(partition);
        _replaced.Remove(partition);
        _awaited.Remove(partition);
        _gaps.Remove(partition);
    }

    /// <summary>
    /// Whether brokers that tell ids are yet to say which topic it is: else one that was made again would be taken up twice.
    /// </summary>
    private bool AwaitsId(TopicPartition partition)
    {
        if (ids.Of(partition.Topic) is not { } id)
        {
            return false;
        }

        _awaited.TryAdd(partition, (id, ids.Rounds));
        return _awaited[partition] is var before && (before.Id != id || ids.Rounds < before.Rounds + 2); // one may be on its way
    }

    private void Tell(LogGap gap)
    {
        _gaps[gap.Partition] = gap;
        var told = gap.IsAnotherLog ? 0 : _toldBefore.GetValueOrDefault(gap.Partition) - gap.Asked!.Value; // to a store that lost it
        metrics.CountGap(gap.Partition.Topic, Math.Max(0, gap.Lost - Math.Max(0, told)));
        _toldBefore[gap.Partition] = gap.Next;
        if (gap.IsAnotherLog)
        {
            log.LogReplaced(gap.Partition.ToString(), gap.High, gap.Next);
        }
        else
        {
            log.RecordsLost(gap.Partition.ToString(), gap.Lost, gap.Asked, gap.Low - 1, gap.Next);
        }
    }
}
