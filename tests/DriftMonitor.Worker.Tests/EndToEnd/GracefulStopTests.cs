using System.Globalization;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>The real program as a child process: SIGTERM, and everything it had read is published and committed before it goes.</summary>
public sealed class GracefulStopTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const int Events = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// What docker-compose.yml grants (<c>stop_grace_period</c>) before it kills; a machine that is not busy needs half of it at most.
    /// </summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Sigterm_publishes_and_commits_what_was_read_before_it_would_be_killed()
    {
        var (brokers, predictions, panes) = (
            broker.BootstrapServers, await broker.CreateTopicAsync("predictions", 1), await broker.CreatePanesTopicAsync(1));
        Produce(brokers, predictions);
        using var worker = Start(brokers, predictions, panes, "Windows:Spans=1h/1h", "Windows:PublishInterval=1h");

        // Panes are published once an hour here, so what the topic holds after the stop, the stop has published.
        await worker.UntilMetricsHoldAsync(
            string.Create(CultureInfo.InvariantCulture, $"driftmonitor_records_consumed_total{{topic=\"{predictions}\"}} {Events}"));
        await worker.TerminateAsync();

        var code = await worker.EndAsync();
        Assert.True(worker.StopTook < StopWithin, $"it took {worker.StopTook}");
        Assert.True(code == 0, $"exit code {code}:\n{worker.Output}");
        using var published = new PublishedPanes(brokers, panes, partitions: 1, TimeSpan.FromHours(1));
        published.Read();
        Assert.Equal(Events, published.Events);
        Assert.Equal(0, Committed(brokers, predictions).Value); // the open pane began with the first record: a successor reads it again
    }

    /// <summary>
    /// An offset that waits to be committed must not hold the process up: nothing is lost with it, the successor re-reads.
    /// </summary>
    [Fact]
    public async Task Sigterm_ends_the_process_while_the_brokers_are_down_and_an_offset_is_not_committed_yet()
    {
        const short offsetCommit = 8;
        using var brokers = EmbeddedBroker.Start();
        brokers.CreateTopic("predictions", 1);
        brokers.CreateTopic("panes", 1);
        brokers.CreateTopic("panes.rollups", 1);
        brokers.CreateTopic("panes.status", 1);
        brokers.CreateTopic("panes.calibrations", 1);
        brokers.CreateTopic("panes.references", 1);
        brokers.PushRequestErrors(offsetCommit, [.. Enumerable.Repeat(ErrorCode.GroupLoadInProgress, 10_000)]);
        using var worker = Start(
            brokers.BootstrapServers, "predictions", "panes", "Windows:Spans=5m/1s", "Windows:PublishInterval=1s",
            "Windows:DisorderSlack=0s");

        // The second publication goes out only after the first is acknowledged and its offset stored.
        foreach (var publication in new[] { 1, 2 })
        {
            Produce(brokers.BootstrapServers, "predictions", after: (publication - 1) * Events);
            using var published = new PublishedPanes(brokers.BootstrapServers, "panes", partitions: 1, TimeSpan.FromSeconds(1));
            await worker.UntilAsync($"publication {publication}", () =>
            {
                published.Read();
                return Task.FromResult(published.Events == publication * Events);
            });
        }

        brokers.SetBrokerDown(1);
        await worker.TerminateAsync();

        await worker.EndAsync();
        Assert.True(worker.StopTook < StopWithin, $"it took {worker.StopTook}:\n{worker.Output}");
        Assert.True(worker.StopTook > TimeSpan.Zero);
    }

    private static MonitorProcess Start(string brokers, string predictions, string panes, params string[] settings) => MonitorProcess.Start(
        [
            $"Kafka:BootstrapServers={brokers}", $"Kafka:GroupId=stop-{predictions}", $"Kafka:PredictionTopics={predictions}",
            $"Kafka:PanesTopic={panes}", .. settings]);

    private static void Produce(string brokers, string topic, int after = 0)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = brokers }).Build();
        foreach (var line in File.ReadLines(RepositoryFiles.Digits("predictions.jsonl")).Skip(after).Take(Events))
        {
            var ts = System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("ts").GetInt64();
            producer.Produce(topic, new Message<Null, string> { Value = line, Timestamp = new Timestamp(ts, TimestampType.CreateTime) });
        }

        producer.Flush(Patience);
    }

    private static Offset Committed(string brokers, string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = brokers, GroupId = $"stop-{topic}" }).Build();
        return consumer.Committed([new TopicPartition(topic, 0)], Patience).Single().Offset;
    }
}
