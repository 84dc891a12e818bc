using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Commands.Alarms;

/// <summary><c>alarm test</c> against an embedded broker and the whole service. The command has the system's clock.</summary>
public sealed class AlarmTestCommandTests : IDisposable
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(WallClock.NowMs));
    private readonly IProducer<Null, byte[]> _producer;

    public AlarmTestCommandTests()
    {
        Array.ForEach(["predictions", "panes", "panes.rollups", "panes.status"], topic => _broker.CreateTopic(topic, 1));
        _producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
    }

    /// <summary>Panes from before and after it settle meanwhile, so the successor would read on behind it.</summary>
    [Fact]
    public async Task The_owner_exports_a_test_until_it_is_over_and_its_successor_too()
    {
        await using (var owner = await StartAsync())
        {
            await PlayUntilAsync(owner, "there are windows", async () => await owner.ValueAsync("driftmonitor_window_events") > 0);
            Assert.Equal("", await TestsAsync(owner));

            var (code, output, error) = await RunAsync("fraud", "--for", "10m");
            Assert.Equal((0, ""), (code, error));
            Assert.Contains("fraud: a critical test alarm is on until ", output, StringComparison.Ordinal);
            Assert.Contains($"written: panes [[0]] @", output, StringComparison.Ordinal);
            Assert.Contains("Prometheus fires ModelAlarmTest, severity critical, test=\"true\"", output, StringComparison.Ordinal);
            Assert.Contains("Alertmanager notifies the model's team", output, StringComparison.Ordinal);
            await owner.UntilAsync("it is exported", async () => await TestsAsync(owner) == "model=\"fraud\",severity=\"critical\"");

            var (_, capped, _) = await RunAsync("calm", "--for", "10m");
            Assert.Contains("severity warning, test=\"true\"", capped, StringComparison.Ordinal);
            Assert.Contains("Alertmanager notifies team risk as it would for a warning alarm", capped, StringComparison.Ordinal);
            await owner.UntilAsync("both are exported", async () => await TestsAsync(owner) == Both);

            var settled = _time.GetUtcNow().AddSeconds(2).ToUnixTimeSeconds();
            await PlayUntilAsync(
                owner, "panes settle", async () => await owner.ValueAsync("driftmonitor_settled_timestamp_seconds") > settled);
            Assert.Equal(Both, await TestsAsync(owner));
        }

        await using (var successor = await StartAsync())
        {
            await successor.UntilAsync("they are exported again", async () => await TestsAsync(successor) == Both);
            _time.Advance(TimeSpan.FromMinutes(11));
            Assert.Equal("", await TestsAsync(successor));
        }

        await using var last = await StartAsync();
        await last.UntilAsync("it is restored", async () => await last.ValueAsync("driftmonitor_state_restored") == 1);
        Assert.Equal("", await TestsAsync(last));
    }

    [Theory]
    [InlineData("must be the name of a model", "")]
    [InlineData("must be the name of a model", "a\nb")]
    [InlineData("--for: must be at most 1h", "fraud", "--for", "61m")]
    [InlineData("severe", "fraud", "--severity", "severe")]
    [InlineData("Kafka:PanesTopic = 'others': there is no such topic on ", "fraud", "--Kafka:PanesTopic=others")]
    [InlineData("stray: is neither an option of this command nor a setting; a setting has the form --Section:Name=value", "fraud", "stray")]
    public async Task What_is_wrong_is_told_in_a_line_and_nothing_is_written(string said, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((1, ""), (code, output.Trim()));
        Assert.Contains(said, error, StringComparison.Ordinal);
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "count" }).Build();
        Assert.Equal(0, consumer.QueryWatermarkOffsets(new TopicPartition("panes", 0), TimeSpan.FromSeconds(30)).High.Value);
    }

    [Fact]
    public async Task Brokers_out_of_reach_are_told_in_a_line()
    {
        var (code, output, error) = await DriftMonitorConsole.RunAsync("alarm", "test", "fraud", "--Kafka:BootstrapServers=127.0.0.1:1");
        Assert.Equal((1, ""), (code, output.Trim()));
        Assert.StartsWith(
            "driftmonitor: Kafka:BootstrapServers = '127.0.0.1:1': nothing was heard within ", Assert.Single(error.Trim().Split('\n')),
            StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
    }

    private const string Both = "model=\"calm\",severity=\"warning\" model=\"fraud\",severity=\"critical\"";

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => DriftMonitorConsole.RunAsync(
        ["alarm", "test", "--Kafka:PanesTopic=panes", .. Owner.Select(setting => $"--{setting.Key}={setting.Value}"),
            $"--Kafka:BootstrapServers={_broker.BootstrapServers}", .. arguments]);

    private static readonly Dictionary<string, string?> Owner =
        new() { ["Models:0:Name"] = "calm", ["Models:0:Team"] = "risk", ["Models:0:MaxSeverity"] = "warning" };

    private Task<RunningMonitor> StartAsync() => RunningMonitor.StartAsync(_time, new Dictionary<string, string?>(Owner)
    {
        ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
        ["Kafka:PredictionTopics"] = "predictions",
        ["Kafka:PanesTopic"] = "panes",
        ["Kafka:Client:session.timeout.ms"] = "3000", // as long, the embedded broker lets nobody in after the last one has left
        ["Kafka:Client:heartbeat.interval.ms"] = "500",
        ["Windows:Spans"] = "10s/1s",
        ["Windows:AllowedLateness"] = "1s",
        ["Windows:DisorderSlack"] = "1s",
    });

    /// <summary>The label sets of the tests that are exported.</summary>
    private static async Task<string> TestsAsync(RunningMonitor monitor) => string.Join(' ', (await monitor.ScrapeAsync()).Split('\n')
        .Where(line => line.StartsWith("driftmonitor_alarm_test{", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf('{', StringComparison.Ordinal) + 1)..line.LastIndexOf('}')]).Order());

    /// <summary>A tenth of a second passes between two looks, with a prediction in it.</summary>
    private Task PlayUntilAsync(RunningMonitor monitor, string what, Func<Task<bool>> isSo) => monitor.UntilAsync(what, isSo, () =>
    {
        _producer.Produce("predictions", new Message<Null, byte[]>
        {
            Value = Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"model":"m","ts":{{_time.GetUtcNow().ToUnixTimeMilliseconds()}},"probs":[0.25,0.75]}""")),
            Timestamp = new Timestamp(_time.GetUtcNow()),
        });
        _producer.Flush(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromMilliseconds(100));
    });
}
