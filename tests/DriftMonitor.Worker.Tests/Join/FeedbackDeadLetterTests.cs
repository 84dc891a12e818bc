using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Join;

/// <summary>
/// Labels that are none, between good ones that carry their own predictions: counted by reason, copied as they were, and survived.
/// </summary>
public sealed class FeedbackDeadLetterTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public async Task Bad_labels_are_copied_with_their_reasons_and_good_ones_count()
    {
        (string Reason, string Value)[] bad =
        [
            ("malformed", "{"),
            ("missing_output", """{"model":"m","label":"a"}"""), // neither an id nor a prediction
            ("several_outputs", """{"model":"m","probs":{"a":0.5,"b":0.5},"label":"a","labels":{"a":1}}"""),
            ("late", """{"model":"m","probs":{"a":0.5,"b":0.5},"label":"a","ts":"2020-01-01T00:00:00Z"}"""),
        ];
        var (predictions, feedback, deadLetters) = (
            await broker.CreateTopicAsync("predictions", 1), await broker.CreateTopicAsync("feedback", 3),
            await broker.CreateTopicAsync("dead", 1));
        var time = new FakeTimeProvider(Start.AddSeconds(5));
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Feedback:Topic"] = feedback,
            ["Feedback:Join"] = "false", // so partitions need not be as many
            ["DeadLetter:Topic"] = deadLetters,
            ["Windows:Spans"] = "1m/1m",
        });
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            void Produce(string value) => producer.Produce(
                feedback, new Message<Null, byte[]>
                {
                    Value = Encoding.UTF8.GetBytes(value),
                    Timestamp = new Timestamp(Start.ToUnixTimeMilliseconds(), TimestampType.CreateTime),
                });
            foreach (var (_, value) in bad)
            {
                Produce("""{"model":"m","probs":{"a":0.5,"b":0.5},"label":"a"}""");
                Produce(value);
            }

            producer.Flush(TimeSpan.FromSeconds(30));
        }

        await monitor.UntilAsync(
            "dead letters delivered",
            async () => await monitor.ValueAsync("driftmonitor_dead_letters_total", $"topic=\"{feedback}\"") == bad.Length,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        foreach (var (reason, _) in bad)
        {
            Assert.Equal(
                1, await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{feedback}\"", $"reason=\"{reason}\""));
        }

        time.SetUtcNow(Start.AddSeconds(61));
        await monitor.UntilAsync(
            "the good ones in the window",
            async () => await monitor.ValueAsync("driftmonitor_feedback_events", "attribution=\"label_time\"") == bad.Length,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        // −ln ½
        Assert.Equal(Math.Log(2), await monitor.ValueAsync("driftmonitor_feedback_cross_entropy_nats", "attribution=\"label_time\""), 1e-9);

        using var consumer = new ConsumerBuilder<Ignore, byte[]>(
            new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = Guid.NewGuid().ToString("N") }).Build();
        consumer.Assign(new TopicPartitionOffset(deadLetters, 0, Offset.Beginning));
        var letters = bad.Select(_ => consumer.Consume(TimeSpan.FromMinutes(1))).ToArray();
        string Header(ConsumeResult<Ignore, byte[]> letter, string name) =>
            Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes($"driftmonitor.{name}"));
        Assert.Equal(
            bad.Order(), letters.Select(letter => (Header(letter, "reason"), Encoding.UTF8.GetString(letter.Message.Value))).Order());
        Assert.All(letters, letter => Assert.Equal(feedback, Header(letter, "topic")));
    }
}
