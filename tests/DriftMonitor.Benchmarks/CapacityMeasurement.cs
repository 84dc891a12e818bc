using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// What an event, a register and a byte of panes cost the real program when one, two and four replicas work off the same backlog.
/// <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- capacity</c>
/// </summary>
/// <remarks>
/// Replicas, broker and this process share the machine, so the figure that carries over is CPU time an event, not events a second.
/// </remarks>
internal sealed class CapacityMeasurement : IDisposable
{
    private const int SourcePartitions = 256;
    private const int PanesPartitions = 16;
    private const int Events = 10_240_000;
    private const int BacklogMs = 600_000;
    private const int IdRounds = 3;

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private long _held;

    /// <summary>
    /// Each of 256 models in a partition of its own, as producers that key by model do it, then 5 models each spread over all partitions.
    /// </summary>
    public static async Task RunAsync()
    {
        Console.WriteLine("models | replicas | events/s | CPU µs/event | MB a replica | registers | bytes/register");
        foreach (var (name, models, keyed) in new[] { ("256, keyed", 256, true), ("5, spread", 5, false) })
        {
            using var measurement = new CapacityMeasurement();
            measurement.Produce(models, keyed);
            foreach (var replicas in new[] { 1, 2, 4 })
            {
                await measurement.MeasureAsync(name, replicas, $"{name[0]}-{replicas}", []);
            }
        }
    }

    /// <summary>What it costs to look for duplicates by their ids: one replica, keyed models, with and without by turns.</summary>
    public static async Task RunIdsAsync()
    {
        Console.WriteLine("ids | replicas | events/s | CPU µs/event | MB a replica | registers | bytes/register");
        using var measurement = new CapacityMeasurement();
        measurement.Produce(models: 256, keyed: true);
        var ratios = new List<double>();
        for (var round = 0; round < IdRounds; round++)
        {
            string[] source = ["--Sources:0:Topic=predictions", "--Sources:0:Deduplicate=false"];
            var without = await measurement.MeasureAsync("not looked at", 1, $"without-{round}", source);
            ratios.Add(await measurement.MeasureAsync("looked at", 1, $"with-{round}", [source[0]]) / without);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"CPU ratio, median: {ratios.Order().ElementAt(IdRounds / 2):0.00} "
            + $"({string.Join(", ", ratios.Select(ratio => ratio.ToString("0.00", CultureInfo.InvariantCulture)))})"));
    }

    public void Dispose() => _broker.Dispose();

    private void Produce(int models, bool keyed)
    {
        _broker.CreateTopic("predictions", SourcePartitions);
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = _broker.BootstrapServers,
            LingerMs = 1_000, // full batches, as busy producers make them: a fetch from the embedded broker brings one a partition
            BatchSize = 900_000,
            BatchNumMessages = 10_000,
            CompressionType = CompressionType.Lz4,
            QueueBufferingMaxMessages = 0,
            QueueBufferingMaxKbytes = 1 << 20,
        }).Build();
        var outputs = Payloads.DigitsPredictions()
            .Select(p => string.Join(',', p.Select(x => x.ToString("F8", CultureInfo.InvariantCulture))))
            .ToArray();
        var beginMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - BacklogMs;
        for (var i = 0; i < Events; i++)
        {
            var ms = beginMs + ((long)i * BacklogMs / Events);
            var partition = i % SourcePartitions;
            var model = keyed ? partition : (i / SourcePartitions) % models;
            producer.Produce(new TopicPartition("predictions", partition), new Message<Null, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(
                    $$"""{"model":"model-{{model:D3}}","id":"p{{i:D8}}","ts":{{ms}},"probs":[{{outputs[i * 7 % outputs.Length]}}]}"""),
                Timestamp = new Timestamp(ms, TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromMinutes(2));
        _held = Held();
    }

    /// <returns>CPU time an event, µs.</returns>
    private async Task<double> MeasureAsync(string models, int replicas, string run, string[] settings)
    {
        var group = $"group-{run}";
        _broker.CreateTopic($"panes-{group}", PanesPartitions);
        _broker.CreateTopic($"panes-{group}.rollups", PanesPartitions);
        _broker.CreateTopic($"panes-{group}.status", PanesPartitions);
        _broker.CreateTopic($"panes-{group}.calibrations", 1);
        _broker.CreateTopic($"panes-{group}.references", 1);
        MonitorProgram[] programs = [.. Enumerable.Range(0, replicas).Select(_ => new MonitorProgram(
            _broker.BootstrapServers,
            [
                $"--Kafka:GroupId={group}", $"--Kafka:PanesTopic=panes-{group}", "--Kafka:Client:group.protocol=consumer", .. settings,
            ]))];
        try
        {
            var clock = new Stopwatch();
            var cpuBefore = TimeSpan.Zero;
            double first = 0, consumed = 0;
            using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20)); // each look costs the programs a scrape
            for (; consumed < _held; await looks.WaitForNextTickAsync())
            {
                var bodies = await Task.WhenAll(programs.Select(program => program.ScrapeAsync()));
                consumed = bodies.Sum(Consumed);
                if (!clock.IsRunning && consumed > _held / 5) // by then every program runs, and its code is compiled
                {
                    (first, cpuBefore) = (consumed, Cpu());
                    clock.Start();
                }
            }

            var events = _held - first;
            var rate = events / clock.Elapsed.TotalSeconds;
            var cpu = (Cpu() - cpuBefore).TotalMicroseconds / events;
            var (registers, bytes) = Registers($"panes-{group}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{models} | {replicas} | {rate:N0} | {cpu:0.00} | {programs.Max(program => program.MegaBytes)} | {registers:N0} | "
                + $"{bytes / registers:0}"));
            return cpu;

            TimeSpan Cpu() => programs.Aggregate(TimeSpan.Zero, (sum, program) => sum + program.CpuTime);
        }
        finally
        {
            foreach (var program in programs)
            {
                program.Dispose();
            }
        }
    }

    /// <summary>How many records the broker holds: it lets go of the oldest beyond 5 MiB a partition.</summary>
    private long Held()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "counts" }).Build();
        return Enumerable.Range(0, SourcePartitions)
            .Select(partition => consumer.QueryWatermarkOffsets(new TopicPartition("predictions", partition), TimeSpan.FromSeconds(10)))
            .Sum(offsets => offsets.High.Value - offsets.Low.Value);
    }

    /// <summary>The registers in a panes topic and their bytes before compression.</summary>
    private (long Count, double Bytes) Registers(string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "counts", EnablePartitionEof = true }).Build();
        consumer.Assign(
            Enumerable.Range(0, PanesPartitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var (count, bytes) = (0L, 0.0);
        for (var ended = 0; ended < PanesPartitions;)
        {
            var record = consumer.Consume();
            if (record.IsPartitionEOF)
            {
                ended++;
            }
            else if (record.Message.Key is { } key) // progress has none
            {
                count++;
                bytes += key.Length + record.Message.Value.Length;
            }
        }

        return (count, bytes);
    }

    private static double Consumed(string body) =>
        Regex.Match(
            body, """^driftmonitor_records_consumed_total\{topic="predictions"\} (\S+)""",
            RegexOptions.Multiline) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
}
