using System.Runtime.ExceptionServices;
using Confluent.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>A member of a consumer group: what it owns, how it answers rebalances, and how it leaves.</summary>
/// <remarks>
/// Rebalance handlers run within a poll. No exception leaves one: librdkafka would wait for ever for its answer, and destroying the client
/// for librdkafka. What fails within one ends the poll that called it. Used by one thread.
/// </remarks>
/// <typeparam name="TValue">What record values are read as.</typeparam>
/// <typeparam name="TPartition">What is kept of an assigned partition.</typeparam>
internal abstract class GroupMember<TValue, TPartition>
    where TPartition : class
{
    private const int MaxLeavingPolls = 40; // two seconds, since paused partitions give no record

    private readonly Dictionary<TopicPartition, TPartition> _partitions = [];
    private TopicPartition? _current;
    private TPartition? _currentPartition;
    private ExceptionDispatchInfo? _fault;
    private bool _isLeaving;

    protected GroupMember(
        KafkaConnection connection, KafkaClient client, ConsumerConfig config, IDeserializer<TValue> values)
    {
        (Log, Time) = (connection.Logs.CreateLogger(GetType()), connection.Time);
        Errors = connection.Errors(client, Log);
        Group = new GroupMembership(config, client, connection.Metrics, Time, Log);
        config.StatisticsIntervalMs = GroupMembership.StatisticsIntervalMs;
        Consumer = connection.Consumer(config, values, Errors, builder => builder
            .SetStatisticsHandler((consumer, statistics) => Observe(consumer, statistics))
            .SetPartitionsAssignedHandler((_, assigned) => Assign(assigned))
            .SetPartitionsRevokedHandler((_, revoked) => Handle(() => Release([.. revoked.Select(r => r.TopicPartition)], lost: false)))
            .SetPartitionsLostHandler((_, lost) => Handle(() => GoOnWithout([.. lost.Select(r => r.TopicPartition)]))));
        Gaps = connection.Gaps(Consumer, Errors, Log);
        HeldUp = new HeldPartitions<TValue>(Consumer, Time, Log);
    }

    /// <summary>Whether this consumer is in its group.</summary>
    protected GroupMembership Group { get; }

    protected static TimeSpan PollTimeout { get; } = TimeSpan.FromMilliseconds(50);

    protected IConsumer<Ignore, TValue> Consumer { get; }

    protected ClientErrors Errors { get; }

    protected LogGaps<TValue> Gaps { get; }

    protected HeldPartitions<TValue> HeldUp { get; }

    protected TimeProvider Time { get; }

    protected ILogger Log { get; }

    protected IReadOnlyCollection<TPartition> Partitions => _partitions.Values;

    /// <summary>Begins partitions that are assigned, and says where each is to be read from.</summary>
    protected abstract IEnumerable<(TPartition State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned);

    /// <summary>Finishes partitions that are taken away; <paramref name="lost"/> when another member may already own them.</summary>
    protected abstract void Close(IReadOnlyList<TPartition> partitions, bool lost);

    /// <summary>Called when a partition was not fetched for a while: what came meanwhile is unknown until its end is reported.</summary>
    protected virtual void Interrupt(TPartition partition)
    {
    }

    /// <summary>What is kept of a partition; null when it is not this member's.</summary>
    protected TPartition? Find(TopicPartition partition)
    {
        if (_current != partition)
        {
            _current = partition;
            _currentPartition = _partitions.GetValueOrDefault(partition);
        }

        return _currentPartition;
    }

    /// <summary>Throws what has failed within a rebalance handler.</summary>
    protected void ThrowFault() => _fault?.Throw();

    protected void ReleaseAll(bool lost) => Release([.. _partitions.Keys], lost);

    /// <summary>
    /// Leaves the group, whatever it is in the middle of. Not by closing alone, which can hang for ever while a rebalance is under way
    /// (librdkafka issue 4041).
    /// </summary>
    protected void Leave()
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
            Log.GroupNotLeft(problem);
        }

        try
        {
            Consumer.Close();
        }
        catch (KafkaException problem)
        {
            Log.ConsumerNotClosed(problem);
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
            Errors.Note(problem.Error);
        }
    }

    private void Observe(IConsumer<Ignore, TValue> consumer, string statistics)
    {
        if (!_isLeaving) // closing calls this too, and the group that it closes may not answer any more
        {
            Group.Observe(statistics, consumer.MemberId);
        }
    }

    /// <summary>Answers with the end for all partitions when they cannot be begun: then nothing of them is read any more.</summary>
    private List<TopicPartitionOffset> Assign(List<TopicPartition> assigned)
    {
        List<TopicPartitionOffset>? starts = null;
        Handle(() =>
        {
            if (Log.IsEnabled(LogLevel.Information))
            {
                Log.PartitionsAssigned(string.Join(", ", assigned));
            }

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

    private void GoOnWithout(List<TopicPartition> lost)
    {
        Group.NoteRemoval();
        Release(lost, lost: true);
    }

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
            Gaps.Forget(partition);
            HeldUp.Forget(partition);
            if (_partitions.Remove(partition, out var state))
            {
                partitions.Add(state);
            }
        }

        if (partitions.Count > 0)
        {
            Close(partitions, lost);
            if (Log.IsEnabled(LogLevel.Information))
            {
                Log.PartitionsReleased(lost ? "lost" : "released", string.Join(", ", released));
            }
        }
    }
}
