using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>A service that warms up with records of another shape.</summary>
public sealed class OtherClassesPipelineTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private const int RecordsAtOnce = 20;

    [Fact]
    public async Task A_warm_up_decides_for_a_minute_at_most()
    {
        var topic = await broker.CreateTopicAsync("scores", 1);
        var time = new FakeTimeProvider(Start);
        using var log = new LogLines();
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PredictionTopics"] = topic,
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Windows:Spans"] = "1m/1s",
            ["Windows:AllowedLateness"] = "1s",
        }, log);
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();
        Produce("[1.0]");
        Produce("[0.1,0.2,0.3,0.4]");

        await UntilAsync("from 4 (0, 1, 2, 3) to 3 (0, 1, 2)", "[0.5,0.3,0.2]");
        Assert.InRange(time.GetUtcNow() - Start, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120));
        await monitor.UntilAsync(
            "a window of three classes",
            async () => await monitor.ValueAsync("driftmonitor_window_ready", "model=\"docs\"", "window=\"1m\"") == 1,
            () => Produce("[0.5,0.3,0.2]"));
        Assert.Equal(0, await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{topic}\"", "reason=\"wrong_arity\""));
        Assert.Equal(
            RecordsAtOnce,
            await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{topic}\"", "reason=\"single_class\""));
        Assert.InRange(await monitor.ValueAsync("driftmonitor_events_refused_total", "reason=\"other_classes\""), 1, 4_800);

        Task UntilAsync(string change, string probs) => monitor.UntilAsync(
            change,
            () => Task.FromResult(log.All.Any(
                line => line.Contains($"docs: its classes have changed {change}", StringComparison.Ordinal))),
            () => Produce(probs));

        void Produce(string probs)
        {
            for (var i = 0; i < RecordsAtOnce; i++)
            {
                producer.Produce(topic, new Message<Null, byte[]>
                {
                    Value = Encoding.UTF8.GetBytes($$"""{"model":"docs","probs":{{probs}}}"""),
                    Timestamp = new Timestamp(time.GetUtcNow().ToUnixTimeMilliseconds(), TimestampType.CreateTime),
                });
            }

            producer.Flush(TimeSpan.FromSeconds(30));
            time.Advance(TimeSpan.FromMilliseconds(500));
        }
    }
}
