using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Errors that end the process, and errors that do not. Needs the embedded broker, which can be told to fail.</summary>
public sealed class KafkaTroubleTests : IDisposable
{
    private const short OffsetFetch = 9;
    private const short JoinGroup = 11;
    private const short InitProducerId = 22;
    private const long NowMs = 1_767_225_700_000;

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();

    public KafkaTroubleTests()
    {
        _broker.CreateTopic("predictions", 1);
        _broker.CreateTopic("panes", 1);
        _broker.CreateTopic("panes.rollups", 1);
        _broker.CreateTopic("panes.status", 1);
        _broker.CreateTopic("panes.calibrations", 1);
        _broker.CreateTopic("panes.references", 1);
    }

    [Theory]
    [InlineData(JoinGroup, ErrorCode.FencedInstanceId, "group.instance.id=taken", "Static consumer fenced")]
    [InlineData(JoinGroup, ErrorCode.InvalidSessionTimeout, "client.id=consumer", "Kafka:Client:session.timeout.ms must lie between")]
    [InlineData(OffsetFetch, ErrorCode.InvalidGroupId, "client.id=consumer", "Kafka:GroupId must be a name that the brokers allow")]
    [InlineData(InitProducerId, ErrorCode.ClusterAuthorizationFailed, "client.id=producer", "Cluster authorization failed")]
    public async Task An_error_that_cannot_get_better_ends_the_process_with_exit_code_2_and_says_what_to_do(
        short request, ErrorCode error, string property, string told)
    {
        _broker.PushRequestErrors(request, error);
        using var monitor = MonitorProcess.Start(
            $"Kafka:BootstrapServers={_broker.BootstrapServers}", "Kafka:PanesTopic=panes", $"Kafka:Client:{property}",
            "Windows:Spans=5m/1s", "Windows:PublishInterval=1s");
        Produce(1);

        Assert.Equal(ConsumerService.FaultExitCode, await monitor.EndAsync());
        Assert.Contains("the process ends with exit code 2", monitor.Output, StringComparison.Ordinal);
        Assert.Contains(told, monitor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_that_may_not_be_joined_counts_is_told_once_and_tried_again()
    {
        _broker.PushRequestErrors(JoinGroup, [.. Enumerable.Repeat(ErrorCode.GroupAuthorizationFailed, 6)]); // by both consumers
        var log = new LogLines();
        await using var monitor = await StartAsync(log);
        Produce(10);

        await monitor.UntilAsync("all read", () => HasReadAsync(monitor, 10));

        Assert.InRange(
            await monitor.ValueAsync("driftmonitor_kafka_errors_total", "client=\"predictions\"", "kind=\"denied\"")
            + await monitor.ValueAsync("driftmonitor_kafka_errors_total", "client=\"panes\"", "kind=\"denied\""), 2, 6);
        Assert.InRange(log.All.Count(line => line.Contains("GroupAuthorizationFailed", StringComparison.Ordinal)), 1, 2); // one a consumer
    }

    [Fact]
    public async Task Brokers_that_are_down_count_and_are_told_once_a_client_and_reading_goes_on_when_they_are_up()
    {
        var log = new LogLines();
        await using var monitor = await StartAsync(log);
        Produce(10);
        await monitor.UntilAsync("read", () => HasReadAsync(monitor, 10));
        await monitor.UntilAsync(
            "read back", async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"panes\"") > 0);

        _broker.SetBrokerDown(1);
        await monitor.UntilAsync("errors of stage 1", () => IsUnreachableAsync(monitor, "predictions"));
        await monitor.UntilAsync("errors of stage 2", () => IsUnreachableAsync(monitor, "panes"));
        _broker.SetBrokerUp(1);
        Produce(10);
        await monitor.UntilAsync("read again", () => HasReadAsync(monitor, 20));

        Assert.Single(log.All, line => line.StartsWith("Warning: Kafka, Predictions: ", StringComparison.Ordinal));
        Assert.Single(log.All, line => line.StartsWith("Warning: Kafka, Panes: ", StringComparison.Ordinal));
        // it may have had nothing to say to them
        Assert.InRange(log.All.Count(line => line.StartsWith("Warning: Kafka, Producer: ", StringComparison.Ordinal)), 0, 1);
    }

    public void Dispose() => _broker.Dispose();

    private static async Task<bool> HasReadAsync(RunningMonitor monitor, int records) =>
        await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == records;

    /// <summary>One is enough to wait for: librdkafka keeps repeats of the same error to itself for half a minute.</summary>
    private static async Task<bool> IsUnreachableAsync(RunningMonitor monitor, string client) =>
        await monitor.ValueAsync("driftmonitor_kafka_errors_total", $"client=\"{client}\"", "kind=\"unreachable\"") >= 1;

    private Task<RunningMonitor> StartAsync(LogLines log) => RunningMonitor.StartAsync(
        new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(NowMs)),
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PanesTopic"] = "panes",
            ["Kafka:Client:reconnect.backoff.max.ms"] = "100",
            ["Windows:Spans"] = "5m/1m",
        },
        log);

    private void Produce(int records)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build();
        for (var i = 0; i < records; i++)
        {
            producer.Produce("predictions", new Message<Null, string>
            {
                Value = """{"model":"m","probs":[0.25,0.75]}""",
                Timestamp = new Timestamp(NowMs, TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
