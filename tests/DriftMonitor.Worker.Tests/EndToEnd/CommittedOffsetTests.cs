using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// Where a partition is read from: when the group's coordinator does not say so at once, and when nothing is committed yet.
/// </summary>
public sealed class CommittedOffsetTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const short OffsetFetch = 9;

    /// <summary>Left to itself, librdkafka keeps such a partition assigned and never reads it.</summary>
    [Theory]
    [InlineData(ErrorCode.NotCoordinatorForGroup)]
    [InlineData(ErrorCode.GroupLoadInProgress)]
    [InlineData(ErrorCode.GroupAuthorizationFailed)]
    public async Task A_partition_whose_committed_offset_cannot_be_fetched_at_first_is_read_all_the_same(ErrorCode error)
    {
        using var failing = EmbeddedBroker.Start(); // a real one cannot be made to fail
        failing.CreateTopic("predictions", 1);
        failing.CreateTopic("panes", 1);
        failing.CreateTopic("panes.rollups", 1);
        failing.CreateTopic("panes.status", 1);
        failing.CreateTopic("panes.calibrations", 1);
        failing.CreateTopic("panes.references", 1);
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = failing.BootstrapServers }).Build())
        {
            await producer.ProduceAsync(
                "predictions", new Message<Null, string> { Value = """{"model":"m","probs":[0.25,0.75]}""" },
                TestContext.Current.CancellationToken);
        }

        failing.PushRequestErrors(OffsetFetch, error, error, error);
        await using var monitor = await RunningMonitor.StartAsync(new FakeTimeProvider(), new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = failing.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
        });
        await monitor.UntilAsync(
            "read", async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == 1);
    }

    /// <summary>
    /// A group that begins at the end of a topic has begun there, also when it is restarted before the first record comes.
    /// </summary>
    [Fact]
    public async Task What_comes_between_a_start_at_the_end_and_the_first_commit_is_not_lost()
    {
        var predictions = await broker.CreateTopicAsync("predictions", 1);
        var group = $"group-{predictions}";
        var time = new FakeTimeProvider();
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = group,
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Kafka:StartFrom"] = "latest",
            ["Kafka:Client:group.protocol"] = "consumer", // rejoining a classic group takes the embedded broker a session's timeout
        };
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        var record = new Message<Null, string> { Value = """{"model":"m","probs":[0.25,0.75]}""" };
        await producer.ProduceAsync(predictions, record, TestContext.Current.CancellationToken);
        await using (var first = await RunningMonitor.StartAsync(time, settings))
        {
            await first.UntilAsync(
                "begun", () => Task.FromResult(HasCommitted(group, predictions)), () => time.Advance(TimeSpan.FromMilliseconds(20)));
        }

        await producer.ProduceAsync(predictions, record, TestContext.Current.CancellationToken);
        await using var second = await RunningMonitor.StartAsync(time, settings);
        await second.UntilAsync(
            "read", async () => await second.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{predictions}\"") == 1);
    }

    private bool HasCommitted(string group, string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = group }).Build();
        return consumer.Committed([new TopicPartition(topic, 0)], TimeSpan.FromSeconds(30)).Single().Offset == 1;
    }
}
