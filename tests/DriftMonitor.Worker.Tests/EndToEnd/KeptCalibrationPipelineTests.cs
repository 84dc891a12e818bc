using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>What one process works out, the others and the next start need not: counted by the whole service's metrics.</summary>
public sealed class KeptCalibrationPipelineTests : IDisposable
{
    private const string Topic = "panes.calibrations";
    private const string Threshold = "driftmonitor_kl_divergence_threshold_nats";
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-kept-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly LogLines _log = new();
    private readonly IProducer<byte[], byte[]> _producer;

    public KeptCalibrationPipelineTests()
    {
        _broker.CreateTopic("predictions", 1);
        _broker.CreateTopic("panes", 1);
        _broker.CreateTopic("panes.rollups", 1);
        _broker.CreateTopic("panes.status", 1);
        _broker.CreateTopic("panes.references", 1);
        _producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        Refer("m");
        Refer("twin");
    }

    [Fact]
    public async Task A_replica_that_takes_over_and_a_restarted_one_work_nothing_out()
    {
        _broker.CreateTopic(Topic, 1);
        await using (var first = await StartAsync())
        {
            await HasThresholdsAsync(first);
            // Two powers of two of one window: the twin has an equal reference, by another name.
            Assert.Equal((2, 2), (await CountAsync(first, "worked_out"), await CountAsync(first, "kept")));
            await using var second = await StartAsync();
            await HasReadAsync(second);
            await first.StopAsync();
            await HasThresholdsAsync(second);

            Assert.Equal((0, 4), (await CountAsync(second, "worked_out"), await CountAsync(second, "kept")));
        }

        await using var restarted = await StartAsync();
        await HasReadAsync(restarted); // the clock that a start waits by goes faster than it reads
        await HasThresholdsAsync(restarted);

        Assert.Equal((0, 4), (await CountAsync(restarted, "worked_out"), await CountAsync(restarted, "kept")));
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_told_of_once_and_worked_out()
    {
        _broker.CreateTopic(Topic, 1);
        byte[] newer = [0x08, 0x02, 0x12, 0x01, (byte)'k', 0x1A, 0x01, 0x01];
        byte[] cutOff = [0x08, 0x01, 0x12, 0x01, (byte)'k', 0x1A, 0x01, 0x01];
        foreach (var value in (byte[]?[])[newer, cutOff, Encoding.UTF8.GetBytes("what is this"), null])
        {
            await _producer.ProduceAsync(
                Topic, new Message<byte[], byte[]> { Key = [1], Value = value! }, TestContext.Current.CancellationToken);
        }

        await using var monitor = await StartAsync();
        await HasThresholdsAsync(monitor);

        Assert.Equal(2, await CountAsync(monitor, "worked_out"));
        Assert.Equal(4, await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{Topic}\"", "reason=\"malformed\""));
        Assert.StartsWith("Warning: panes.calibrations [[0]] @0 cannot be read", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_topic_all_is_worked_out()
    {
        await using var monitor = await StartAsync();
        await HasThresholdsAsync(monitor);

        Assert.Equal(2, await CountAsync(monitor, "worked_out"));
        Assert.Empty(_log.All);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
        _references.Delete(recursive: true);
    }

    private static async Task<string[]> ThresholdsAsync(RunningMonitor monitor) =>
    [
        .. (await monitor.ScrapeAsync()).Split('\n')
            .Where(line => line.StartsWith(Threshold, StringComparison.Ordinal) && line.Contains("\"budget\"", StringComparison.Ordinal)),
    ];

    private static Task<double> CountAsync(RunningMonitor monitor, string source) =>
        monitor.ValueAsync("driftmonitor_calibrations_total", $"source=\"{source}\"");

    private static Task HasReadAsync(RunningMonitor monitor) => monitor.UntilAsync(
        "the topic is read", async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{Topic}\"") >= 2);

    /// <summary>Ten events a second of each model, which fill the window of ten seconds; until both have thresholds of it.</summary>
    private Task HasThresholdsAsync(RunningMonitor monitor) => monitor.UntilAsync(
        "both models have thresholds",
        async () =>
        {
            var pending = await monitor.ValueAsync("driftmonitor_calibrations_pending");
            return pending == 0 && (await ThresholdsAsync(monitor)).Length == 4;
        },
        () =>
        {
            foreach (var model in (string[])["m", "twin"])
            {
                _producer.Produce("predictions", new Message<byte[], byte[]>
                {
                    Value = Encoding.UTF8.GetBytes(Line(model, _time.GetUtcNow())),
                    Timestamp = new Timestamp(_time.GetUtcNow()),
                });
            }

            _producer.Flush(TimeSpan.FromSeconds(30));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        });

    private void Refer(string model)
    {
        var file = Path.Combine(_references.FullName, "reference.jsonl");
        File.WriteAllLines(file, Enumerable.Range(0, 1_000).Select(i => Line(model, Start.AddMilliseconds((i * 1_100) - 2_000_000))));
        ReferenceFile.Write(
            ReferenceFromPredictions.Build(file, null, null, 1, Start).Snapshots.Single(),
            Path.Combine(_references.FullName, $"{model}.json"));
        File.Delete(file);
    }

    /// <summary>Outputs that are sure, so that there is a divergence to calibrate and no entropy.</summary>
    private static string Line(string model, DateTimeOffset at) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"model":"{{model}}","ts":{{at.ToUnixTimeMilliseconds()}},"probs":{{(at.ToUnixTimeMilliseconds() / 100 % 4 == 0 ? "[1,0]" : "[0,1]")}}}
        """);

    private Task<RunningMonitor> StartAsync() => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:Client:group.protocol"] = "consumer", // a rebalance takes 0.1 s
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = "10s/1s",
            ["Divergence:MinimumEvents"] = "70", // so that all windows that have thresholds lie between 64 and 128
            ["References:Directory"] = _references.FullName,
            ["Alarms:Budget:Critical"] = "1 per 30d",
            ["Logging:LogLevel:DriftMonitor.Worker.Alarms.CalibrationWorker"] = "Error", // the reference is short
        },
        _log);
}
