using Confluent.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Partitions whose next record cannot be read yet, since a schema registry does not answer: nothing of them is lost.</summary>
/// <remarks>
/// They are paused at that record, and some seconds later all are tried again. Used by the consumer's thread; <see cref="Problem"/> on any.
/// </remarks>
internal sealed class HeldPartitions<TValue>(IConsumer<Ignore, TValue> consumer, TimeProvider time, ILogger log)
{
    /// <summary>How long they are left alone: asking a registry in vain holds up all partitions for a few seconds.</summary>
    public static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10);

    private readonly HashSet<TopicPartition> _held = [];
    private readonly HashSet<TopicPartition> _tried = [];
    private long _heldAt;
    private volatile string? _problem;

    /// <summary>What they wait for, null when none is held.</summary>
    public string? Problem => _problem;

    /// <summary>Whether a partition is held.</summary>
    public bool Has(TopicPartition partition) => _held.Contains(partition);

    /// <summary>Holds the partition of a record that could not be read for want of its schema.</summary>
    /// <returns>False when the record could not be read for another reason.</returns>
    public bool TryHold(ConsumeException problem)
    {
        if (problem.InnerException is not SchemaRegistryUnavailable cause)
        {
            return false;
        }

        var record = problem.ConsumerRecord.TopicPartitionOffset;
        LogGaps<TValue>.Reassign(consumer, record);
        consumer.Pause([record.TopicPartition]);
        _held.Add(record.TopicPartition);
        _tried.Remove(record.TopicPartition);
        _heldAt = time.GetTimestamp();
        if (_problem is null)
        {
            log.RegistryAwaited(record.ToString(), cause.Message);
        }

        _problem = cause.Message;
        return true;
    }

    /// <summary>Lets the partitions be tried again when it is time.</summary>
    /// <param name="isPaused">Whether a partition is paused for another reason.</param>
    public void Release(Func<TopicPartition, bool> isPaused)
    {
        if (_held.Count == 0 || time.GetElapsedTime(_heldAt) < BetweenTries)
        {
            return;
        }

        var assigned = consumer.Assignment.ToHashSet();
        _tried.UnionWith(_held.Where(assigned.Contains));
        consumer.Resume(_held.Where(partition => assigned.Contains(partition) && !isPaused(partition)));
        _held.Clear();
    }

    /// <summary>
    /// Notes that a record of a partition was read, or that nothing is left of it: if it was held, the registry has answered.
    /// </summary>
    public void NoteRead(TopicPartition partition)
    {
        if (_problem is not null && _tried.Remove(partition))
        {
            ForgetProblem();
        }
    }

    /// <summary>Forgets a partition that is assigned no more, which is not to come back paused.</summary>
    public void Forget(TopicPartition partition)
    {
        if (_held.Remove(partition))
        {
            consumer.Resume([partition]);
        }

        _tried.Remove(partition);
        ForgetProblem();
    }

    private void ForgetProblem()
    {
        if (_problem is not null && _held.Count + _tried.Count == 0)
        {
            _problem = null;
            log.RegistryAnswered();
        }
    }
}
