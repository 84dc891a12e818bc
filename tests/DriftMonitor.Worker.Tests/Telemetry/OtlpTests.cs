using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Tests.Telemetry.Proto;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Telemetry;

/// <summary>What the real service sends of itself, and what it does not.</summary>
public sealed class OtlpTests : IDisposable
{
    private const string Secret = "hunter2";
    private const string Headers = $"authorization={Secret}";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();

    public OtlpTests()
    {
        _broker.CreateTopic("predictions", 1);
        _broker.CreateTopic("panes", 1);
        _broker.CreateTopic("panes.rollups", 1);
        _broker.CreateTopic("panes.status", 1);
        _broker.CreateTopic("panes.calibrations", 1);
        _broker.CreateTopic("panes.references", 1);
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task Service_sends_what_is_about_itself_and_nothing_by_model(string protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc: protocol == "grpc");
        var time = new FakeTimeProvider(Start);
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PanesTopic"] = "panes",
            ["Logging:LogLevel:Default"] = "Information",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_EXPORTER_OTLP_HEADERS"] = Headers,
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test",
        });
        Produce("""{"model":"churn","id":"p1","ts":1767225600000,"probs":[0.25,0.75]}""");
        await monitor.UntilAsync(
            "a model in /metrics and in what was counted",
            async () => (await monitor.ScrapeAsync()).Contains("model=\"churn\"", StringComparison.Ordinal)
                && receiver.Metrics.Any(metric => metric.Name == "driftmonitor_records_consumed_total"
                    && metric.Sum.Points.Any(point => point.AsInt == 1)));
        await monitor.StopAsync(); // sends the rest

        string[] expected =
        [
            "driftmonitor_build_info", "driftmonitor_evaluation_duration_seconds", "driftmonitor_kafka_errors_total",
            "driftmonitor_models", "process.cpu.time", "process.memory.usage", "dotnet.gc.collections", "dotnet.thread_pool.thread.count",
        ];
        Assert.Empty(expected.Except(receiver.Metrics.Select(metric => metric.Name)));
        Assert.DoesNotContain(receiver.Metrics.SelectMany(Attributes), attribute => attribute.Key == "model");
        Assert.DoesNotContain(receiver.Metrics, metric => metric.Name == "driftmonitor_records_rejected_total"); // has that label
        Assert.All(receiver.Resources, resource => Assert.Equal(
            ("driftmonitor", "test"),
            (Of(resource.Attributes, "service.name"), Of(resource.Attributes, "deployment.environment.name"))));
        var assigned = receiver.Logs.First(record => record.EventName == "PartitionsAssigned");
        Assert.Equal("1108", Of(assigned.Attributes, "logrecord.event.id"));
        Assert.StartsWith("assigned ", assigned.Body.StringValue, StringComparison.Ordinal);
        Assert.Equal(assigned.Body.StringValue, $"assigned {Of(assigned.Attributes, "Partitions")}");
        Assert.Contains(receiver.Logs, record => record.EventName == "PartitionsReleased"); // nearly the last
        Assert.All(receiver.Tokens, token => Assert.Equal(Secret, token));
        Assert.DoesNotContain(Secret, receiver.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_sent()
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc: false);
        await using var monitor = await RunningMonitor.StartAsync(new FakeTimeProvider(Start), new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PanesTopic"] = "panes",
            ["Logging:LogLevel:Default"] = "Information",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRICS_EXPORTER"] = "none",
            ["OTEL_SERVICE_NAME"] = "fraud-monitor",
        });
        await monitor.UntilAsync("something is logged", () => Task.FromResult(receiver.Logs.Any()));
        await monitor.StopAsync();

        Assert.Empty(receiver.Metrics);
        Assert.All(receiver.Resources, resource => Assert.Equal("fraud-monitor", Of(resource.Attributes, "service.name")));
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task An_endpoint_that_comes_back_is_told_too(string protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc: protocol == "grpc");
        receiver.IsDown = true;
        var log = new LogLines();
        await using var monitor = await RunningMonitor.StartAsync(
            new FakeTimeProvider(Start),
            new Dictionary<string, string?>
            {
                ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
                ["Kafka:PanesTopic"] = "panes",
                ["Logging:LogLevel:Default"] = "Information",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
                ["OTEL_LOGS_EXPORTER"] = "none",
            },
            log);

        await monitor.UntilAsync("down", () => Task.FromResult(Told($"Warning: telemetry cannot be sent to {receiver.Address}/") == 1));
        receiver.IsDown = false;
        await monitor.UntilAsync("up", () => Task.FromResult(Told($"Information: telemetry is sent to {receiver.Address}/") == 1));
        Assert.Equal(1, Told("Warning: telemetry"));

        int Told(string start) => log.All.Count(
            line => line.StartsWith(start, StringComparison.Ordinal) && line.Contains(receiver.Address, StringComparison.Ordinal));
    }

    /// <summary>One that refuses, and one that takes connections and never answers.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_endpoint_that_is_down_disturbs_nobody_and_is_told_once(bool refuses)
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var address = $"http://{silent.LocalEndpoint}";
        if (refuses)
        {
            silent.Stop();
        }

        using var monitor = MonitorProcess.Start(
            new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = Headers,
                ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "200",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            },
            $"Kafka:BootstrapServers={_broker.BootstrapServers}", "Kafka:PanesTopic=panes", "Logging:LogLevel:Default=Trace");
        await monitor.UntilMetricsHoldAsync("driftmonitor_assigned_partitions{topic=\"predictions\"} 1");
        await monitor.UntilAsync("it is told", () => Task.FromResult(Told() == 2));
        await monitor.UntilMetricsHoldAsync("process_cpu_seconds_total");
        await monitor.TerminateAsync();

        Assert.Equal(0, await monitor.EndAsync());
        Assert.Equal(2, Told()); // metrics and logs
        Assert.DoesNotContain(Secret, monitor.Output, StringComparison.Ordinal);

        int Told() => monitor.Output.Split($"telemetry cannot be sent to {address}/v1/").Length - 1;
    }

    [Fact]
    public async Task A_disabled_SDK_sends_nothing_and_Prometheus_reads_on()
    {
        using var monitor = MonitorProcess.Start(
            new Dictionary<string, string>
            {
                ["OTEL_SDK_DISABLED"] = "true",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "no such", // nobody reads it
            },
            $"Kafka:BootstrapServers={_broker.BootstrapServers}", "Kafka:PanesTopic=panes");
        await monitor.UntilMetricsHoldAsync("driftmonitor_assigned_partitions{topic=\"predictions\"} 1");
        await monitor.UntilMetricsHoldAsync("dotnet_gc_collections_total");
        await monitor.TerminateAsync();

        Assert.Equal(0, await monitor.EndAsync());
        Assert.DoesNotContain("telemetry cannot", monitor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_variable_stops_the_start()
    {
        using var monitor = MonitorProcess.Start(
            new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"collector:4317/{Secret}@",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = Secret,
            },
            $"Kafka:BootstrapServers={_broker.BootstrapServers}");

        Assert.Equal(1, await monitor.EndAsync());
        Assert.Contains("driftmonitor: OTEL_EXPORTER_OTLP_ENDPOINT = '", monitor.Output, StringComparison.Ordinal);
        Assert.Contains("(from variable OTEL_EXPORTER_OTLP_ENDPOINT)", monitor.Output, StringComparison.Ordinal);
        Assert.Contains("driftmonitor: OTEL_EXPORTER_OTLP_HEADERS: must be ", monitor.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, monitor.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _broker.Dispose();

    private static string? Of(IEnumerable<KeyValue> attributes, string key) => OtlpReceiver.Attribute(attributes, key);

    private static IEnumerable<KeyValue> Attributes(Metric metric) =>
        (metric.Gauge?.Points ?? []).Concat(metric.Sum?.Points ?? []).SelectMany(point => point.Attributes)
            .Concat((metric.Histogram?.Points ?? []).SelectMany(point => point.Attributes));

    private void Produce(string record)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build();
        producer.Produce("predictions", new Message<Null, string> { Value = record, Timestamp = new Timestamp(Start) });
        producer.Flush(TestContext.Current.CancellationToken);
    }
}
