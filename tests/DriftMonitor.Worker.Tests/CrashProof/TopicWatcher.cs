using Confluent.Kafka;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Reads whole topics as they grow, in a thread of its own, and hands on each record in the order of its partition.</summary>
internal sealed class TopicWatcher : IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(5);

    private readonly IConsumer<Ignore, byte[]> _consumer;
    private readonly Dictionary<TopicPartition, long> _next = [];
    private readonly Action<ConsumeResult<Ignore, byte[]>> _onRecord;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile Exception? _fault;

    public TopicWatcher(string bootstrapServers, IEnumerable<TopicPartition> partitions, Action<ConsumeResult<Ignore, byte[]>> onRecord)
    {
        _onRecord = onRecord;
        _consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = Guid.NewGuid().ToString("N"),
            EnableAutoCommit = false,
            FetchWaitMaxMs = 10,
            ReconnectBackoffMaxMs = 200,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        foreach (var partition in partitions)
        {
            _next[partition] = 0;
        }

        _consumer.Assign(_next.Keys.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        _thread = new Thread(Run) { IsBackground = true, Name = nameof(TopicWatcher) };
        _thread.Start();
    }

    /// <summary>Waits until everything that a topic holds now has been handed on.</summary>
    public async Task CaughtUpAsync(string topic)
    {
        foreach (var partition in _next.Keys.Where(partition => partition.Topic == topic))
        {
            long? high = null;
            await Patience.UntilAsync($"{partition} says where it ends", () => (high = High(partition)) is not null);
            await Patience.UntilAsync($"{partition} read to {high}", () => Next(partition) >= high);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _consumer.Close();
        _consumer.Dispose();
    }

    /// <summary>The offset after the last record; null while the brokers do not say, for they may be failing on purpose.</summary>
    private long? High(TopicPartition partition)
    {
        try
        {
            return _consumer.QueryWatermarkOffsets(partition, QueryTimeout).High.Value;
        }
        catch (KafkaException problem) when (!problem.Error.IsFatal)
        {
            return null;
        }
    }

    private long Next(TopicPartition partition)
    {
        if (_fault is { } fault)
        {
            throw new InvalidOperationException("the watcher has ended", fault);
        }

        lock (_next)
        {
            return _next[partition];
        }
    }

#pragma warning disable CA1031 // told to whoever waits
    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Poll();
            }
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }
#pragma warning restore CA1031

    private void Poll()
    {
        ConsumeResult<Ignore, byte[]>? record;
        try
        {
            record = _consumer.Consume(PollTimeout);
        }
        catch (ConsumeException problem) when (!problem.Error.IsFatal)
        {
            return; // an injected fault
        }

        if (record is null)
        {
            return;
        }

        lock (_next)
        {
            if (record.Offset.Value != _next[record.TopicPartition])
            {
                throw new InvalidOperationException(
                    $"{record.TopicPartitionOffset} comes after {_next[record.TopicPartition]}: the broker has dropped records");
            }
        }

        _onRecord(record);
        lock (_next)
        {
            _next[record.TopicPartition] = record.Offset.Value + 1;
        }
    }
}
