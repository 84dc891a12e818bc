using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Topics;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Topics;

/// <summary>
/// Where a partition is read from. Records of 1,000 to 3,000 ms stand at offsets 10 to 14, out of order and with one compacted away.
/// </summary>
public sealed class TopicRangeTests
{
    private static readonly WatermarkOffsets Marks = new(10, 15);
    private static readonly (long Offset, long TimeMs)[] Records = [(10, 1_000), (12, 3_000), (13, 2_000), (14, 1_500)];

    [Theory]
    [InlineData(500, 10)]
    [InlineData(1_000, 10)]
    [InlineData(2_000, 12)] // not its last record, which is older
    [InlineData(3_000, 12)]
    public void A_partition_is_read_from_its_first_record_of_the_range(long fromMs, long start) =>
        Assert.Equal(start, TopicRange.StartOf(Marks, fromMs, Broker)?.Value);

    [Fact]
    public void A_partition_with_nothing_since_the_ranges_beginning_is_not_read()
    {
        Assert.Null(TopicRange.StartOf(Marks, 3_001, Broker));
        Assert.Null(TopicRange.StartOf(new WatermarkOffsets(15, 15), 500, Broker));
    }

    [Fact]
    public void What_came_after_the_partition_was_looked_at_is_not_read() =>
        Assert.Null(TopicRange.StartOf(Marks, 4_000, ms => ms <= 1_000 ? 10 : 15));

    [Theory]
    [InlineData(-1)] // librdkafka's "end"
    [InlineData(15)]
    public void A_broker_that_knows_no_times_is_read_from_the_beginning(long end) =>
        Assert.Equal(10, TopicRange.StartOf(Marks, 2_000, _ => end)?.Value);

    // offset    0           30        100
    // time      0 s  deleted 30 s     100 s
    [Theory]
    [InlineData(10, 70, "the records before offset 30 were deleted")]
    [InlineData(40, 60, null)] // no record of the range is among those
    public void A_range_whose_beginning_is_deleted_is_told(int fromSeconds, int records, string? told)
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            foreach (var second in Enumerable.Range(0, 100))
            {
                producer.Produce(
                    "predictions", new Message<Null,
                    string>
                    { Value = "{}", Timestamp = new Timestamp(second * 1_000, TimestampType.CreateTime) });
            }

            producer.Flush(TestContext.Current.CancellationToken);
        }

        broker.DeleteRecords("predictions", 0, 30);
        var settings = ConfigurationReader.Read(
            new ConfigurationBuilder().AddInMemoryCollection(
                [new("Kafka:BootstrapServers", broker.BootstrapServers), new("Kafka:Client:fetch.wait.max.ms", "10")]).Build());
        var lines = new List<string>();
        var read = 0;
        var range = new TopicRange(
            settings.Client, "predictions", withHeaders: false, fromSeconds * 1_000, long.MaxValue, slackMs: 0, lines.Add);
        range.Read(_ => read++, _ => { });
        range.Read(_ => { }, _ => { });

        Assert.Equal(records, read);
        Assert.Equal(told is null ? 0 : 1, lines.Count(line => line.Contains(told!, StringComparison.Ordinal)));
        Assert.Equal(told is null ? 0 : 1, lines.Count);
    }

    /// <summary>As brokers answer: the first record, by offset, of that time or later, else the end.</summary>
    private static Offset Broker(long fromMs) =>
        Records.Where(record => record.TimeMs >= fromMs).Select(record => new Offset(record.Offset)).FirstOrDefault(Offset.End);
}
