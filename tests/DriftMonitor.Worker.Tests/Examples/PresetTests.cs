using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Examples;

/// <summary>
/// What other systems send, from a reference to a window through the whole service, each against the values of <c>expected.json</c>, which
/// <c>presets/make.py</c> works out. The files in that folder are the examples of the presets.
/// </summary>
public sealed class PresetTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Fact]
    public async Task Each_example_gives_what_was_worked_out()
    {
        var expected = JsonSerializer.Deserialize<Dictionary<string, Expected>>(
            await File.ReadAllTextAsync(PathOf("expected.json"), TestContext.Current.CancellationToken), JsonSerializerOptions.Web)!;
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Windows:Spans"] = "1h/1m",
            ["Divergence:PseudoEvents"] = "0",
            ["Divergence:MinimumEvents"] = "1",
            ["References:Directory"] = _references.FullName,
        };
        var topics = new Dictionary<string, string>();
        foreach (var (i, preset) in expected.Keys.Order(StringComparer.Ordinal).Index())
        {
            var source = new ConfigurationBuilder().AddJsonFile(PathOf($"{preset}.source.json")).Build();
            var reference = ReferenceFromPredictions.Build(
                new ExampleRecords(PathOf($"{preset}.reference.jsonl")), null, null, 1, Start,
                source: RecordedSource.OwnJson with { Source = ConfigurationReader.ReadSource(source, preset, SourceKind.Predictions) });
            Assert.Empty(reference.Rejected);
            ReferenceFile.Write(reference.Snapshots.Single(), Path.Combine(_references.FullName, $"{preset}.json"));
            topics[preset] = settings[$"Sources:{i}:Topic"] = await broker.CreateTopicAsync(preset, 1);
            foreach (var (key, value) in source.AsEnumerable().Where(setting => setting.Value is not null))
            {
                settings[$"Sources:{i}:{key}"] = value;
            }
        }

        var time = new FakeTimeProvider(Start.AddSeconds(5));
        await using var monitor = await RunningMonitor.StartAsync(time, settings);
        foreach (var (preset, topic) in topics)
        {
            Produce(PathOf($"{preset}.jsonl"), topic);
        }

        var events = expected.Values.Sum(preset => preset.Events);
        var records = topics.Keys.Sum(preset => ExampleRecords.Of(PathOf($"{preset}.jsonl")).Count());
        await monitor.UntilAsync(
            "all read",
            async () =>
                await SumAsync("driftmonitor_records_consumed_total") == records,
            () => time.Advance(TimeSpan.FromMilliseconds(10)));
        Assert.Equal(0, await SumAsync("driftmonitor_records_rejected_total"));
        time.SetUtcNow(Start.AddSeconds(61));
        await monitor.UntilAsync(
            "all windows",
            async () => await SumAsync("driftmonitor_window_events") == events,
            () => time.Advance(TimeSpan.FromSeconds(1)));
        foreach (var (preset, values) in expected)
        {
            string[] series = [$"model=\"{preset}\"", "segment=\"_all\""];
            Assert.Equal(values.Events, await monitor.ValueAsync("driftmonitor_window_events", series));
            Assert.Equal(
                values.Kl,
                await monitor.ValueAsync("driftmonitor_kl_divergence_nats", [.. series, "direction=\"live_vs_reference\""]), 1e-9);
            Assert.Equal(values.Entropy, await monitor.ValueAsync("driftmonitor_entropy_nats", series), 1e-9);
        }

        async Task<double> SumAsync(string metric) => (await monitor.ScrapeAsync()).Split('\n')
            .Where(
                line =>
                    line.StartsWith($"{metric}{{", StringComparison.Ordinal) && !line.Contains("topic=\"panes", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[line.LastIndexOf(' ')..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public void Dispose() => _references.Delete(recursive: true);

    private static string PathOf(string file) => RepositoryFiles.Example(Path.Combine("presets", file));

    private void Produce(string path, string topic)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        foreach (var (value, headers) in ExampleRecords.Of(path))
        {
            producer.Produce(topic, new Message<Null, byte[]>
            {
                Value = value,
                Headers = headers,
                Timestamp = new Timestamp(Start.ToUnixTimeMilliseconds(), TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }

    private sealed record Expected(long Events, double Kl, double Entropy);
}
