using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// The whole service on a real broker: predictions in two partitions, panes in three, references from a directory, and what
/// <c>/metrics</c> says against scipy's values (expected.json).
/// </summary>
public abstract class PipelineTests(TestBroker broker) : IDisposable
{
    private const double Tolerance = 1e-9;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly JsonElement _expected = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Digits("expected.json"))).RootElement;
    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly string _group = $"group-{Guid.NewGuid():N}";

    [Fact]
    public async Task Metrics_agree_with_scipy_window_after_window()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        var predictions = await broker.CreateTopicAsync("predictions", 2);
        var panes = await broker.CreatePanesTopicAsync(3);
        var time = new FakeTimeProvider(At(0));
        await using var monitor = await StartAsync(predictions, panes, time);
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        using var published = new PublishedPanes(broker.BootstrapServers, panes, partitions: 3, TimeSpan.FromMinutes(1));
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"), TestContext.Current.CancellationToken);
        var events = 0;

        // 0      300     600     900    1200 s
        // ├──5m───┤              ├──5m───┤├─5m──┤
        foreach (var (from, to) in new[] { (0, 300), (600, 900), (900, 1200) })
        {
            time.SetUtcNow(At(to - 30)); // so that the windows end only when every pane has arrived
            Produce(producer, predictions, lines[(from * 10)..(to * 10)]);
            events += (to - from) * 10;
            await monitor.UntilAsync(
                $"{events} events published", () => HoldsAsync(published, events), () => time.Advance(TimeSpan.FromMilliseconds(10)));
            await monitor.UntilAsync(
                $"{published.Records} panes read",
                async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{panes}\"") >= published.Records);
            time.SetUtcNow(At(to + 1));
            await AgreesAsync(monitor, "5m", from, to);
            await AgreesAsync(monitor, "1m", to - 60, to);
            await monitor.UntilAsync(
                "thresholds are worked out", async () => await monitor.ValueAsync("driftmonitor_calibrations_pending") == 0);
            Assert.Equal(to > 300, await AlarmsAsync(monitor) is not []); // the camera turns from 600 s on
        }

        Assert.Equal(1 / 30.0, await monitor.ValueAsync("driftmonitor_false_alarm_budget_per_day", "severity=\"critical\""), Tolerance);
        var alarm = (await AlarmsAsync(monitor))[0]!;
        var explained = JsonNode.Parse(
            await (await monitor.GetAsync("/api/v1/alarm?on=true")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!
            ["explanation"]!;
        Assert.Equal(
            ("digits-lr", "_all", "output_drift", "critical"),
            ((string?)alarm["model"], (string?)alarm["segment"], (string?)alarm["kind"], (string?)alarm["severity"]));
        Assert.Equal(("1 per 30d", true), ((string?)explained["false_alarm_budget"], (bool?)explained["all_traffic"]));
        var (window, measure) = ((string)explained["now"]!["window"]!, (string)explained["now"]!["measure"]!);
        Assert.Equal(
            (double)explained["now"]!["threshold"]!,
            await monitor.ValueAsync(
                "driftmonitor_kl_divergence_threshold_nats", "basis=\"budget\"", "severity=\"critical\"", $"window=\"{window}\"",
                $"direction=\"{measure[3..]}\""));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_alarm_active", "kind=\"output_drift\"", "severity=\"critical\""));

        Assert.Equal(9_000, await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{predictions}\""));
        Assert.Equal(0, await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{predictions}\"", "reason=\"late\""));
        Assert.Equal(HttpStatusCode.OK, (await monitor.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await monitor.GetAsync("/health/ready")).StatusCode);

        await monitor.StopAsync();
        Assert.All(
            Committed(predictions), offset => Assert.True(offset.Offset.Value > 0, $"{offset}: the stop commits what was published"));
    }

    public void Dispose()
    {
        _references.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private static async Task<JsonArray> AlarmsAsync(RunningMonitor monitor) =>
        JsonNode.Parse(
            await (await monitor.GetAsync("/api/v1/alarms?on=true")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!
            ["items"]!.AsArray();

    private static Task<bool> HoldsAsync(PublishedPanes published, long events)
    {
        published.Read();
        return Task.FromResult(published.Events >= events);
    }

    private DateTimeOffset At(long seconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(_expected.GetProperty("t0_epoch_ms").GetInt64() + (seconds * 1_000));

    private Task<RunningMonitor> StartAsync(string predictions, string panes, FakeTimeProvider time)
    {
        var reference = ReferenceFromPredictions.Build(RepositoryFiles.Digits("reference.jsonl"), null, null, 1, At(0)).Snapshots.Single();
        ReferenceFile.Write(reference, Path.Combine(_references.FullName, "digits.json"));
        return RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = _group,
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = panes,
            ["Windows:Spans"] = "5m/5m, 1m/1m",
            ["Divergence:PseudoEvents"] = "0",
            ["Alarms:KlWarningNats"] = "0",
            ["Alarms:Budget:Critical"] = "1 per 30d",
            ["References:Directory"] = _references.FullName,
        });
    }

    private List<TopicPartitionOffset> Committed(string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = _group }).Build();
        return consumer.Committed([new TopicPartition(topic, 0), new TopicPartition(topic, 1)], Patience);
    }

    /// <summary>Each record carries the event's own time as its timestamp; the id spreads them over the partitions.</summary>
    private static void Produce(IProducer<string, byte[]> producer, string topic, string[] lines)
    {
        foreach (var line in lines)
        {
            using var json = JsonDocument.Parse(line);
            producer.Produce(topic, new Message<string, byte[]>
            {
                Key = json.RootElement.GetProperty("id").GetString()!,
                Value = Encoding.UTF8.GetBytes(line),
                Timestamp = new Timestamp(json.RootElement.GetProperty("ts").GetInt64(), TimestampType.CreateTime),
            });
        }

        producer.Flush(Patience);
    }

    /// <summary>Waits until a window is evaluated, and compares it with what scipy says of the same events.</summary>
    private async Task AgreesAsync(RunningMonitor monitor, string window, long from, long to)
    {
        var expected = _expected.GetProperty("windows").EnumerateArray()
            .Single(w => w.GetProperty("from_ms").GetInt64() == from * 1_000 && w.GetProperty("to_ms").GetInt64() == to * 1_000);
        string[] labels = ["model=\"digits-lr\"", "segment=\"_all\"", $"window=\"{window}\""];
        async Task IsAsync(string metric, string value, params string[] more) =>
            Assert.Equal(expected.GetProperty(value).GetDouble(), await monitor.ValueAsync(metric, [.. labels, .. more]), Tolerance);

        var kl = expected.GetProperty("kl_live_reference").GetDouble();
        await monitor.UntilAsync($"{window} [{from}, {to}) at {kl}", async () => Math.Abs(
            await monitor.ValueAsync("driftmonitor_kl_divergence_nats", [.. labels, "direction=\"live_vs_reference\""]) - kl) < Tolerance);
        await IsAsync("driftmonitor_window_events", "count");
        await IsAsync("driftmonitor_kl_divergence_nats", "kl_reference_live", "direction=\"reference_vs_live\"");
        await IsAsync("driftmonitor_js_divergence_nats", "js");
        await IsAsync("driftmonitor_psi", "psi");
        await IsAsync("driftmonitor_entropy_nats", "entropy_live");
        var floor = expected.GetProperty("noise_floor").GetDouble(); // the first term: with 60 events a class the others are a hundredth
        Assert.Equal(floor, await monitor.ValueAsync("driftmonitor_kl_divergence_noise_floor_nats", labels), 0.01 * floor);
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_window_ready", labels));
    }
}

public sealed class PipelineOnDefaultBrokerTests(DefaultBroker broker) : PipelineTests(broker), IClassFixture<DefaultBroker>;

public sealed class PipelineOnDockerTests(DockerBroker broker) : PipelineTests(broker), IClassFixture<DockerBroker>;
