using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// A broker that takes no panes: the partition is paused, so that nothing piles up, and read again when it does. Needs the embedded broker,
/// which can be broken.
/// </summary>
public sealed class BackpressureTests
{
    private const int Events = 1_000;

    [Fact]
    public async Task A_partition_whose_panes_are_not_acknowledged_is_paused_until_they_are()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_700_000));
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Kafka:Client:reconnect.backoff.max.ms"] = "100",
            ["Windows:Spans"] = "5m/1m",
        });
        using var producer = new ProducerBuilder<Null, string>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, ReconnectBackoffMaxMs = 100 }).Build();

        Produce(producer);
        await monitor.UntilAsync(
            "all read", async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == Events);
        broker.SetBrokerDown(1);
        time.Advance(TimeSpan.FromMilliseconds(10)); // a publication that nobody acknowledges
        await monitor.UntilAsync("paused", () => PausedAsync(monitor, 1), () => time.Advance(TimeSpan.FromSeconds(1)));

        broker.SetBrokerUp(1);
        await monitor.UntilAsync("read again", () => PausedAsync(monitor, 0), () => time.Advance(TimeSpan.FromMilliseconds(10)));
        Produce(producer);
        await monitor.UntilAsync(
            "all read again",
            async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == 2 * Events);

        using var published = new PublishedPanes(broker.BootstrapServers, "panes", partitions: 1, TimeSpan.FromMinutes(1));
        await monitor.UntilAsync("nothing lost, nothing doubled", () =>
        {
            published.Read();
            return Task.FromResult(published.Events == 2 * Events);
        }, () => time.Advance(TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_broker_that_is_down()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_700_000));
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = "5m/1m",
        });
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        Produce(producer);
        await monitor.UntilAsync(
            "all read", async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == Events);

        broker.SetBrokerDown(1);
        await monitor.StopAsync().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    private static async Task<bool> PausedAsync(RunningMonitor monitor, int partitions) =>
        await monitor.ValueAsync("driftmonitor_paused_partitions", "topic=\"predictions\"") == partitions;

    private static void Produce(IProducer<Null, string> producer)
    {
        for (var i = 0; i < Events; i++)
        {
            producer.Produce("predictions", new Message<Null, string>
            {
                Value = """{"model":"m","probs":[0.25,0.75]}""",
                Timestamp = new Timestamp(1_767_225_690_000 + i, TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
