using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Wire.Proto;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RocksDbSharp;

namespace DriftMonitor.Worker.Tests.Join;

/// <summary>
/// The join keeps its directory while its topics become others: it begins anew, says so, and counts what a monitor that knows nothing of
/// the past counts. Needs the embedded broker, which deletes topics when it is told to, and tells no ids of them.
/// </summary>
public sealed class AnotherLogTests : IDisposable
{
    private const int Records = 100;

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_767_225_600));
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly LogLines _log = new();

    public AnotherLogTests()
    {
        foreach (var topic in (string[])["predictions", "renamed", "labels", "panes", "panes.rollups", "panes.status", "panes.feedback",
            "fresh", "fresh.rollups", "fresh.status", "fresh.feedback"])
        {
            _broker.CreateTopic(topic, 1);
        }
    }

    public void Dispose()
    {
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>As many records, and labels that say otherwise: neither the offsets nor the ids tell that these are others.</summary>
    [Theory]
    [InlineData("predictions", "labels")]
    [InlineData("labels")]
    [InlineData("predictions")]
    public async Task A_topic_that_was_made_again_while_the_monitor_was_down(params string[] topics)
    {
        await JoinAsync("predictions");
        foreach (var topic in topics)
        {
            _broker.DeleteTopic(topic);
            _broker.CreateTopic(topic, 1);
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        foreach (var topic in topics)
        {
            Produce(topic, label: "b");
        }

        await using var monitor = await StartAsync("predictions");
        await SameAsFreshAsync(monitor, "predictions");
        foreach (var topic in topics)
        {
            Assert.Equal(1, await monitor.ValueAsync("driftmonitor_log_gaps_total", $"topic=\"{topic}\""));
            Assert.Contains(
                _log.All,
                line => line.StartsWith($"Warning: {topic} [[0]]: the topic was deleted and created again", StringComparison.Ordinal));
        }

        Assert.Equal(topics.Contains("labels") ? Records : 0, await monitor.ValueAsync("driftmonitor_feedback_matched_total"));
    }

    /// <summary>
    /// The store of the former log is deleted before the disk refuses a new one: what was lost with that log is still told.
    /// </summary>
    [Fact]
    public async Task A_topic_that_was_made_again_while_the_disk_is_full()
    {
        await JoinAsync("predictions");
        _broker.DeleteTopic("labels");
        _broker.CreateTopic("labels", 1);
        _time.Advance(TimeSpan.FromMinutes(1));
        Produce("labels", label: "b");

        var opened = 0;
        await using var monitor = await StartAsync("predictions", all => all.AddSingleton<Func<string, IFeedbackStore>>(provider =>
        {
            var feedback = provider.GetRequiredService<MonitorSettings>().Feedback!;
            var cache = Cache.CreateLru(feedback.BlockCacheBytes);
            return directory => ++opened is 2 ? throw new IOException("No space left on device")
                : RocksDbFeedbackStore.Open(
                    directory, feedback.Plan, feedback.MadeFrom, feedback.BucketMs, cache, feedback.WriteBufferBytes);
        }));
        await monitor.UntilAsync(
            "matched", async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") == Records, Advance);
        Assert.Equal(3, opened);
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_log_gaps_total", "topic=\"labels\""));
        await monitor.StopAsync();
        Assert.True(LastSaid().LabelsLostBeforeMs > 0);
    }

    [Fact]
    public async Task Predictions_of_another_topic()
    {
        await JoinAsync("predictions");
        _time.Advance(TimeSpan.FromMinutes(1));
        Produce("renamed", "a");
        Produce("labels", "b");

        await using var monitor = await StartAsync("renamed");
        await SameAsFreshAsync(monitor, "renamed");
    }

    /// <summary>What was labelled meanwhile was passed over, and is found.</summary>
    [Fact]
    public async Task Labels_that_were_not_joined_for_a_while()
    {
        await JoinAsync("predictions");
        await using (var monitor = await StartAsync("predictions", ("Feedback:Join", "false")))
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Produce("predictions", "a", from: Records);
            Produce("labels", "a", from: Records);
            await monitor.UntilAsync(
                "rejected",
                async () => await monitor.ValueAsync("driftmonitor_records_rejected_total", "labels", "missing_output") == Records,
                Advance);
            await monitor.StopAsync();
        }

        await using var joins = await StartAsync("predictions");
        await SameAsFreshAsync(joins, "predictions");
    }

    private void Advance() => _time.Advance(TimeSpan.FromMilliseconds(500));

    /// <summary>Joins a label to each prediction, and stops.</summary>
    private async Task JoinAsync(string predictions)
    {
        Produce(predictions, "a");
        Produce("labels", "a");
        await using var monitor = await StartAsync(predictions);
        await monitor.UntilAsync(
            "matched", async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") == Records, Advance);
        await monitor.StopAsync();
    }

    private async Task SameAsFreshAsync(RunningMonitor monitor, string predictions)
    {
        await using var fresh = await StartAsync(
            predictions, ("Kafka:GroupId", "fresh"), ("Kafka:PanesTopic", "fresh"), ("Feedback:Directory", ""));
        _time.Advance(TimeSpan.FromMinutes(2));
        await fresh.UntilAsync("all labelled", async () => await LabelledAsync(fresh) is var all && all.Events > 0, Advance);
        await monitor.UntilAsync("the same", async () => await LabelledAsync(monitor) == await LabelledAsync(fresh), Advance);
        Advance();
        Assert.Equal(await LabelledAsync(fresh), await LabelledAsync(monitor));
    }

    private static async Task<(double Events, double Nats, double Accuracy, double Coverage)> LabelledAsync(RunningMonitor monitor) => (
        await monitor.ValueAsync("driftmonitor_feedback_events", "label_time", "_all"),
        await monitor.ValueAsync("driftmonitor_feedback_cross_entropy_nats", "label_time", "_all"),
        await monitor.ValueAsync("driftmonitor_feedback_accuracy_ratio", "label_time", "_all"),
        await monitor.ValueAsync("driftmonitor_feedback_coverage_ratio", "prediction_time", "_all"));

    private Task<RunningMonitor> StartAsync(string predictions, params (string Key, string Value)[] settings) =>
        StartAsync(predictions, services: null, settings);

    private Task<RunningMonitor> StartAsync(
        string predictions, Action<IServiceCollection>? services,
        params (string Key, string Value)[] settings) => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:GroupId"] = "group",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = "1h/1m",
            ["Windows:AllowedLateness"] = "10s",
            ["Feedback:Topic"] = "labels",
            ["Feedback:Horizon"] = "10m",
            ["Kafka:Client:group.protocol"] = "consumer", // the embedded broker has the classic one wait for who left, a whole session
            ["Feedback:Directory"] = _directory.FullName,
        }.Concat(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .GroupBy(setting => setting.Key)
            .ToDictionary(setting => setting.Key, setting => setting.Last().Value),
        _log,
        services);

    private JoinState LastSaid()
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "test", EnablePartitionEof = true }).Build();
        consumer.Assign(new TopicPartitionOffset("panes.feedback", 0, Offset.Beginning));
        JoinState? last = null;
        while (consumer.Consume(TestContext.Current.CancellationToken) is { IsPartitionEOF: false } read)
        {
            last = PlaneRecord.Parser.ParseFrom(read.Message.Value).Join ?? last;
        }

        return last!;
    }

    private void Produce(string topic, string label, int from = 0)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build();
        for (var id = from; id < from + Records; id++)
        {
            var rest = topic == "labels" ? $"\"label\":\"{label}\"" : "\"probs\":{\"a\":0.75,\"b\":0.25}";
            producer.Produce(topic, new Message<Null, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"model\":\"m\",\"id\":\"{id}\",{rest}}}")),
                Timestamp = new Timestamp(_time.GetUtcNow().ToUnixTimeMilliseconds() + id, TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
