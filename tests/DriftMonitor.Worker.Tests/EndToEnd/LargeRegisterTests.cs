using Confluent.Kafka;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Tests.Wire;
using DriftMonitor.Worker.Wire;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>The largest registers that there can be fit into a record, and our own clients send and read them.</summary>
public sealed class LargeRegisterTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const int Framing = 64 * 1024; // key, headers of the batch and the record: some hundred bytes in truth
    private const long PaneMs = 10_000;

    // of the three-byte characters, which take the most bytes a UTF-16 unit
    private static readonly string LongestName = new('中', JsonNames.MaxLength);

    [Fact]
    public void The_largest_vocabulary_fits() =>
        Assert.InRange(Bytes(Register(ClassSpace.Indexed(ClassSpace.MaxClasses))), 4_000_000, RecordCodec.MaxBytes - Framing);

    [Fact]
    public void The_most_and_longest_classes_that_payloads_can_fix_fit()
    {
        var names = Enumerable.Range(0, PredictionDecoder.MaxInferredClasses).Select(
            k => LongestName[2..] + (char)('一' + (k % 1_000)) + (char)('一' + (k / 1_000)));
        Assert.InRange(Bytes(Register(ClassSpace.Create(names), inferred: true)), 7_900_000, RecordCodec.MaxBytes - Framing);
    }

    [Fact]
    public async Task The_largest_vocabularys_register_is_sent_and_read()
    {
        var panes = await broker.CreatePanesTopicAsync(1);
        var settings = ConfigurationReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(
                [
                    new("Kafka:BootstrapServers", broker.BootstrapServers), new("Kafka:PanesTopic", panes),
                    new("Kafka:Client:fetch.wait.max.ms", "10")])
            .Build());
        await using var scraped = await ScrapedMonitor.Start();
        var codec = Codec(new TopicPartition("predictions", 0));
        using var publisher = new PlanePublisher(settings, codec, 1, scraped.Connection(settings.Client));

        var register = Register(ClassSpace.Indexed(ClassSpace.MaxClasses));
        var pending = publisher.Publish(
            new LanePublication([register], new LaneProgress(0, 0, CaughtUp: true, AsOfMs: 0), 1),
            []);
        publisher.Flush(TimeSpan.FromSeconds(60));

        Assert.True(pending.IsAcknowledged);
        using var consumer = new ConsumerBuilder<Ignore, PaneMessage?>(KafkaClients.Consumer(settings.Client, "group"))
            .SetValueDeserializer(codec)
            .Build();
        consumer.Assign(new TopicPartitionOffset(panes, 0, Offset.Beginning));
        var read = Assert.IsType<PaneRegister>(consumer.Consume(TimeSpan.FromSeconds(60)).Message.Value);
        Assert.True(register.Sums.SameAs(read.Sums));
    }

    private static PaneRegister Register(ClassSpace space, bool inferred = false)
    {
        ulong[] sums = [.. Enumerable.Repeat(ulong.MaxValue, space.CellCount)];
        return new PaneRegister(
            0, new SeriesKey(LongestName, LongestName), 0, new PaneClasses(space.Id, long.MaxValue, inferred ? space : null), 0,
            long.MaxValue, 0, PaneMs - 1, new PaneSums(long.MaxValue, sums, sums));
    }

    private static int Bytes(PaneRegister register) =>
        Codec(new TopicPartition(new string('t', 249), int.MaxValue)).Encode(register).Length + RecordKeys.Of(register.Series).Length;

    private static RecordCodec Codec(TopicPartition source) =>
        TestRecords.Codec(TestRecords.PlanOf(TimeSpan.FromMilliseconds(PaneMs)), source);
}
