using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// How long the real program takes from its start until every window is ready again: 1,000 series with the default three windows full, from
/// four source partitions. <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- restore</c>
/// </summary>
internal sealed class RestoreMeasurement : IDisposable
{
    private const int SeriesCount = 1_000;
    private const int SourcePartitions = 4;
    private const int PanesPartitions = 16;
    private const int EventsInPane = 20;

    private readonly WindowPlan _plan = DefaultPlan.Create();
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly ClassSpace _space = ClassSpace.Indexed(10);
    private readonly double[][] _predictions = Payloads.DigitsPredictions();

    public static async Task RunAsync()
    {
        using var measurement = new RestoreMeasurement();
        await measurement.MeasureAsync();
    }

    public void Dispose() => _broker.Dispose();

    private async Task MeasureAsync()
    {
        _broker.CreateTopic("predictions", SourcePartitions);
        _broker.CreateTopic("driftmonitor.panes", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.rollups", PanesPartitions);
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = _broker.BootstrapServers,
            LingerMs = 5,
            CompressionType = CompressionType.Lz4,
            Partitioner = Partitioner.Murmur2,
            QueueBufferingMaxMessages = 0,
        }).Build();
        var settledMs = _plan.LastClosedEnd(_plan.ClosedBefore(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        WriteRegisters(producer, settledMs);
        var records = WriteRollups(producer, settledMs);
        Console.WriteLine($"{SeriesCount} series: {SeriesCount * 9 * SourcePartitions} registers not settled, {records} records rolled up");

        var clock = Stopwatch.StartNew();
        using var program = new MonitorProgram(_broker.BootstrapServers, "--Kafka:Client:fetch.wait.max.ms=10");
        TimeSpan? up = null, restored = null;
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(50)); // each look costs the program a scrape
        for (var ready = 0; ready < SeriesCount * _plan.Windows.Length; await looks.WaitForNextTickAsync())
        {
            var body = await program.ScrapeAsync();
            up ??= body.Length > 0 ? clock.Elapsed : null;
            restored ??= body.Contains("driftmonitor_state_restored{} 1", StringComparison.Ordinal) ? clock.Elapsed : null;
            ready = body.Split('\n').Count(
                line => line.StartsWith("driftmonitor_window_ready", StringComparison.Ordinal)
                    && line.EndsWith(" 1", StringComparison.Ordinal));
            if (clock.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new TimeoutException($"{ready} windows ready\n{body}");
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"serving after {up?.TotalSeconds:0.0} s, restored after {restored?.TotalSeconds:0.0} s, all "
            + $"{SeriesCount * _plan.Windows.Length} windows ready after {clock.Elapsed.TotalSeconds:0.0} s; {program.MegaBytes} MB, "
            + $"{program.CpuTime.TotalSeconds:0.0} s of CPU"));
    }

    /// <summary>What is not settled yet, from every source partition.</summary>
    private void WriteRegisters(IProducer<byte[], byte[]> producer, long settledMs)
    {
        var codec = Codec();
        for (var start = settledMs; start < settledMs + (9 * _plan.BasePaneMs); start += _plan.BasePaneMs)
        {
            for (var source = 0; source < SourcePartitions; source++)
            {
                foreach (var series in Series())
                {
                    var register = new PaneRegister(
                        source, series, start, Classes, start, start + EventsInPane - 1, start, start + 1, Sums(start));
                    producer.Produce(
                        new TopicPartition("driftmonitor.panes", HomeOf(series)),
                        new Message<byte[], byte[]> { Key = RecordKeys.Of(series), Value = codec.Encode(register) });
                }
            }
        }

        producer.Flush(TimeSpan.FromMinutes(1));
    }

    private static Partition HomeOf(SeriesKey series) => ModelPartitions.Of(series.Model, PanesPartitions);

    private RecordCodec Codec() => new(
        _plan,
        joinPlan: null,
        new SourcePartitions([.. Enumerable.Range(0, SourcePartitions).Select(source => new TopicPartition("predictions", source))]),
        new RecordFormat(RecordFormat.Current, RecordFormat.Current));

    /// <summary>What a compacted topic holds: all that windows reach back, and what the last minutes have written over and again.</summary>
    private long WriteRollups(IProducer<byte[], byte[]> producer, long settledMs)
    {
        const long NotCompactedMs = 10 * ManyModels.Minute;
        var (codec, keys) = (Codec(), new RecordKeys(_plan));
        var records = 0L;
        foreach (var level in _plan.Rollups)
        {
            var last = (settledMs / level.LengthMs * level.LengthMs) - level.LengthMs;
            for (
                var start = last - (
                    (level.Panes + (NotCompactedMs / level.LengthMs)) * level.LengthMs); start <= last; start += level.LengthMs)
            {
                foreach (var series in Series())
                {
                    var pane = new SettledPane(series, start, level.LengthMs, Classes, start + 1, 0, Sums(start));
                    Write(HomeOf(series), keys.Of(pane), codec.Encode(pane));
                    if (start > last - NotCompactedMs)
                    {
                        Write(HomeOf(series), keys.Expired(pane), null);
                    }
                }
            }
        }

        var settlement = new Settlement(settledMs, []);
        for (var partition = 0; partition < PanesPartitions; partition++)
        {
            Write(partition, keys.Of(settlement), codec.Encode(settlement));
        }

        producer.Flush(TimeSpan.FromMinutes(1));
        return records;

        void Write(Partition partition, byte[] key, byte[]? value)
        {
            records++;
            producer.Produce(
                new TopicPartition("driftmonitor.panes.rollups", partition), new Message<byte[], byte[]> { Key = key, Value = value! });
        }
    }

    private PaneClasses Classes => new(_space.Id, ModelClasses.Inferred, _space);

    private static IEnumerable<SeriesKey> Series() =>
        Enumerable.Range(0, SeriesCount).Select(i => new SeriesKey($"model-{i:D4}", SeriesKey.All));

    private PaneSums Sums(long seed)
    {
        var sums = new PaneSums(_space.CellCount);
        var cells = new double[_space.CellCount];
        for (var i = 0; i < EventsInPane; i++)
        {
            _predictions[((seed / 1_000) + i) % _predictions.Length].CopyTo(cells, 0);
            sums.Add(cells);
        }

        return sums;
    }
}
