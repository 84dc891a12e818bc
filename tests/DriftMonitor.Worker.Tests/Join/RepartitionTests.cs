using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Join;

/// <summary>
/// Labels of one partition and predictions of two topics, with three and two partitions and keys that are no ids: they are copied by their
/// ids, and joined.
/// </summary>
public sealed class RepartitionTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const int Count = 60;

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public async Task Predictions_of_several_topics_find_their_labels_also_after_a_restart()
    {
        var (single, rows, labels) = (
            await broker.CreateTopicAsync("single", 3), await broker.CreateTopicAsync("rows", 2), await broker.CreateTopicAsync("fb", 1));
        var panes = await broker.CreatePanesTopicAsync(2);
        await broker.CreateAsync($"{panes}.joined.predictions", 4);
        await broker.CreateAsync($"{panes}.joined.labels", 4);
        var (time, group) = (new FakeTimeProvider(Start.AddSeconds(5)), $"group-{Guid.NewGuid():N}");
        Task<RunningMonitor> StartAsync() =>
            RunningMonitor.StartAsync(time, Settings(group, panes, single, rows, labels, repartition: true));
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        var now = Start.ToUnixTimeMilliseconds();
        void Produce(string topic, int key, string json) => producer.Produce(
            topic, new Message<string, byte[]>
            {
                Key = $"customer {key % 7}",
                Value = Encoding.UTF8.GetBytes(json),
                Timestamp = new Timestamp(now, TimestampType.CreateTime),
            });
        static string Prediction(int i) => string.Create(
            CultureInfo.InvariantCulture, $$"""{"model":"m","id":"{{i}}","ts":1767225600000,"probs":[{{1 - P(i)}},{{P(i)}}]}""");
        void Label(int i) => Produce(labels, i * 3, $$"""{"model":"m","id":"{{i}}","label":{{i % 2}}}""");

        await using (var monitor = await StartAsync())
        {
            for (var i = 0; i < Count; i += 6)
            {
                Produce(single, i, Prediction(i));
                Produce(single, i + 1, Prediction(i + 1));
                Produce(rows, i, $$"""{"rows":[{{string.Join(',', Enumerable.Range(i + 2, 4).Select(Prediction))}}]}""");
            }

            Enumerable.Range(0, Count / 2).ToList().ForEach(Label);
            Produce(labels, 0, """{"model":"m","id":"0"}"""); // no label: counted as that, where the labels are joined
            producer.Flush(TimeSpan.FromSeconds(30));
            await monitor.UntilAsync(
                "half is matched", async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") == Count / 2,
                () => time.Advance(TimeSpan.FromMilliseconds(10)));
            Assert.Equal(
                1,
                await monitor.ValueAsync(
                    "driftmonitor_records_rejected_total", $"topic=\"{panes}.joined.labels\"", "reason=\"missing_output\""));
            await monitor.UntilAsync(
                "nothing is behind", async () => await monitor.ValueAsync("driftmonitor_consumer_lag_records", $"topic=\"{labels}\"") == 0,
                () => time.Advance(TimeSpan.FromMilliseconds(100)));
            Assert.Equal(Count / 2, await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{single}\"")
                + await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{rows}\""));
        }

        Enumerable.Range(Count / 2, Count / 2).ToList().ForEach(Label);
        producer.Flush(TimeSpan.FromSeconds(30));
        await using var again = await StartAsync();
        time.SetUtcNow(Start.AddSeconds(61));
        string[] window = ["model=\"m\"", "segment=\"_all\"", "attribution=\"prediction_time\""];
        await again.UntilAsync(
            "a window of all", async () => await again.ValueAsync("driftmonitor_feedback_events", window) == Count,
            () => time.Advance(TimeSpan.FromMilliseconds(100)));
        var cost = Enumerable.Range(0, Count).Average(i => -Math.Log(i % 2 == 1 ? P(i) : 1 - P(i)));
        Assert.Equal(cost, await again.ValueAsync("driftmonitor_feedback_cross_entropy_nats", window), 1e-9);
        Assert.Equal(1, await again.ValueAsync("driftmonitor_feedback_coverage_ratio", window));
    }

    [Fact]
    public async Task Without_it_several_topics_are_refused_with_the_ways_out()
    {
        var settings = Settings("g", "panes", "single", "rows", "fb", repartition: false);
        var problem = await Assert.ThrowsAsync<InvalidConfigurationException>(
            () => RunningMonitor.StartAsync(new FakeTimeProvider(Start), settings));
        Assert.Contains(
            "set Feedback:Repartition=true (labels are joined by id over all topics)", problem.Message, StringComparison.Ordinal);
    }

    private static double P(int i) => (i + 1) / 64.0;

    private Dictionary<string, string?> Settings(string group, string panes, string single, string rows, string labels, bool repartition) =>
        new()
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = group,
            ["Kafka:Client:group.protocol"] = "consumer", // rejoining a classic group takes the embedded broker a session's timeout
            ["Kafka:PanesTopic"] = panes,
            ["Sources:0:Topic"] = single,
            ["Sources:1:Topic"] = rows,
            ["Sources:1:Rows"] = "/rows",
            ["Feedback:Topic"] = labels,
            ["Feedback:Repartition"] = repartition ? "true" : "false",
            ["Windows:Spans"] = "1h/1m",
            ["Divergence:MinimumEvents"] = "1",
        };
}
