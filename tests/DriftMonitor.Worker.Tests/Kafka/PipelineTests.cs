using System.Globalization;
using System.Net;
using System.Reactive.Concurrency;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.References;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>
/// The whole service in this process, on a real broker: predictions in two partitions, panes in three, references from a directory,
/// and what <c>/metrics</c> says against scipy's values (expected.json). Only the clock is ours.
/// </summary>
public abstract class PipelineTests(TestBroker broker) : IAsyncDisposable
{
    private const double Tolerance = 1e-9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly JsonElement _expected = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Digits("expected.json"))).RootElement;
    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly string _group = $"group-{Guid.NewGuid():N}";
    private readonly HttpClient _http = new();
    private WebApplication? _app;

    private long T0 => _expected.GetProperty("t0_epoch_ms").GetInt64();

    [Fact]
    public async Task Metrics_agree_with_scipy_window_after_window()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        var predictions = await broker.CreateTopicAsync("predictions", 2);
        var panes = await broker.CreateTopicAsync("panes", 3);
        var time = new FakeTimeProvider(At(0));
        await StartAsync(predictions, panes, time);
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        var lines = File.ReadAllLines(RepositoryFiles.Digits("predictions.jsonl"));

        using var published = new PublishedPanes(broker.BootstrapServers, panes, partitions: 3, TimeSpan.FromMinutes(1));
        var events = 0;

        // 0      300     600     900    1200 s
        // ├──5m───┤              ├──5m───┤├─5m──┤
        foreach (var (from, to) in new[] { (0, 300), (600, 900), (900, 1200) })
        {
            time.SetUtcNow(At(to - 30));
            Produce(producer, predictions, lines[(from * 10)..(to * 10)]);
            await ReachesStageTwoAsync(time, published, panes, events += (to - from) * 10);
            time.SetUtcNow(At(to + 1));
            await AgreesAsync("5m", from, to);
            await AgreesAsync("1m", to - 60, to);
        }

        Assert.Equal(9_000, await ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{predictions}\""));
        Assert.Equal(0, await ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{predictions}\"", "reason=\"late\""));
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri("/health/live", UriKind.Relative), Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancelled)).StatusCode);

        await StopAsync();
        Assert.All(Committed(predictions), offset => Assert.True(offset.Offset.Value > 0, $"{offset}: the stop commits what was published"));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _references.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeMilliseconds(T0 + (seconds * 1_000));

    private async Task StartAsync(string predictions, string panes, FakeTimeProvider time)
    {
        var reference = ReferenceFromPredictions.Build(RepositoryFiles.Digits("reference.jsonl"), null, null, 1, At(0)).Snapshots.Single();
        ReferenceFile.Write(reference, Path.Combine(_references.FullName, "digits.json"));
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = _group,
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = panes,
            ["Windows:Spans"] = "5m/5m, 1m/1m",
            ["Windows:PublishInterval"] = "10ms",
            ["Windows:EvaluationDelay"] = "1ms",
            ["Divergence:PseudoEvents"] = "0",
            ["References:Directory"] = _references.FullName,
        });
        _app = await MonitorApp.BuildAsync(builder, time, new HistoricalScheduler());
        await _app.StartAsync(Cancelled);
        _http.BaseAddress = new Uri(_app.Urls.Single());
    }

    private async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }

    private List<TopicPartitionOffset> Committed(string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = _group }).Build();
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
                Value = System.Text.Encoding.UTF8.GetBytes(line),
                Timestamp = new Timestamp(json.RootElement.GetProperty("ts").GetInt64(), TimestampType.CreateTime),
            });
        }

        producer.Flush(Patience);
    }

    /// <summary>Waits until every event is in a published pane, and the worker has read every pane.</summary>
    private async Task ReachesStageTwoAsync(FakeTimeProvider time, PublishedPanes published, string panes, long events)
    {
        for (var patience = Waiting(); published.Events < events; published.Read())
        {
            Assert.False(patience.IsCancellationRequested, $"{published.Events} of {events} events were published:\n{await ScrapeAsync()}");
            time.Advance(TimeSpan.FromMilliseconds(10)); // the next publication; 30 s are left before a window ends
        }

        for (var patience = Waiting(); await ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{panes}\"") < published.Records;)
        {
            Assert.False(patience.IsCancellationRequested, $"{published.Records} panes were never read:\n{await ScrapeAsync()}");
        }
    }

    /// <summary>Waits until a window is evaluated, and compares it with what scipy says of the same events.</summary>
    private async Task AgreesAsync(string window, long from, long to)
    {
        var expected = _expected.GetProperty("windows").EnumerateArray()
            .Single(w => w.GetProperty("from_ms").GetInt64() == from * 1_000 && w.GetProperty("to_ms").GetInt64() == to * 1_000);
        string[] labels = ["model=\"digits-lr\"", "segment=\"_all\"", $"window=\"{window}\""];
        var kl = expected.GetProperty("kl_live_reference").GetDouble();
        for (var patience = Waiting(); !(Math.Abs(await ValueAsync("driftmonitor_kl_divergence_nats", [.. labels, "direction=\"live_vs_reference\""]) - kl) < Tolerance);)
        {
            Assert.False(patience.IsCancellationRequested, $"{window} [{from}, {to}) never became {kl}:\n{await ScrapeAsync()}");
        }

        await IsAsync("driftmonitor_window_events", expected.GetProperty("count"), labels);
        await IsAsync("driftmonitor_kl_divergence_nats", expected.GetProperty("kl_reference_live"), [.. labels, "direction=\"reference_vs_live\""]);
        await IsAsync("driftmonitor_js_divergence_nats", expected.GetProperty("js"), labels);
        await IsAsync("driftmonitor_psi", expected.GetProperty("psi"), labels);
        await IsAsync("driftmonitor_entropy_nats", expected.GetProperty("entropy_live"), labels);
        await IsAsync("driftmonitor_kl_divergence_noise_floor_nats", expected.GetProperty("noise_floor"), labels);
        Assert.Equal(1, await ValueAsync("driftmonitor_window_ready", labels));
    }

    private static CancellationToken Waiting() => new CancellationTokenSource(Patience).Token;

    private async Task IsAsync(string metric, JsonElement expected, params string[] labels) =>
        Assert.Equal(expected.GetDouble(), await ValueAsync(metric, labels), Tolerance);

    /// <summary>The value of the one sample of a metric that has these labels, NaN for none.</summary>
    private async Task<double> ValueAsync(string metric, params string[] labels)
    {
        var samples = (await ScrapeAsync()).Split('\n')
            .Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .ToArray();
        return samples switch
        {
            [] => double.NaN,
            [var sample] => double.Parse(sample[(sample.LastIndexOf('}') + 2)..].Split(' ')[0], CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"{metric}: several samples:\n{string.Join('\n', samples)}"),
        };
    }

    private Task<string> ScrapeAsync() => _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancelled);
}

public sealed class PipelineOnDefaultBrokerTests(DefaultBroker broker) : PipelineTests(broker), IClassFixture<DefaultBroker>;

public sealed class PipelineOnDockerTests(DockerBroker broker) : PipelineTests(broker), IClassFixture<DockerBroker>;
