using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// How long the series of a replica that is killed are missing, until the other exports them: 100 models, live traffic, two replicas of the
/// real program.
/// <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- takeover</c>
/// </summary>
internal sealed class TakeoverMeasurement : IDisposable
{
    private const int SourcePartitions = 4;
    private const int PanesPartitions = 16;
    private const int Models = 100;
    private const int Rounds = 5;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly CancellationTokenSource _stop = new();

    public static async Task RunAsync()
    {
        using var measurement = new TakeoverMeasurement();
        await measurement.MeasureAsync();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _broker.Dispose();
    }

    private async Task MeasureAsync()
    {
        _broker.CreateTopic("predictions", SourcePartitions);
        _broker.CreateTopic("driftmonitor.panes", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.rollups", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.status", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.calibrations", 1);
        _broker.CreateTopic("driftmonitor.panes.references", 1);
        var traffic = PlayAsync(_stop.Token);
        Console.WriteLine("series taken over | seconds from the kill until exported again");
        var survivor = Start();
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                using var victim = Start();
                var theirs = 0;
                await UntilAsync(async () =>
                {
                    var (one, other) = (await ExportedAsync(survivor), await ExportedAsync(victim));
                    theirs = other.Count;
                    return other.Count > 0 && one.Count + other.Count == Models && !one.Overlaps(other);
                });
                victim.Dispose(); // kills it
                var clock = Stopwatch.StartNew();
                await UntilAsync(async () => (await ExportedAsync(survivor)).Count == Models);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{theirs} | {clock.Elapsed.TotalSeconds:0.0}"));
            }
        }
        finally
        {
            survivor.Dispose();
            await _stop.CancelAsync();
            await traffic;
        }
    }

    private MonitorProgram Start() =>
        new(_broker.BootstrapServers, "--Kafka:Client:session.timeout.ms=6000", "--Kafka:Client:heartbeat.interval.ms=500");

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(50)); // each look costs the program a scrape
        for (var clock = Stopwatch.StartNew(); !await isSo(); await looks.WaitForNextTickAsync())
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new TimeoutException("two minutes");
            }
        }
    }

    private static async Task<HashSet<string>> ExportedAsync(MonitorProgram program) =>
        [.. (await program.ScrapeAsync()).Split('\n').Where(line => line.StartsWith("driftmonitor_window_events{", StringComparison.Ordinal)
            && line.Contains("window=\"5m\"", StringComparison.Ordinal)).Select(line => line[..line.LastIndexOf(' ')])];

    private async Task PlayAsync(CancellationToken stop)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 5 }).Build();
        using var timer = new PeriodicTimer(Beat);
        try
        {
            for (var beat = 0; await timer.WaitForNextTickAsync(stop); beat++)
            {
                for (var i = 0; i < 10; i++)
                {
                    var payload = $$"""{"model":"model-{{((beat * 10) + i) % Models}}","probs":[0.25,0.25,0.5]}""";
                    producer.Produce("predictions", new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(payload) });
                }
            }
        }
        catch (OperationCanceledException)
        {
            producer.Flush(CancellationToken.None);
        }
    }
}
