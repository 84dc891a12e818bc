using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Formats.Proto;
using DriftMonitor.Worker.Tests.Broker;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Three topics, each in a format of its own, through the whole service.</summary>
public sealed class WireFormatPipelineTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public async Task Each_topic_is_read_in_its_format_and_all_count_in_one_window()
    {
        var (json, protobuf, kserve) = (
            await broker.CreateTopicAsync("json", 1), await broker.CreateTopicAsync("protobuf", 1),
            await broker.CreateTopicAsync("kserve", 1));
        var deadLetters = await broker.CreateTopicAsync("dead", 1);
        var time = new FakeTimeProvider(Start.AddSeconds(5));
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PredictionTopics"] = $"{json}, {protobuf}, {kserve}",
            [$"Kafka:Formats:{protobuf}"] = "protobuf",
            [$"Kafka:Formats:{kserve}"] = "cloudevents+kserve-v2/probs",
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["DeadLetter:Topic"] = deadLetters,
            ["Windows:Spans"] = "1m/1m",
            ["Divergence:MinimumEvents"] = "1",
        });
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        void Produce(string topic, byte[] value, Headers? headers = null) => producer.Produce(
            topic, new Message<Null, byte[]>
            {
                Value = value,
                Headers = headers,
                Timestamp = new Timestamp(Start.ToUnixTimeMilliseconds(), TimestampType.CreateTime),
            });

        Produce(json, """{"model":"m","probs":[0.5,0.5]}"""u8.ToArray());
        Produce(protobuf, new Prediction { Model = "m", Probs = new Values { Values_ = { 1f, 0f } } }.ToByteArray());
        var headers = new Headers { { "ce_specversion", "1.0"u8.ToArray() }, { "ce_inferenceservicename", "m"u8.ToArray() } };
        Produce(
            kserve, """{"outputs":[{"name":"logits","data":[1,2]},{"name":"probs","shape":[1,2],"data":[0.75,0.25]}]}"""u8.ToArray(),
            headers);
        Produce(kserve, Encoding.UTF8.GetBytes("""{"outputs":[]}""")); // no CloudEvent
        producer.Flush(TimeSpan.FromSeconds(30));
        await monitor.UntilAsync(
            "all read",
            async () => await monitor.ValueAsync("driftmonitor_dead_letters_total", $"topic=\"{kserve}\"") == 1
                && await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{json}\"") == 1
                && await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{protobuf}\"") == 1,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        Assert.Equal(
            1, await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{kserve}\"", "reason=\"not_a_cloud_event\""));

        time.SetUtcNow(Start.AddSeconds(61));
        await monitor.UntilAsync(
            "three events in the window",
            async () => await monitor.ValueAsync("driftmonitor_window_events", "model=\"m\"") == 3,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));

        // (½ + 1 + ¾) / 3 = ¾
        Assert.Equal(
            -(0.75 * Math.Log(0.75)) - (0.25 * Math.Log(0.25)), await monitor.ValueAsync("driftmonitor_entropy_nats", "model=\"m\""), 1e-9);
    }
}
