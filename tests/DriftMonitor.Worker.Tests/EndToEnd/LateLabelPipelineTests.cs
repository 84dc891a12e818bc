using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Labels as banks send them, through the whole service: long after their predictions, with the time of the transaction.</summary>
public sealed class LateLabelPipelineTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const int Count = 200;

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    /// <summary>The time is two hours ago; there is none; the id has another name, which the source says.</summary>
    [Theory]
    [InlineData("id", -7_200_000L)]
    [InlineData("id", null)]
    [InlineData("request_id", null)]
    public async Task All_are_joined_at_their_cost(string id, long? after)
    {
        var (predictions, labels) = (await broker.CreateTopicAsync("p", 1), await broker.CreateTopicAsync("fb", 1));
        var time = new FakeTimeProvider(Start.AddSeconds(5));
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Kafka:PredictionTopics"] = predictions,
            ["Feedback:Horizon"] = "45d",
            ["Windows:Spans"] = "1h/1m",
            ["Divergence:MinimumEvents"] = "1",
        };
        if (id == "id")
        {
            settings["Feedback:Topic"] = labels;
        }
        else
        {
            settings["Sources:0:Topic"] = labels;
            settings["Sources:0:Kind"] = "labels";
            settings["Sources:0:Map:id"] = $"/{id}";
            settings["Sources:0:Map:label"] = "/label";
            settings["Sources:0:Map:model"] = "/model";
        }

        await using var monitor = await RunningMonitor.StartAsync(time, settings);
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        var now = Start.ToUnixTimeMilliseconds();
        void Produce(string topic, string json) => producer.Produce(
            topic, new Message<string, byte[]>
            {
                Key = "churn",
                Value = Encoding.UTF8.GetBytes(json),
                Timestamp = new Timestamp(now, TimestampType.CreateTime),
            });
        var cost = 0.0;
        for (var i = 0; i < Count; i++)
        {
            var (p, label) = ((i + 1) / 256.0, i % 2);
            cost -= Math.Log(label == 1 ? p : 1 - p) / Count;
            Produce(
                predictions,
                string.Create(
                    CultureInfo.InvariantCulture, $$"""{"model":"churn","id":"c{{i}}","ts":{{now}},"probs":[{{1 - p}},{{p}}]}"""));
            var ts = after is { } ms ? string.Create(CultureInfo.InvariantCulture, $"\"ts\":{now + ms},") : "";
            Produce(labels, $$"""{"model":"churn","{{id}}":"c{{i}}",{{ts}}"label":{{label}}}""");
        }

        producer.Flush(TimeSpan.FromSeconds(30));
        await monitor.UntilAsync(
            "all are matched",
            async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") == Count,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        time.SetUtcNow(Start.AddSeconds(61));
        string[] window = ["model=\"churn\"", "segment=\"_all\"", "attribution=\"prediction_time\""];
        await monitor.UntilAsync(
            "a window of all",
            async () => await monitor.ValueAsync("driftmonitor_feedback_events", window) == Count,
            () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(cost, await monitor.ValueAsync("driftmonitor_feedback_cross_entropy_nats", window), 1e-9);
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_feedback_coverage_ratio", window));
    }
}
