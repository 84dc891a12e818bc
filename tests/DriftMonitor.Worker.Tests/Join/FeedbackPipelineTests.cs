using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Join;

/// <summary>Predictions and labels through the whole service, against numpy's values (expected.json).</summary>
public sealed class FeedbackPipelineTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly JsonElement _expected = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Digits("expected.json"))).RootElement;
    private readonly DirectoryInfo _store = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly string _group = $"group-{Guid.NewGuid():N}";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Metrics_agree_with_numpy_also_after_a_restart_on_the_same_disk_and_on_an_empty_one(bool onDisk)
    {
        var (predictions, feedback, panes) = (
            await broker.CreateTopicAsync("predictions", 2), await broker.CreateTopicAsync("feedback", 2),
            await broker.CreatePanesTopicAsync(3));
        var time = new FakeTimeProvider(At(301));
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        var lines = File.ReadLines(RepositoryFiles.Digits("predictions.jsonl")).Take(3_000).ToList();
        var labels = File.ReadLines(RepositoryFiles.Digits("feedback.jsonl")).ToList();
        var tolerance = onDisk ? 6e-8 : 1e-9; // what single precision costs at most
        var before = labels.FindIndex(line => Time(line) > At(150).ToUnixTimeMilliseconds());

        await using (var monitor = await StartAsync(predictions, feedback, panes, time, onDisk))
        {
            Produce(producer, feedback, labels.Take(before)); // half of the labels, and before any prediction
            Produce(producer, predictions, lines);
            await monitor.UntilAsync(
                "half is matched", async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") >= before,
                () => time.Advance(TimeSpan.FromMilliseconds(10)));
            await monitor.StopAsync();
        }

        Produce(producer, feedback, labels.Skip(before).Where(line => Time(line) < At(1_200).ToUnixTimeMilliseconds()));
        for (var start = 0; start < 2; start++)
        {
            await using var monitor = await StartAsync(predictions, feedback, panes, time, onDisk);
            await AgreesAsync(monitor, time, tolerance);
            Assert.Equal(System.Net.HttpStatusCode.OK, (await monitor.GetAsync("/health/live")).StatusCode);
            await monitor.UntilAsync("ready", async () => (await monitor.GetAsync("/health/ready")).IsSuccessStatusCode);
            await monitor.StopAsync();
            _store.Delete(recursive: true);
            _store.Create();
        }
    }

    [Fact]
    public async Task Topics_that_cannot_be_joined_stop_the_start_and_say_why()
    {
        var (predictions, feedback, panes) = (
            await broker.CreateTopicAsync("predictions", 2), await broker.CreateTopicAsync("feedback", 3),
            await broker.CreatePanesTopicAsync(3));
        var problem = await Assert.ThrowsAsync<InvalidConfigurationException>(
            () => StartAsync(predictions, feedback, panes, new FakeTimeProvider(At(0)), onDisk: false));
        Assert.Contains(
            $"Feedback:Topic = '{feedback}': that topic has 3 partitions and {predictions} 2: to be joined", problem.Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _store.Delete(recursive: true);

    private async Task AgreesAsync(RunningMonitor monitor, FakeTimeProvider time, double tolerance)
    {
        var window = _expected.GetProperty("windows")
            .EnumerateArray()
            .Single(w => w.GetProperty("from_ms").GetInt64() == 0 && w.GetProperty("to_ms").GetInt64() == 300_000);
        string[] labels = ["model=\"digits-lr\"", "segment=\"_all\"", "window=\"5m\"", "attribution=\"prediction_time\""];
        await monitor.UntilAsync(
            "all labels are in",
            async () => await monitor.ValueAsync("driftmonitor_feedback_events", labels) == window.GetProperty("feedback_count").GetInt64(),
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        Assert.Equal(
            window.GetProperty("feedback_cross_entropy").GetDouble(),
            await monitor.ValueAsync("driftmonitor_feedback_cross_entropy_nats", labels), tolerance);
        Assert.Equal(
            window.GetProperty("feedback_accuracy").GetDouble(), await monitor.ValueAsync("driftmonitor_feedback_accuracy_ratio", labels),
            1e-12);
        Assert.Equal(
            window.GetProperty("feedback_count").GetDouble() / 3_000,
            await monitor.ValueAsync("driftmonitor_feedback_coverage_ratio", labels), 1e-12);
        labels[^1] = "attribution=\"label_time\"";
        Assert.Equal(
            _expected.GetProperty("windows").EnumerateArray().Take(5).Sum(w => w.GetProperty("feedback_by_label_time_count").GetInt64()),
            await monitor.ValueAsync("driftmonitor_feedback_events", labels));
    }

    private DateTimeOffset At(long seconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(_expected.GetProperty("t0_epoch_ms").GetInt64() + (seconds * 1_000));

    private static long Time(string line) => JsonDocument.Parse(line).RootElement.GetProperty("ts").GetInt64();

    private Task<RunningMonitor> StartAsync(string predictions, string feedback, string panes, FakeTimeProvider time, bool onDisk) =>
        RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = _group,
            ["Kafka:Client:group.protocol"] = "consumer",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = panes,
            ["Windows:Spans"] = "5m/5m, 1m/1m",
            ["Windows:AllowedSkew"] = "20m", // the labels are stamped later than the monitor's clock
            ["Feedback:Topic"] = feedback,
            ["Feedback:Directory"] = onDisk ? _store.FullName : "",
        });

    private static void Produce(IProducer<string, byte[]> producer, string topic, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            producer.Produce(topic, new Message<string, byte[]>
            {
                Key = JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()!,
                Value = Encoding.UTF8.GetBytes(line),
                Timestamp = new Timestamp(Time(line), TimestampType.CreateTime),
            });
        }

        producer.Flush(Patience);
    }
}
