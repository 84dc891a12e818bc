using Confluent.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>A consumer without a group: a member of one says which partitions of a topic it reads along with its own.</summary>
/// <remarks>Whatever it follows, cooperative-sticky assigns no partitions of two topics together. Used by the member's thread.</remarks>
/// <typeparam name="TValue">What record values are read as.</typeparam>
/// <typeparam name="TPartition">What the member keeps of a partition.</typeparam>
internal abstract class FollowingConsumer<TValue, TPartition> : IDisposable
    where TPartition : class
{
    private const int MaxRecordsAtOnce = 20_000;

    private readonly IConsumer<Ignore, TValue> _consumer;
    private readonly ClientErrors _errors;
    private readonly LogGaps<TValue> _gaps;
    private readonly HeldPartitions<TValue> _held;
    private readonly BrokerQueries<TValue> _queries;
    private readonly ReplacedTopics _replaced;
    private readonly Dictionary<Partition, TPartition> _partitions = [];

    protected FollowingConsumer(
        KafkaConnection connection,
        KafkaClient client,
        ConsumerConfig config,
        string topic,
        IDeserializer<TValue> values)
    {
        (Topic, Log) = (topic, connection.Logs.CreateLogger(GetType()));
        _replaced = new ReplacedTopics(connection.Ids, [topic]);
        _errors = connection.Errors(client, Log);
        _consumer = connection.Consumer(config, values, _errors);
        _gaps = connection.Gaps(_consumer, _errors, Log);
        _held = new HeldPartitions<TValue>(_consumer, connection.Time, Log);
        _queries = new BrokerQueries<TValue>(_consumer, _errors, () => { });
    }

    public string Topic { get; }

    /// <summary>What partitions wait for that cannot be read yet; null for none.</summary>
    public string? WaitsFor => _held.Problem;

    protected ILogger Log { get; }

    /// <summary>Reads a partition from an offset on.</summary>
    public void Add(Partition number, Offset start, TPartition partition)
    {
        _partitions[number] = partition;
        _consumer.IncrementalAssign([new TopicPartitionOffset(Topic, number, start)]);
    }

    /// <summary>Reads partitions no more; those that it does not read are ignored.</summary>
    public void Remove(IEnumerable<Partition> numbers)
    {
        var removed = numbers.Where(_partitions.Remove).Select(number => new TopicPartition(Topic, number)).ToList();
        removed.ForEach(_gaps.Forget);
        removed.ForEach(_held.Forget);
        _consumer.IncrementalUnassign(removed);
    }

    /// <summary>Reads what has been fetched, but not endlessly; none is waited for.</summary>
    public void Read()
    {
        _errors.ThrowIfFatal();
        foreach (var partition in _replaced.Take().SelectMany(_ => _consumer.Assignment))
        {
            _gaps.NoteReplacement(partition);
            if (_partitions.TryGetValue(partition.Partition, out var replaced))
            {
                Interrupt(replaced);
            }
        }

        _gaps.Bridge();
        _held.Release(_ => false);
        try
        {
            for (var records = 0; records < MaxRecordsAtOnce && _consumer.Consume(TimeSpan.Zero) is { } result; records++)
            {
                if (!_partitions.TryGetValue(result.Partition, out var partition))
                {
                    continue; // fetched for one that is gone by now
                }

                _held.NoteRead(result.TopicPartition);
                if (_gaps.LostBefore(result) is { } lost)
                {
                    NoteLoss(partition, lost);
                }

                if (result.IsPartitionEOF)
                {
                    ReachedEnd(partition);
                }
                else
                {
                    Read(partition, result);
                }
            }
        }
        catch (ConsumeException problem) when (problem.Error.Code is ErrorCode.Local_KeyDeserialization
            or ErrorCode.Local_ValueDeserialization)
        {
            if (_held.TryHold(problem))
            {
                if (_partitions.TryGetValue(problem.ConsumerRecord.Partition, out var held))
                {
                    Interrupt(held);
                }

                return;
            }

            CountUnreadable();
            Log.RecordUnreadable(problem, problem.ConsumerRecord.TopicPartitionOffset.ToString());
        }
        catch (ConsumeException problem)
        {
            if (_gaps.Note(problem) && _partitions.TryGetValue(problem.ConsumerRecord.Partition, out var stopped))
            {
                Interrupt(stopped);
            }
        }
    }

    /// <summary>How many records of a partition have not been read yet; null before that is known.</summary>
    public long? Lag(Partition number) => _queries.Lag(new TopicPartition(Topic, number));

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    protected abstract void Read(TPartition partition, ConsumeResult<Ignore, TValue> record);

    /// <summary>Called when a deserializer has thrown, which none should.</summary>
    protected abstract void CountUnreadable();

    /// <summary>Called when the log was found to end.</summary>
    protected abstract void ReachedEnd(TPartition partition);

    /// <summary>Called when records cannot be read any more, before the first that can, or before the end.</summary>
    protected abstract void NoteLoss(TPartition partition, LostRecords lost);

    /// <summary>Called when a partition's position is gone: its end is unknown until it is reported.</summary>
    protected virtual void Interrupt(TPartition partition)
    {
    }
}
