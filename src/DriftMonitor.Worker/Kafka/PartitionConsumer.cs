using Confluent.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>A consumer group member's loop: one thread that polls, feeds what it owns partition by partition, and ticks.</summary>
/// <remarks>
/// Everything below runs on the thread that called <see cref="Run"/>, rebalances included, so partitions need no locks. Pulling is the
/// backpressure: nothing is read ahead but librdkafka's bounded queue.
/// </remarks>
/// <typeparam name="TValue">What record values are read as.</typeparam>
/// <typeparam name="TPartition">What is kept of an assigned partition.</typeparam>
internal abstract class PartitionConsumer<TValue, TPartition> : GroupMember<TValue, TPartition>, IDisposable
    where TPartition : class
{
    private const int RecordsBetweenClockReads = 256;

    private readonly IReadOnlyCollection<string> _topics;
    private readonly ReplacedTopics _replaced;
    private volatile bool _isRunning;
    private long _lastLoop;

    protected PartitionConsumer(
        KafkaConnection connection,
        KafkaClient client,
        ConsumerConfig config,
        IReadOnlyCollection<string> topics,
        IDeserializer<TValue> values)
        : base(connection, client, config, values)
    {
        (_topics, _replaced) = (topics, new ReplacedTopics(connection.Ids, topics));
        Queries = new BrokerQueries<TValue>(Consumer, Errors, ShowProgress);
        ShowProgress();
    }

    /// <summary>
    /// How long ago the loop last went round, which tells a stalled stage from an idle one, and what it waits for to be in its group; null
    /// when it is.
    /// </summary>
    public (TimeSpan SinceLastLoop, string? WaitsFor) Health =>
        (Time.GetElapsedTime(Volatile.Read(ref _lastLoop)), Group.Missing ?? HeldUp.Problem);

    /// <summary>Whether the loop has not ended, which may still use what a consumer disposes of.</summary>
    protected bool IsRunning => _isRunning;

    protected BrokerQueries<TValue> Queries { get; }

    /// <summary>What ends the loop; to be heeded by whatever takes long.</summary>
    protected CancellationToken Stopping => Queries.Stopping;

    /// <summary>Polls until cancelled, then releases every partition and leaves the group.</summary>
    /// <exception cref="KafkaException">A fatal error: the client cannot go on.</exception>
    public void Run(CancellationToken stop)
    {
        Queries.Stopping = stop;
        _isRunning = true;
        try
        {
            Consumer.Subscribe(_topics);
            PollUntil(stop);
            ReleaseAll(lost: false);
        }
        catch
        {
            ReleaseAll(lost: true); // after a fault nothing more is published or committed
            throw;
        }
        finally
        {
            Leave();
            _isRunning = false;
        }
    }

    /// <summary>Frees the client, unless the loop has not ended: then the end of the process does.</summary>
    public virtual void Dispose()
    {
        if (!_isRunning)
        {
            Consumer.Dispose();
        }
    }

    protected abstract void Read(TPartition partition, ConsumeResult<Ignore, TValue> record);

    /// <summary>Whether the member itself does not let the partition be fetched.</summary>
    protected virtual bool IsPaused(TPartition partition) => false;

    /// <summary>Called when a deserializer has thrown, which none should: its record is lost, for the position has moved past it.</summary>
    protected abstract void CountUnreadable(string topic);

    /// <summary>Called once for each <paramref name="offset"/> at which the log was found to end.</summary>
    protected abstract void ReachedEnd(TPartition partition, long offset);

    /// <summary>Called when records of a partition cannot be read any more, before the first that can, or before its end.</summary>
    protected abstract void NoteLoss(TPartition partition, LostRecords lost);

    /// <summary>Called at least every <see cref="RecordsBetweenClockReads"/> records and every poll without one.</summary>
    protected abstract void Tick(long nowMs);

    /// <summary>Reads a partition that is assigned from another offset.</summary>
    protected void ReadFrom(TopicPartitionOffset start)
    {
        Gaps.Forget(start.TopicPartition);
        LogGaps<TValue>.Reassign(Consumer, start);
    }

    /// <summary>Says that the loop has not hung, though it has not come round.</summary>
    protected void ShowProgress() => Volatile.Write(ref _lastLoop, Time.GetTimestamp());

    private void PollUntil(CancellationToken stop)
    {
        var untilClock = 0;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var idle = !Poll();
                Gaps.Bridge();
                HeldUp.Release(partition => Find(partition) is { } read && IsPaused(read));
                if (idle || --untilClock <= 0)
                {
                    untilClock = RecordsBetweenClockReads;
                    ShowProgress();
                    NoteReplacements();
                    Tick(Time.GetUtcNow().ToUnixTimeMilliseconds());
                    Errors.ThrowIfFatal();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // in the middle of opening partitions, which are left as they were
        }
    }

    /// <summary>Reads the partitions of a topic that was deleted and made again from their beginnings.</summary>
    private void NoteReplacements()
    {
        foreach (var partition in _replaced.Take().SelectMany(topic => Consumer.Assignment.Where(assigned => assigned.Topic == topic)))
        {
            Gaps.NoteReplacement(partition);
            if (Find(partition) is { } read)
            {
                Interrupt(read);
            }
        }
    }

    private bool Poll()
    {
        ConsumeResult<Ignore, TValue>? result;
        try
        {
            result = Consumer.Consume(PollTimeout);
            ThrowFault();
        }
        catch (ConsumeException problem) when (problem.Error.Code is ErrorCode.Local_KeyDeserialization
            or ErrorCode.Local_ValueDeserialization)
        {
            if (HeldUp.TryHold(problem))
            {
                if (Find(problem.ConsumerRecord.TopicPartition) is { } held)
                {
                    Interrupt(held);
                }

                return false;
            }

            CountUnreadable(problem.ConsumerRecord.Topic);
            Log.RecordUnreadable(problem, problem.ConsumerRecord.TopicPartitionOffset.ToString());
            return true;
        }
        catch (ConsumeException problem)
        {
            if (Gaps.Note(problem) && Find(problem.ConsumerRecord.TopicPartition) is { } stopped)
            {
                Interrupt(stopped);
            }

            ThrowFault();
            return false;
        }

        if (result is null || Find(result.TopicPartition) is not { } partition)
        {
            return false;
        }

        HeldUp.NoteRead(result.TopicPartition);
        if (Gaps.LostBefore(result) is { } lost)
        {
            NoteLoss(partition, lost);
        }

        if (result.IsPartitionEOF)
        {
            ReachedEnd(partition, result.Offset);
            return false;
        }

        Read(partition, result);
        return true;
    }
}
