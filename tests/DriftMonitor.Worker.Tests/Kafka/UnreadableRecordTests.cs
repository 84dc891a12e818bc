using Confluent.Kafka;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

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

        await Task.Factory.StartNew(() => numbers.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal([1, 3], numbers.Seen);
        var scrape = await scraped.Scrape();
        Assert.Equal(1, scrape.Value($$"""records_rejected_total{reason="malformed",topic="{{topic}}"}"""));
        Assert.Equal(1, scrape.Value($$"""records_consumed_total{topic="{{topic}}"}""")); // the readable ones are the stage's own to count
    }

    private sealed class Numbers(string brokers, string topic, ScrapedMonitor scraped, Action atEnd)
        : PartitionConsumer<Ignore, int, object>(
            Settings(brokers), KafkaClients.Consumer(Settings(brokers).Client, $"group-{topic}"), [topic], Deserializers.Ignore, new Parser(),
            KafkaClient.Predictions, scraped.Metrics, scraped.Time, NullLogger.Instance)
    {
        public List<int> Seen { get; } = [];

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

        protected override void Lose(object partition, RecordsLost lost)
        {
        }

        protected override void Tick(long nowMs)
        {
        }

        protected override void Close(IReadOnlyList<object> partitions, bool lost)
        {
        }

        private static MonitorSettings Settings(string brokers) => ConfigurationReader.Read(
            new ConfigurationBuilder().AddInMemoryCollection([new("Kafka:BootstrapServers", brokers), new("Kafka:Client:fetch.wait.max.ms", "10")]).Build());
    }

    private sealed class Parser : IDeserializer<int>
    {
        public int Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
            int.Parse(data, System.Globalization.CultureInfo.InvariantCulture);
    }
}
