using System.Reactive.Subjects;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using DriftMonitor.Distributions;
using DriftMonitor.Events;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Benchmarks;

/// <summary>Stage 1 on one core: a record's bytes to its place in a pane, against a bare loop of the framework's JSON reader over the same bytes.</summary>
[MemoryDiagnoser]
public class BytesToPane
{
    private const int Records = 4_096;

    private readonly PredictionRecord _record = new();
    private readonly Subject<PredictionRecord> _records = new();
    private readonly Subject<bool> _publishTicks = new();
    private byte[][] _payloads = [];
    private PredictionJsonDecoder _decoder = null!;
    private IDisposable _lane = null!;
    private long _offset;
    private long _rejected;

    [Params(10, 1_000)]
    public int Classes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(20261123);
        _payloads = [.. Enumerable.Range(0, Records).Select(i => Payload(random, i))];
        var models = new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true);
        models.Add("digits-lr").Fix(new ModelClasses(ClassSpace.Indexed(Classes), ModelClasses.Configured));
        _decoder = new PredictionJsonDecoder(models, new PredictionDecoderSettings());
        var plan = WindowPlan.Create([Spans.Parse("5m/10s")], TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        _lane = _records.AddIntoPanes(_publishTicks, sourcePartition: 0, plan, (_, _) => _rejected++).Subscribe(_ => { });
        if (DecodeAndAdd() != 0)
        {
            throw new InvalidOperationException("the payloads are not all predictions");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _lane.Dispose();

    /// <summary>Every token read and every number converted: what reading JSON costs whoever does it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public double BareReader()
    {
        var sum = 0.0;
        foreach (var payload in _payloads)
        {
            var reader = new Utf8JsonReader(payload);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.Number)
                {
                    sum += reader.GetDouble();
                }
            }
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public double Decode()
    {
        var sum = 0.0;
        foreach (var payload in _payloads)
        {
            _decoder.Decode(payload, modelOfTopic: null, recordKey: default, _record);
            sum += _record.Probabilities[0];
        }

        return sum;
    }

    /// <summary>As the worker does it: decoded, checked, and through the operator into the pane of its time.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public long DecodeAndAdd()
    {
        foreach (var payload in _payloads)
        {
            _decoder.Decode(payload, modelOfTopic: null, recordKey: default, _record);
            _record.Offset = _offset++;
            _record.RecordTimeMs = _record.EventTimeMs;
            _records.OnNext(_record);
        }

        return _rejected;
    }

    /// <summary>As the digits stream: six decimals, a pane's worth of time, 177 bytes for ten classes.</summary>
    private byte[] Payload(Random random, int i)
    {
        var weights = Enumerable.Range(0, Classes).Select(_ => random.NextDouble() + 0.05).ToArray();
        var total = weights.Sum();
        var probabilities = weights.Select(w => FormattableString.Invariant($"{w / total:0.00000000}"));
        return Encoding.UTF8.GetBytes(
            $$"""{"model":"digits-lr","id":"p{{i:000000}}","ts":{{1767225600000 + (i % 9_000)}},"probs":[{{string.Join(',', probabilities)}}]}""");
    }
}
