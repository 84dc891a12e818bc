using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>A canary beside the rest of its model's traffic through the whole service, of a model without a reference.</summary>
public sealed class LiveComparisonPipelineTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    /// <summary>Ten records a second of the canary, which are mostly of the other class, and twenty of others.</summary>
    [Fact]
    public async Task Canary_that_differs_from_the_rest_is_exported_and_alarmed_with_what_it_differs_in()
    {
        var topic = await broker.CreateTopicAsync("scores", 1);
        var time = new FakeTimeProvider(Start);
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PredictionTopics"] = topic,
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Windows:Spans"] = "10s/1s",
            ["Alarms:CompareWithRest:0"] = "canary",
            ["Models:0:Name"] = "fraud",
            ["Models:0:Classes:0"] = "ok",
            ["Models:0:Classes:1"] = "suspicious",
        });
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();
        string[] versus = ["model=\"fraud\"", "segment=\"canary vs rest\""];
        await monitor.UntilAsync(
            "an alarm",
            async () => await monitor.ValueAsync("driftmonitor_alarm_active", [.. versus, "severity=\"critical\""]) == 1,
            Produce);

        // ¾ ln 3 + ¼ ln ⅓, but for a pseudo-event
        Assert.Equal(
            0.549, await monitor.ValueAsync("driftmonitor_kl_divergence_nats", [.. versus, "direction=\"live_vs_reference\""]), 0.02);
        Assert.Equal(
            0.25,
            await monitor.ValueAsync("driftmonitor_class_share_ratio", [.. versus, "class=\"suspicious\"", "distribution=\"reference\""]),
            0.01);
        Assert.Equal(double.NaN, await monitor.ValueAsync("driftmonitor_kl_divergence_nats", "segment=\"canary\"")); // no reference
        var answer = await monitor.GetAsync("/api/v1/alarm?model=fraud");
        var told = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("in the rest of the traffic", told, StringComparison.Ordinal);

        // A tenth of a second passes between two looks, with predictions in it.
        void Produce()
        {
            var at = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var (segment, probs) in new[] { ("canary", "[0.25,0.75]"), ("stable", "[0.75,0.25]"), ("other", "[0.75,0.25]") })
            {
                producer.Produce(topic, new Message<Null, byte[]>
                {
                    Value = Encoding.UTF8.GetBytes($$"""{"model":"fraud","segment":"{{segment}}","probs":{{probs}}}"""),
                    Timestamp = new Timestamp(at, TimestampType.CreateTime),
                });
            }

            producer.Flush(TimeSpan.FromSeconds(30));
            time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }
}
