using System.Globalization;
using Confluent.Kafka;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.Wire;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Which windows the whole service calls ready.</summary>
public sealed class ReadinessPipelineTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private static readonly WindowPlan Other = TestRecords.Plan("10s/500ms", new LanePlan(500, 60_000, 60_000, 10_000));

    // s             0 ─────── 12        12.5           then on
    // predictions   one each 100 ms
    // lane 0                  another replica's word, with other windows
    // ready                   1         0              1 once the window lies behind that
    [Fact]
    public async Task Windows_are_not_ready_while_a_replica_has_other_windows_and_the_log_says_so()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        var time = new FakeTimeProvider(Start);
        using var log = new LogLines();
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();
        await using var monitor = await RunningMonitor.StartAsync(
            time,
            new Dictionary<string, string?>
            {
                ["Kafka:BootstrapServers"] = broker.BootstrapServers,
                ["Kafka:PredictionTopics"] = "predictions",
                ["Kafka:PanesTopic"] = "panes",
                ["Windows:Spans"] = "10s/1s",
            },
            log);
        await ReadyAsync(1);
        await UntilAsync("every event of a window that is ready counts", async () => await ReadyEventsAsync() == 100);

        var word = TestRecords.Codec(Other, new TopicPartition("predictions", 0)).Encode(
            new LaneProgress(0, Now() - 70_000, CaughtUp: true, Now()));
        await producer.ProduceAsync("panes", new Message<Null, byte[]> { Value = word }, TestContext.Current.CancellationToken);
        await ReadyAsync(0);
        Assert.Contains(
            log.All,
            line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains($"{Other.Lanes}", StringComparison.Ordinal));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_rejected_total", "topic=\"panes\"", "reason=\"malformed\""));
        await ReadyAsync(1); // the lane's own word has come again, and the window lies behind it
        Assert.Equal(100, await ReadyEventsAsync());

        long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

        Task ReadyAsync(double ready) =>
            UntilAsync($"ready {ready}", async () => await monitor.ValueAsync("driftmonitor_window_ready", "model=\"m\"") == ready);

        Task<double> ReadyEventsAsync() => monitor.ValueAsync("driftmonitor_window_events", "model=\"m\"");

        // A tenth of a second passes between two looks, with a prediction in it.
        Task UntilAsync(string what, Func<Task<bool>> isSo) => monitor.UntilAsync(what, isSo, () =>
        {
            var at = Now();
            producer.Produce("predictions", new Message<Null, byte[]>
            {
                Value = System.Text.Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $$"""{"model":"m","ts":{{at}},"probs":[0.25,0.75]}""")),
                Timestamp = new Timestamp(at, TimestampType.CreateTime),
            });
            producer.Flush(TimeSpan.FromSeconds(30));
            time.Advance(TimeSpan.FromMilliseconds(100));
        });
    }
}
