using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace DriftMonitor.Worker.Tests.Broker;

/// <summary>The embedded broker that stands in for a real one is as strict as it.</summary>
public sealed class RealBrokerRulesTests
{
    [Fact]
    public async Task A_topic_is_unknown_until_it_was_waited_for()
    {
        await using var broker = await DefaultBroker.StartEmbeddedAsync(brokers: 2);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        int Partitions(string topic) =>
            admin.GetMetadata(TimeSpan.FromSeconds(30)).Topics.SingleOrDefault(known => known.Topic == topic)?.Partitions.Count ?? 0;

        await broker.MakeAsync(new TopicSpecification { Name = "used-at-once", NumPartitions = 3, Configs = [] });
        Assert.Equal(0, Partitions("used-at-once"));

        await broker.CreateAsync("waited-for", 3);
        Assert.Equal(3, Partitions("waited-for"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_record_stamped_over_an_hour_ahead_is_refused_unless_its_topic_takes_any(bool anyTimestamp)
    {
        var broker = await DefaultBroker.StartEmbeddedAsync(brokers: 1);
        var topic = await broker.CreateTopicAsync("events", 1, anyTimestamp);
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            foreach (var aheadMs in new[] { 3_500_000, 3_700_000 })
            {
                await producer.ProduceAsync(
                    topic,
                    new Message<Null,
                    string>
                    { Value = "v", Timestamp = new Timestamp(WallClock.NowMs + aheadMs, TimestampType.CreateTime) },
                    TestContext.Current.CancellationToken);
            }
        }

        var problem = await Record.ExceptionAsync(() => broker.DisposeAsync().AsTask());
        Assert.Equal(anyTimestamp ? null : $"{topic} [[0]] @1", problem?.Message.Split(" is stamped")[0]);
    }

    [Theory]
    [InlineData(6_000, true)]
    [InlineData(5_999, false)]
    [InlineData(2_500, true)] // what the broker told it to use
    public async Task A_session_below_six_seconds_is_refused_unless_the_broker_said_so(int sessionMs, bool accepted)
    {
        await using var broker = await DefaultBroker.StartEmbeddedAsync(brokers: 1);
        Assert.Equal(2_500, broker.SessionTimeoutMs(embedded: 2_500));
        string[] arguments = [
            "run", $"--Kafka:BootstrapServers={broker.BootstrapServers}", $"--Kafka:Client:session.timeout.ms={sessionMs}"];

        var problem = Record.Exception(() => RealBrokerRules.CheckSession(arguments));

        Assert.Equal(accepted, problem is null);
    }
}
