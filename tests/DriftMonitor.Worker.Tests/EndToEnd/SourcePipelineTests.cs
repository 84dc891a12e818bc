using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Two sources through the whole service: records of several predictions with a filter, and labels joined to their rows.</summary>
public sealed class SourcePipelineTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public async Task Rows_count_one_by_one_and_find_their_labels()
    {
        var (payments, refunds) = (await broker.CreateTopicAsync("payments", 1), await broker.CreateTopicAsync("refunds", 1));
        var time = new FakeTimeProvider(Start.AddSeconds(5));
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Sources:0:Topic"] = payments,
            ["Sources:0:Frame"] = "confluent",
            ["Sources:0:Only:header:type"] = "scored",
            ["Sources:0:Model"] = "fraud",
            ["Sources:0:Rows"] = "/payments",
            ["Sources:0:Map:id"] = "/id",
            ["Sources:0:Map:ts"] = "/scored_at",
            ["Sources:0:Map:segment"] = "/country",
            ["Sources:0:Map:probs"] = "/score/p",
            ["Sources:0:TimeUnit"] = "s",
            ["Sources:1:Topic"] = refunds,
            ["Sources:1:Kind"] = "labels",
            ["Sources:1:Model"] = "fraud",
            ["Sources:1:Map:id"] = "/payment",
            ["Sources:1:Map:label"] = "/is_fraud",
            ["Windows:Spans"] = "1h/1m",
            ["Divergence:MinimumEvents"] = "1",
        });
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        void Produce(string topic, byte[]? value, string? type = null) => producer.Produce(
            topic, new Message<string, byte[]>
            {
                Key = "k",
                Value = value!,
                Headers = type is null ? null : [new Header("type", Encoding.UTF8.GetBytes(type))],
                Timestamp = new Timestamp(Start.ToUnixTimeMilliseconds(), TimestampType.CreateTime),
            });
        static byte[] Framed(string json) => [0, 0, 0, 0, 7, .. Encoding.UTF8.GetBytes(json)];

        Produce(
            payments,
            Framed(
                """{"id":"r","scored_at":1767225600,"payments":[{"id":"a","country":"DE","score":{"p":[0.5,0.5]}},{"score":{"p":[0.75,0.25]},"scored_at":"soon"}]}"""),
            "scored");
        Produce(payments, Framed("""{"scored_at":1767225600}"""), "requested");
        Produce(payments, value: null, "scored");
        Produce(payments, Framed("""{"payments":[{"score":{"p":[1,0]}},{"score":{"p":[1,1]}}]}"""), "scored");
        Produce(
            payments,
            Framed("""{"id":"r","scored_at":1767225600,"payments":[{"id":"a","country":"FR","score":{"p":[0.5,0.5]}}]}"""), "scored");
        Produce(refunds, """{"payment":"a","is_fraud":1.0}"""u8.ToArray());
        Produce(refunds, """{"payment":"r#1","is_fraud":false}"""u8.ToArray());
        producer.Flush(TimeSpan.FromSeconds(30));
        await monitor.UntilAsync(
            "all read",
            async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{payments}\"") == 5
                && await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{payments}\"", "reason=\"sum_not_one\"") == 1
                && await monitor.ValueAsync("driftmonitor_duplicates_total", "model=\"fraud\"") == 1
                && await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{refunds}\"") == 2
                && await monitor.ValueAsync("driftmonitor_feedback_matched_total") == 2,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        Assert.Equal(2, await monitor.ValueAsync("driftmonitor_records_ignored_total", $"topic=\"{payments}\""));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_fallen_back_total", $"topic=\"{payments}\"", "field=\"ts\""));

        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_rejected_total", "model=\"fraud\"", "reason=\"sum_not_one\""));
        Assert.Equal(2, await monitor.ValueAsync("driftmonitor_records_ignored_total", "model=\"fraud\""));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_fallen_back_total", "model=\"fraud\"", "field=\"ts\""));
        var told = await (await monitor.GetAsync("/api/v1/rejections")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"offset\":3,\"row\":0,\"record_time_ms\":1767225600000,\"where\":\"/score/p\"", told, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"duplicate\",\"reason\":null,\"model\":\"fraud\",\"count\":1,", told, StringComparison.Ordinal);
        Assert.Contains("\"offset\":0,\"row\":1,\"record_time_ms\":1767225600000,\"where\":null", told, StringComparison.Ordinal);

        time.SetUtcNow(Start.AddSeconds(61));
        await monitor.UntilAsync(
            "a window of two",
            async () => await monitor.ValueAsync("driftmonitor_window_events", "model=\"fraud\"", "segment=\"_all\"") == 2,
            () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_window_events", "model=\"fraud\"", "segment=\"DE\""));
    }

    [Fact]
    public async Task Sources_that_are_refused_as_a_whole_are_logged_within_a_minute_with_what_to_do()
    {
        var (scores, labels) = (await broker.CreateTopicAsync("scores", 1), await broker.CreateTopicAsync("labels", 1));
        var (time, log) = (new FakeTimeProvider(Start.AddSeconds(5)), new LogLines());
        await using var monitor = await RunningMonitor.StartAsync(
            time,
            new Dictionary<string, string?>
            {
                ["Kafka:BootstrapServers"] = broker.BootstrapServers,
                ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
                ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
                ["Sources:0:Topic"] = scores,
                ["Sources:1:Topic"] = labels,
                ["Sources:1:Kind"] = "labels",
                ["Sources:1:Map:label"] = "/is_fraud",
                ["Sources:1:Map:id"] = "/payment",
                ["Sources:1:Model"] = "fraud",
                ["Windows:Spans"] = "1h/1m",
            },
            log);
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            void Produce(string topic, params byte[] value) => producer.Produce(topic, new Message<Null, byte[]>
            {
                Value = value,
                Timestamp = new Timestamp(Start.ToUnixTimeMilliseconds(), TimestampType.CreateTime),
            });
            Produce(scores, 0x1f, 0x8b, 8, 0);
            Produce(scores, 0x1f, 0x8b, 8, 0);
            Produce(labels, """{"payment":"a"}"""u8.ToArray());
            producer.Flush(TimeSpan.FromSeconds(30));
        }

        await monitor.UntilAsync(
            "both read",
            async () => await monitor.ValueAsync("driftmonitor_records_rejected_total", scores, "undeclared_frame") == 2
                && await monitor.ValueAsync("driftmonitor_records_rejected_total", labels, "missing_output") == 1,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        time.Advance(TimeSpan.FromSeconds(31));
        await monitor.UntilAsync(
            "told",
            () => Task.FromResult(log.All.Count(line => line.Contains("is refused as a whole", StringComparison.Ordinal)) == 2),
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        Assert.Contains(log.All, line => line.StartsWith($"Warning: {scores} is refused as a whole", StringComparison.Ordinal)
            && line.Contains(
                "2 were rejected since the last look, the first one at [0] @0, undeclared_frame: expected: no frame around the value but "
                + "those that the source declares. What to do: the value looks like gzip: declare Frame=gzip in the source",
                StringComparison.Ordinal));
        Assert.Contains(log.All, line => line.StartsWith($"Warning: {labels} is refused as a whole", StringComparison.Ordinal)
            && line.Contains("the first one at [0] @0, missing_output: expected at /is_fraud: ", StringComparison.Ordinal));
    }
}
