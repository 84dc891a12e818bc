using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>Where a partition is read from when the group's coordinator does not say so at once. Needs the embedded broker, which can be made to fail.</summary>
public sealed class CommittedOffsetTests
{
    private const short OffsetFetch = 9;

    /// <summary>Left to itself, librdkafka keeps such a partition assigned and never reads it.</summary>
    [Theory]
    [InlineData(ErrorCode.NotCoordinatorForGroup)]
    [InlineData(ErrorCode.GroupLoadInProgress)]
    [InlineData(ErrorCode.GroupAuthorizationFailed)]
    public async Task A_partition_whose_committed_offset_cannot_be_fetched_at_first_is_read_all_the_same(ErrorCode error)
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            await producer.ProduceAsync("predictions", new Message<Null, string> { Value = """{"model":"m","probs":[0.25,0.75]}""" }, TestContext.Current.CancellationToken);
        }

        broker.PushRequestErrors(OffsetFetch, error, error, error);
        await using var monitor = await RunningMonitor.StartAsync(new FakeTimeProvider(), new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
        });
        await monitor.UntilAsync("read", async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == 1);
    }
}
