using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>A deserializer that throws all the same: its record is lost, so it is counted, and the ones after it are read.</summary>
public sealed class UnreadableRecordTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    [Fact]
    public async Task A_record_that_cannot_be_read_is_counted_and_not_read_again()
    {
        var topic = await broker.CreateTopicAsync("numbers", 1);
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            foreach (var value in new[] { "1", "two", "3" })
            {
                producer.Produce(topic, new Message<Null, string> { Value = value });
            }

            producer.Flush(TimeSpan.FromSeconds(30));
        }

        await using var scraped = await ScrapedMonitor.Start(topic);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(60));
        using var numbers = new Numbers(broker.BootstrapServers, topic, scraped, stop.Cancel);

        await Task.Factory.StartNew(
            () => numbers.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal([1, 3], numbers.Seen);
        Assert.Equal([topic], numbers.Unreadable);
    }

    private sealed class Numbers(string brokers, string topic, ScrapedMonitor scraped, Action atEnd)
        : PartitionConsumer<int, object>(
            scraped.Connection(Client(brokers)), KafkaClient.Predictions, KafkaClients.Consumer(Client(brokers), $"group-{topic}"), [topic],
            new Parser())
    {
        public List<int> Seen { get; } = [];

        public List<string> Unreadable { get; } = [];

        protected override IEnumerable<(object State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned) =>
            assigned.Select(partition => (new object(), new TopicPartitionOffset(partition, Offset.Beginning)));

        protected override void Read(object partition, ConsumeResult<Ignore, int> record)
        {
            Seen.Add(record.Message.Value);
            if (record.Offset == 2)
            {
                atEnd();
            }
        }

        protected override void ReachedEnd(object partition, long offset)
        {
        }

        protected override void CountUnreadable(string topic) => Unreadable.Add(topic);

        protected override void NoteLoss(object partition, LostRecords lost)
        {
        }

        protected override void Tick(long nowMs)
        {
        }

        protected override void Close(IReadOnlyList<object> partitions, bool lost)
        {
        }

        private static ClientSettings Client(string brokers) => ConfigurationReader.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection([new("Kafka:BootstrapServers", brokers), new("Kafka:Client:fetch.wait.max.ms", "10")])
                .Build()).Client;
    }

    private sealed class Parser : IDeserializer<int>
    {
        public int Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
            int.Parse(data, System.Globalization.CultureInfo.InvariantCulture);
    }
}
