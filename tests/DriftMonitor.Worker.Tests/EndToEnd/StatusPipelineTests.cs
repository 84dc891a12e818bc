using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>What the whole service writes into the status topic, and what one that starts anew goes on from.</summary>
public sealed class StatusPipelineTests : IDisposable
{
    private const string Good = "0.25,0.75";
    private const string Bad = "0.95,0.05";
    private const string Active = "driftmonitor_alarm_active";
    private const string Began = "driftmonitor_alarm_began_timestamp_seconds";
    private const string Onset = "driftmonitor_alarm_onset_timestamp_seconds";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-status-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly IProducer<Null, byte[]> _producer;

    public StatusPipelineTests()
    {
        string[] topics = ["predictions", "panes", "panes.rollups", "panes.status", "panes.calibrations", "panes.references"];
        Array.ForEach(topics, topic => _broker.CreateTopic(topic, 1));
        _producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        var file = Path.Combine(_references.FullName, "reference.jsonl");
        File.WriteAllLines(file, Enumerable.Range(0, 1_000).Select(i => Line(Start.AddSeconds(i - 2_000), Good)));
        ReferenceFile.Write(
            ReferenceFromPredictions.Build(file, null, null, 1, Start).Snapshots.Single(), Path.Combine(_references.FullName, "m.json"));
        File.Delete(file);
    }

    [Fact]
    public async Task An_alarm_goes_on_in_whoever_starts_anew_and_ends_there()
    {
        double began, onset;
        await using (var first = await StartAsync(new LogLines()))
        {
            await SendUntilAsync(first, Good, "ready", async () => await first.ValueAsync("driftmonitor_window_ready") == 1);
            await SendUntilAsync(first, Bad, "alarm", async () => await first.ValueAsync(Active) == 1);
            (began, onset) = (await first.ValueAsync(Began), await first.ValueAsync(Onset));
        }

        var status = Last();
        var since = (long)status["state_since_ms"]!;
        Assert.Equal(("m", 1), ((string?)status["model"], (int)status["version"]!));
        Assert.Equal((began, onset), Times(Assert.Single(status["alarms"]!.AsArray())!));
        Assert.Contains("m", (string?)status["alarms"]![0]!["summary"], StringComparison.Ordinal);
        Assert.StartsWith("http://127.0.0.1:", (string?)status["owner"]!["url"], StringComparison.Ordinal);

        // What a replica writes that has lost the model, or whose clock is ahead, and what nobody can read.
        var zombie = status.DeepClone();
        (zombie["epoch"], zombie["decided_to_ms"], zombie["alarms"]) = ((long)status["epoch"]! - 1, long.MaxValue / 2, new JsonArray());
        zombie["decided"]!["series"] = new JsonArray();
        Write(zombie.ToJsonString());
        Write("no JSON");
        var (ahead, torn) = (status.DeepClone(), status.DeepClone());
        (ahead["model"], ahead["decided_to_ms"]) = ("of a clock ahead", (long)status["decided_to_ms"]! + 600_000);
        Write(ahead.ToJsonString());
        (torn["model"], torn["decided"]) = ("torn", JsonNode.Parse("""{"version":1}"""));
        Write(torn.ToJsonString());

        var log = new LogLines();
        await using (var second = await StartAsync(log))
        {
            await second.UntilAsync("alarm is on at once", async () => await second.ValueAsync(Active) == 1);
            Assert.Equal((began, onset), (await second.ValueAsync(Began), await second.ValueAsync(Onset)));
            await SendUntilAsync(second, Good, "alarm over", async () => double.IsNaN(await second.ValueAsync(Active)));
            await SendUntilAsync(second, Good, "said", () => Task.FromResult(Last()["ended"]!.AsArray().Count == 1));
        }

        Assert.DoesNotContain(log.All, line => line.Contains("has begun", StringComparison.Ordinal));
        Assert.Single(log.All, line => line.Contains("has ended", StringComparison.Ordinal));
        Assert.Single(log.All, line => line.Contains("3 statuses are", StringComparison.Ordinal));
        status = Last();
        Assert.Empty(status["alarms"]!.AsArray());
        Assert.Equal((began, onset), Times(status["ended"]![0]!));
        Assert.Equal(("guarded", since), ((string?)status["state"], (long)status["state_since_ms"]!));
        Assert.True((long)status["epoch"]! > (long)zombie["epoch"]! + 1);
    }

    /// <summary>Nothing tells of a drift that was over, or a model that was gone, while nobody looked.</summary>
    [Fact]
    public async Task An_alarm_of_a_model_that_is_gone_is_not_on()
    {
        await using (var first = await StartAsync(new LogLines()))
        {
            await SendUntilAsync(first, Good, "ready", async () => await first.ValueAsync("driftmonitor_window_ready") == 1);
            await SendUntilAsync(first, Bad, "alarm", async () => await first.ValueAsync(Active) == 1);
        }

        _time.Advance(TimeSpan.FromHours(2));
        await using var second = await StartAsync(new LogLines());
        await second.UntilAsync("restored", async () => await second.ValueAsync("driftmonitor_state_restored") == 1);
        await second.UntilAsync(
            "forgotten", async () => double.IsNaN(await second.ValueAsync(Active)), () => _time.Advance(TimeSpan.FromMilliseconds(100)));
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
        _references.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private static (double Began, double Onset) Times(JsonNode alarm) =>
        ((long)alarm["began_ms"]! / 1000.0, (long)alarm["onset_ms"]! / 1000.0);

    private Task<RunningMonitor> StartAsync(LogLines log) => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = "4s/1s",
            ["Kafka:Client:session.timeout.ms"] = "6000", // as long, the embedded broker lets nobody in after the last one has left
            ["Kafka:Client:heartbeat.interval.ms"] = "1000",
            ["Divergence:MinimumEvents"] = "20",
            ["References:Directory"] = _references.FullName,
            ["Alarms:KlWarningNats"] = "0",
            ["Alarms:KlCriticalNats"] = "0.1",
            ["Logging:LogLevel:DriftMonitor"] = "Information",
        },
        log);

    /// <summary>A tenth of a second passes between two looks, with a record in it.</summary>
    private Task SendUntilAsync(RunningMonitor monitor, string probabilities, string what, Func<Task<bool>> isSo) =>
        monitor.UntilAsync(what, isSo, () =>
        {
            _producer.Produce("predictions", new Message<Null, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(Line(_time.GetUtcNow(), probabilities)),
                Timestamp = new Timestamp(_time.GetUtcNow()),
            });
            _producer.Flush(TimeSpan.FromSeconds(30));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        });

    private void Write(string status)
    {
        _producer.Produce("panes.status", new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(status) });
        _producer.Flush(TimeSpan.FromSeconds(30));
    }

    /// <summary>The status that holds of the one model.</summary>
    private JsonNode Last()
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "reader", EnablePartitionEof = true }).Build();
        consumer.Assign(new TopicPartitionOffset("panes.status", 0, Offset.Beginning));
        JsonNode? last = null;
        while (consumer.Consume(TimeSpan.FromSeconds(30)) is { IsPartitionEOF: false } record)
        {
            var status = record.Message.Value.StartsWith('{') ? JsonNode.Parse(record.Message.Value)! : null;
            last = (string?)status?["model"] == "m" && (last is null || Order(status).CompareTo(Order(last)) >= 0) ? status : last;
        }

        return last!;
    }

    private static (long, long) Order(JsonNode status) => ((long)status["epoch"]!, (long)status["decided_to_ms"]!);

    private static string Line(DateTimeOffset at, string probabilities) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"model":"m","ts":{{at.ToUnixTimeMilliseconds()}},"probs":[{{probabilities}}]}""");
}
