using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Tests.Wire;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>What a panes topic holds, read from outside.</summary>
internal sealed class PublishedPanes : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly RecordCodec _codec;
    private readonly Dictionary<(int Source, SeriesKey Series, long PaneStartMs), PaneRegister> _registers = [];
    private readonly IConsumer<Ignore, byte[]> _consumer;
    private readonly TopicPartition[] _partitions;

    public PublishedPanes(string bootstrapServers, string topic, int partitions, TimeSpan pane)
    {
        _codec = TestRecords.Codec(TestRecords.PlanOf(pane));
        _partitions = [.. Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition))];
        _consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = Guid.NewGuid().ToString("N"),
            EnableAutoCommit = false,
            FetchWaitMaxMs = 10,
        }).Build();
        _consumer.Assign(_partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
    }

    /// <summary>How many records have been read.</summary>
    public long Records { get; private set; }

    /// <summary>How many events the latest value of every register holds, in all series.</summary>
    public long Events => _registers.Values.Sum(register => register.Sums.Events);

    /// <summary>Reads everything that the topic holds now.</summary>
    public void Read()
    {
        var end = _partitions.Sum(partition => _consumer.QueryWatermarkOffsets(partition, Patience).High.Value);
        while (Records < end)
        {
            var message = _codec.Decode(
                (_consumer.Consume(Patience) ?? throw new TimeoutException($"{Records} of {end} records")).Message.Value);
            Records++;
            if (message is PaneRegister register)
            {
                var key = (register.SourcePartition, register.Series, register.PaneStartMs);
                if (!_registers.TryGetValue(key, out var known) || register.Replaces(known))
                {
                    _registers[key] = register;
                }
            }
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }
}
