using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>Where a partition is read from. Records of 1,000 to 3,000 ms stand at offsets 10 to 14, out of order and with one compacted away.</summary>
public sealed class TopicRangeTests
{
    private static readonly WatermarkOffsets Marks = new(10, 15);
    private static readonly (long Offset, long TimeMs)[] Records = [(10, 1_000), (12, 3_000), (13, 2_000), (14, 1_500)];

    [Theory]
    [InlineData(500, 10)]
    [InlineData(1_000, 10)]
    [InlineData(2_000, 12)] // not its last record, which is older
    [InlineData(3_000, 12)]
    public void A_partition_is_read_from_its_first_record_of_the_range(long fromMs, long start) => Assert.Equal(start, TopicRange.StartOf(Marks, fromMs, Broker)?.Value);

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
    public void A_broker_that_knows_no_times_is_read_from_the_beginning(long end) => Assert.Equal(10, TopicRange.StartOf(Marks, 2_000, _ => end)?.Value);

    /// <summary>As brokers answer: the first record, by offset, of that time or later, else the end.</summary>
    private static Offset Broker(long fromMs) => Records.Where(record => record.TimeMs >= fromMs).Select(record => new Offset(record.Offset)).FirstOrDefault(Offset.End);
}
