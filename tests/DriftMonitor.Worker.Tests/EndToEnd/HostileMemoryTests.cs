using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.CrashProof;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Traffic that is within every cap and beyond all memory, beside two honest models, against the real program.</summary>
public sealed class HostileMemoryTests : IDisposable
{
    private const int Classes = 10_000;
    private const int HonestEvents = 500;
    private const int Ahead = 8; // the embedded broker keeps 5 MB a partition
    private const long HeapBytes = 512L << 20;
    private const long MostMiB = 1_024; // the heap's limit, the runtime, and librdkafka's buffers

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();

    public HostileMemoryTests()
    {
        foreach (var topic in (string[])["predictions", "driftmonitor.panes", "driftmonitor.panes.rollups", "driftmonitor.panes.status"])
        {
            _broker.CreateTopic(topic, 1);
        }
    }

    [Fact]
    public async Task Models_of_many_classes_are_refused_and_honest_ones_are_exact()
    {
        using var monitor = MonitorProcess.Start(
            HeapBytes, $"Kafka:BootstrapServers={_broker.BootstrapServers}", "Kafka:StartFrom=earliest", "Windows:Spans=10m/2s",
            "Windows:PublishInterval=2s", "Windows:EvaluationDelay=1s", "Kafka:Client:session.timeout.ms=6000",
            $"Limits:MemoryCells={Lengths.MemoryCells.ToString(CultureInfo.InvariantCulture)}");
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, QueueBufferingMaxKbytes = 1 << 20 }).Build();
        ProduceHonest(producer);
        await monitor.UntilAsync("honest models", async () => Value(await monitor.ScrapeAsync(), "driftmonitor_models") == 2);
        for (var model = 0; model < Lengths.HostileModels; model++)
        {
            Produce(producer, Hostile(model));
            if (model % Ahead == 0)
            {
                producer.Flush(TestContext.Current.CancellationToken);
                await ReadAsync((2 * HonestEvents) + model + 1);
            }
        }

        ProduceHonest(producer);
        await ReadAsync((4 * HonestEvents) + Lengths.HostileModels);
        foreach (var model in (string[])["honest-0", "honest-1"])
        {
            await monitor.UntilAsync($"{model} is exact", async () =>
                Value(await monitor.ScrapeAsync(), $"driftmonitor_window_events{{model=\"{model}\",segment=\"_all\",window=\"10m\"}}")
                == 2 * HonestEvents);
        }

        var scrape = await monitor.ScrapeAsync();
        var refused = Value(scrape, "driftmonitor_records_rejected_total{reason=\"memory_limit\",topic=\"predictions\"}");
        var (used, limit) = (Value(scrape, "driftmonitor_memory_cells"), Value(scrape, "driftmonitor_memory_cells_limit"));
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"refused {refused}, {used} of {limit} cells"));
        Assert.InRange(refused, 1, Lengths.HostileModels - 1);
        Assert.InRange(used, 1, limit);
        if (OperatingSystem.IsLinux())
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{monitor.PeakMiB} MiB at most");
            Assert.InRange(monitor.PeakMiB, 1, MostMiB);
        }

        Task ReadAsync(int records) => monitor.UntilAsync($"{records} are read", async () =>
            Value(await monitor.ScrapeAsync(), "driftmonitor_records_consumed_total{topic=\"predictions\"}") == records);
    }

    public void Dispose() => _broker.Dispose();

    private static void ProduceHonest(IProducer<Null, byte[]> producer)
    {
        for (var i = 0; i < HonestEvents; i++)
        {
            Produce(producer, """{"model":"honest-0","probs":[0.7,0.2,0.1]}""");
            Produce(producer, """{"model":"honest-1","probs":[0.1,0.2,0.3,0.4]}""");
        }

        producer.Flush(TestContext.Current.CancellationToken);
    }

    /// <summary>288 kB, with names of its own.</summary>
    private static string Hostile(int model)
    {
        var json = new StringBuilder().Append(CultureInfo.InvariantCulture, $$"""{"model":"hostile-{{model}}","probs":{""");
        for (var k = 0; k < Classes; k++)
        {
            json.Append(CultureInfo.InvariantCulture, $$"""{{(k == 0 ? "" : ",")}}"{{model:d4}}-{{k:d5}}-class":0.0001""");
        }

        return json.Append("}}").ToString();
    }

    private static void Produce(IProducer<Null, byte[]> producer, string json) =>
        producer.Produce("predictions", new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(json) });

    private static double Value(string scrape, string sample) =>
        scrape.Replace("{}", "", StringComparison.Ordinal).Split('\n')
            .FirstOrDefault(line => line.StartsWith($"{sample} ", StringComparison.Ordinal)) is { } line
            ? double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture) : 0;
}
