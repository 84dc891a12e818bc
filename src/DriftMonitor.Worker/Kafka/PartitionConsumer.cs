using System.Runtime.ExceptionServices;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Kafka;

/// <summary>A consumer group member's loop: one thread that polls, feeds what it owns partition by partition, and ticks.</summary>
/// <remarks>
/// Everything below runs on the thread that called <see cref="Run"/>, rebalances included, so partitions need no locks. Pulling is the
/// backpressure: nothing is read ahead but librdkafka's bounded queue. No exception leaves a rebalance handler: librdkafka would wait for ever for its answer, and
/// destroying the client for librdkafka. What fails within one ends the poll that called it.
/// </remarks>
/// <typeparam name="TKey">What record keys are read as.</typeparam>
/// <typeparam name="TValue">What record values are read as.</typeparam>
/// <typeparam name="TPartition">What is kept of an assigned partition.</typeparam>
internal abstract class PartitionConsumer<TKey, TValue, TPartition> : IDisposable
    where TPartition : class
{
    private const int RecordsBetweenClockReads = 256;
    private const int MaxLeavingPolls = 40; // two seconds, since paused partitions give no record
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenQueries = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<TopicPartition, TPartition> _partitions = [];
    private readonly IReadOnlyCollection<string> _topics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LogGaps<TKey, TValue> _gaps;
    private readonly MonitorMetrics _metrics;
    private readonly ClientErrors _errors;
    private TopicPartition? _current;
    private TPartition? _currentPartition;
    private ExceptionDispatchInfo? _fault;
    private volatile bool _isRunning;
    private bool _isLeaving;
    private long _lastLoop;

    protected PartitionConsumer(
        MonitorSettings settings,
        ConsumerConfig config,
        IReadOnlyCollection<string> topics,
        IDeserializer<TKey> keys,
        IDeserializer<TValue> values,
        KafkaClient client,
        MonitorMetrics metrics,
        TimeProvider time,
        ILogger log)
    {
        _topics = topics;
        _metrics = metrics;
        _errors = new ClientErrors(client, settings.Client.Secrets, metrics, time, log);
        _time = time;
        _log = log;
        _lastLoop = time.GetTimestamp();
        Group = new GroupMembership(config, client, metrics, time, log);
        config.StatisticsIntervalMs = GroupMembership.StatisticsIntervalMs;
        Consumer = KafkaClients.Build(settings.Client, () => new ConsumerBuilder<TKey, TValue>(config)
            .SetKeyDeserializer(keys)
            .SetValueDeserializer(values)
            .SetErrorHandler((_, error) => _errors.Note(error))
            .SetLogHandler((_, message) => _errors.Log(message))
            .SetStatisticsHandler((consumer, statistics) => Observe(consumer, statistics))
            .SetPartitionsAssignedHandler((_, assigned) => Assign(assigned))
            .SetPartitionsRevokedHandler((_, revoked) => Revoke([.. revoked.Select(r => r.TopicPartition)]))
            .SetPartitionsLostHandler((_, lost) => Lose([.. lost.Select(r => r.TopicPartition)]))
            .Build());
        _gaps = new LogGaps<TKey, TValue>(Consumer, settings.Plan, _errors, metrics, time, log);
    }

    /// <summary>Whether this consumer is in its group.</summary>
    public GroupMembership Group { get; }

    /// <summary>How long ago the loop last went round: what tells a stalled stage from an idle one.</summary>
    public TimeSpan SinceLastLoop => _time.GetElapsedTime(Volatile.Read(ref _lastLoop));

    protected IConsumer<TKey, TValue> Consumer { get; }

    /// <summary>How long the brokers have to answer a query, which is asked again: short, for a stop waits for it.</summary>
    protected static TimeSpan QueryTimeout { get; } = TimeSpan.FromSeconds(3);

    /// <summary>What ends the loop; to be heeded by whatever takes long.</summary>
    protected CancellationToken Stopping { get; private set; }

    protected IReadOnlyCollection<TPartition> Partitions => _partitions.Values;

    protected TimeProvider Time => _time;

    protected ILogger Log => _log;

    /// <summary>Polls until cancelled, then releases every partition and leaves the group.</summary>
    /// <exception cref="KafkaException">A fatal error: the client cannot go on.</exception>
    public void Run(CancellationToken stop)
    {
        Stopping = stop;
        _isRunning = true;
        try
        {
            Consumer.Subscribe(_topics);
            PollUntil(stop);
            Release([.. _partitions.Keys], lost: false);
        }
        catch
        {
            Release([.. _partitions.Keys], lost: true); // after a fault nothing more is published or committed
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

    private void PollUntil(CancellationToken stop)
    {
        var untilClock = 0;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var idle = !Poll();
                _gaps.Bridge();
                if (idle || --untilClock <= 0)
                {
                    untilClock = RecordsBetweenClockReads;
                    ShowProgress();
                    Tick(_time.GetUtcNow().ToUnixTimeMilliseconds());
                    _errors.ThrowIfFatal();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // in the middle of opening partitions, which are left as they were
        }
    }

    /// <summary>Begins partitions that are assigned, and says where each is to be read from.</summary>
    protected abstract IEnumerable<(TPartition State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned);

    protected abstract void Read(TPartition partition, ConsumeResult<TKey, TValue> record);

    /// <summary>Called once for each <paramref name="offset"/> at which the log was found to end.</summary>
    protected abstract void ReachedEnd(TPartition partition, long offset);

    /// <summary>Called when records of a partition cannot be read any more, before the first that can, or before its end.</summary>
    protected abstract void Lose(TPartition partition, RecordsLost lost);

    /// <summary>Called when a partition was not fetched for a while: what came meanwhile is not known until its end is reported again.</summary>
    protected virtual void Interrupt(TPartition partition)
    {
    }

    /// <summary>Called at least every <see cref="RecordsBetweenClockReads"/> records and every poll without one.</summary>
    protected abstract void Tick(long nowMs);

    /// <summary>Finishes partitions that are taken away; <paramref name="lost"/> when another member may already own them.</summary>
    protected abstract void Close(IReadOnlyList<TPartition> partitions, bool lost);

    /// <summary>
    /// The offsets that the group committed, <see cref="Offset.Unset"/> for none. Asked for here: a partition whose offset librdkafka itself fails to fetch
    /// stays assigned and is never read.
    /// </summary>
    protected IReadOnlyList<TopicPartitionOffset> CommittedOffsets(IReadOnlyList<TopicPartition> partitions) =>
        Ask(() => Consumer.Committed(partitions, QueryTimeout));

    /// <summary>The end of a partition as it is now.</summary>
    protected Offset End(TopicPartition partition) => Ask(() => Consumer.QueryWatermarkOffsets(partition, QueryTimeout).High);

    /// <summary>Asks the brokers until they answer, however long they cannot be reached.</summary>
    /// <exception cref="KafkaException">The answer cannot get better.</exception>
    protected T Ask<T>(Func<T> question)
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
                _errors.Note(problem.Cause()); // the coordinator moves, say
                _errors.ThrowIfFatal();
                ShowProgress();
                Stopping.WaitHandle.WaitOne(BetweenQueries);
            }
        }
    }

    /// <summary>Reads a partition that is assigned from another offset.</summary>
    protected void ReadFrom(TopicPartitionOffset start)
    {
        _gaps.Forget(start.TopicPartition);
        LogGaps<TKey, TValue>.Reassign(Consumer, start);
    }

    /// <summary>How many records of a partition have not been read yet, as far as fetching has told; null before it has.</summary>
    protected long? Lag(TopicPartition partition)
    {
        var position = Consumer.Position(partition);
        var high = Consumer.GetWatermarkOffsets(partition).High;
        return position == Offset.Unset || high == Offset.Unset ? null : Math.Max(0, high.Value - position.Value);
    }

    /// <summary>Says that the loop has not hung, though it has not come round.</summary>
    protected void ShowProgress() => Volatile.Write(ref _lastLoop, _time.GetTimestamp());

    /// <summary>
    /// Leaves the group, whatever it is in the middle of. Not by closing alone, which can hang for ever while a rebalance is under way (librdkafka issue 4041).
    /// </summary>
    private void Leave()
    {
        _isLeaving = true;
        try
        {
            Consumer.Unsubscribe();
            Consumer.Pause(Consumer.Assignment); // its records are the next owner's
            for (var polls = MaxLeavingPolls; polls > 0 && Consumer.Assignment.Count > 0; polls--)
            {
                LetRebalance();
            }
        }
        catch (KafkaException problem)
        {
            _log.LogDebug(problem, "the group could not be left before closing");
        }

        try
        {
            Consumer.Close();
        }
        catch (KafkaException problem)
        {
            _log.LogDebug(problem, "the consumer could not be closed: its group waits for the session to end");
        }
    }

    private void LetRebalance()
    {
        try
        {
            Consumer.Consume(PollTimeout);
        }
        catch (ConsumeException problem)
        {
            _errors.Note(problem.Error);
        }
    }

    private void Observe(IConsumer<TKey, TValue> consumer, string statistics)
    {
        if (!_isLeaving) // closing calls this too, and the group that it closes may not answer any more
        {
            Group.Observe(statistics, consumer.MemberId);
        }
    }

    private bool Poll()
    {
        ConsumeResult<TKey, TValue>? result;
        try
        {
            result = Consumer.Consume(PollTimeout);
            _fault?.Throw();
        }
        catch (ConsumeException problem) when (problem.Error.Code is ErrorCode.Local_KeyDeserialization or ErrorCode.Local_ValueDeserialization)
        {
            // Our deserializers do not throw; should one do so all the same, its record is lost, for the position has moved past it.
            var topic = _metrics.Topic(problem.ConsumerRecord.Topic);
            topic.CountConsumed();
            topic.CountRejected(RejectionReason.Malformed);
            _log.LogError(problem, "{Record} cannot be read", problem.ConsumerRecord.TopicPartitionOffset);
            return true;
        }
        catch (ConsumeException problem)
        {
            if (!_gaps.Note(problem))
            {
                _errors.Note(problem.Error);
            }
            else if (_partitions.TryGetValue(problem.ConsumerRecord.TopicPartition, out var stopped))
            {
                Interrupt(stopped);
            }

            _fault?.Throw();
            return false;
        }

        if (result is null || PartitionOf(result.TopicPartition) is not { } partition)
        {
            return false;
        }

        if (_gaps.LostBefore(result) is { } lost)
        {
            Lose(partition, lost);
        }

        if (result.IsPartitionEOF)
        {
            ReachedEnd(partition, result.Offset);
            return false;
        }

        Read(partition, result);
        return true;
    }

    private TPartition? PartitionOf(TopicPartition partition)
    {
        if (_current != partition)
        {
            _current = partition;
            _currentPartition = _partitions.GetValueOrDefault(partition);
        }

        return _currentPartition;
    }

    /// <summary>Answers with the end for all partitions when they cannot be begun: then nothing of them is read any more.</summary>
    private List<TopicPartitionOffset> Assign(List<TopicPartition> assigned)
    {
        List<TopicPartitionOffset>? starts = null;
        Handle(() =>
        {
            _log.LogInformation("assigned {Partitions}", string.Join(", ", assigned));
            starts = [.. Begin(assigned)];
            Group.Join(Consumer.MemberId);
        });
        return starts ?? [.. assigned.Select(partition => new TopicPartitionOffset(partition, Offset.End))];
    }

    private IEnumerable<TopicPartitionOffset> Begin(List<TopicPartition> assigned)
    {
        foreach (var (state, start) in Open(assigned))
        {
            _partitions[start.TopicPartition] = state;
            yield return start;
        }
    }

    private void Revoke(List<TopicPartition> revoked) => Handle(() => Release(revoked, lost: false));

    private void Lose(List<TopicPartition> lost) => Handle(() =>
    {
        Group.Lose();
        Release(lost, lost: true);
    });

    /// <summary>Runs what a rebalance asks for. librdkafka fetches nothing meanwhile, also of the partitions that stay.</summary>
#pragma warning disable CA1031 // the poll that called throws it
    private void Handle(Action rebalance)
    {
        try
        {
            _current = null;
            if (_fault is null && !_isLeaving)
            {
                rebalance();
            }
        }
        catch (Exception fault)
        {
            _fault = ExceptionDispatchInfo.Capture(fault);
        }

        foreach (var partition in _partitions.Values)
        {
            Interrupt(partition);
        }
    }
#pragma warning restore CA1031

    private void Release(List<TopicPartition> released, bool lost)
    {
        _current = null;
        var partitions = new List<TPartition>();
        foreach (var partition in released)
        {
            _gaps.Forget(partition);
            if (_partitions.Remove(partition, out var state))
            {
                partitions.Add(state);
            }
        }

        if (partitions.Count > 0)
        {
            Close(partitions, lost);
            _log.LogInformation("{What} {Partitions}", lost ? "lost" : "released", string.Join(", ", released));
        }
    }
}
