using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using DriftMonitor.Join;
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
/// four source partitions, and those of their labels, each model's from one of them. <c>dotnet run -c Release --project
/// tests/DriftMonitor.Benchmarks -- restore</c>
/// </summary>
internal sealed class RestoreMeasurement : IDisposable
{
    private const int SeriesCount = 1_000;
    private const int SourcePartitions = 4;
    private const int PanesPartitions = 16;
    private const int EventsInPane = 20;

    private readonly WindowPlan _plan = DefaultPlan.Create();
    private readonly FeedbackPlan _labels = new(DefaultPlan.Create(), TimeSpan.FromHours(1));
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
        _broker.CreateTopic("labels", SourcePartitions);
        _broker.CreateTopic("driftmonitor.panes", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.feedback", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.rollups", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.status", PanesPartitions);
        _broker.CreateTopic("driftmonitor.panes.calibrations", 1);
        _broker.CreateTopic("driftmonitor.panes.references", 1);
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
        var labels = WriteLabels(producer, settledMs);
        Console.WriteLine(
            $"{SeriesCount} series: {SeriesCount * 9 * SourcePartitions} registers not settled, {records} records rolled up, {labels} "
            + $"panes "
            + "of labels");

        var clock = Stopwatch.StartNew();
        using var program = new MonitorProgram(_broker.BootstrapServers, "--Kafka:Client:fetch.wait.max.ms=10", "--Feedback:Topic=labels");
        TimeSpan? up = null, restored = null;
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(50)); // each look costs the program a scrape
        var (ready, labelled) = (0, 0);
        for (
            ; ready < SeriesCount * _plan.Windows.Length
                || labelled < 2 * SeriesCount * _plan.Windows.Length
                || restored is null; await looks.WaitForNextTickAsync())
        {
            var body = await program.ScrapeAsync();
            up ??= body.Length > 0 ? clock.Elapsed : null;
            restored ??= body.Contains("driftmonitor_state_restored{} 1", StringComparison.Ordinal) ? clock.Elapsed : null;
            ready = body.Split('\n').Count(
                line => line.StartsWith("driftmonitor_window_ready", StringComparison.Ordinal)
                    && line.EndsWith(" 1", StringComparison.Ordinal));
            labelled = body.Split('\n').Count(
                line => line.StartsWith("driftmonitor_feedback_events{", StringComparison.Ordinal)
                    && !line.EndsWith(" 0", StringComparison.Ordinal));
            if (clock.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new TimeoutException($"{ready} windows ready, {labelled} of labels\n{body}");
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"serving after {up?.TotalSeconds:0.0} s, restored after {restored?.TotalSeconds:0.0} s, all "
            + $"{SeriesCount * _plan.Windows.Length} windows ready and twice as many of labels after {clock.Elapsed.TotalSeconds:0.0} "
            + $"s; {program.MegaBytes} MB, "
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
        _labels.Panes,
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

    /// <summary>All panes of labels that windows reach back, and then that the runs of the join have said everything.</summary>
    private long WriteLabels(IProducer<byte[], byte[]> producer, long settledMs)
    {
        const ulong RunId = 1;
        var (codec, records) = (Codec(), 0L);
        var sums = new FeedbackSums { Predictions = EventsInPane };
        for (var i = 0; i < EventsInPane; i++)
        {
            var units = (long)i << 27; // a confidence between 0 and 1
            sums.Change(new FeedbackOutcome(units, units, 0, units, units, i % 4 > 0, Soft: false, Capped: false), subtract: false);
        }

        foreach (var (i, series) in Series().Index())
        {
            foreach (var window in _plan.Windows)
            {
                foreach (var attribution in Enum.GetValues<Attribution>())
                {
                    for (var back = 1; back <= window.Panes; back++)
                    {
                        var start = window.PaneStart(settledMs) - (back * window.SlideMs);
                        var key = new FeedbackPaneKey(series, attribution, window.SlideMs, start);
                        var register = new FeedbackRegister(i % SourcePartitions, RunId, key, sums);
                        Write(HomeOf(series), RecordKeys.Of(register.SourcePartition, RunId, key), codec.Encode("labels", register));
                    }
                }
            }
        }

        for (var partition = 0; partition < PanesPartitions; partition++)
        {
            for (var source = 0; source < SourcePartitions; source++)
            {
                var progress = new FeedbackProgress(source, RunId, 1_000_000, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
                Write(partition, RecordKeys.Of(source, RunId, null), codec.Encode("labels", progress));
            }
        }

        producer.Flush(TimeSpan.FromMinutes(1));
        return records;

        void Write(Partition partition, byte[] key, byte[] value)
        {
            records++;
            producer.Produce(
                new TopicPartition("driftmonitor.panes.feedback", partition), new Message<byte[], byte[]> { Key = key, Value = value });
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
