using System.Reactive.Subjects;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Benchmarks;

/// <summary>Stage 1 from a record's bytes to the sums of its pane, beside a loop that only reads the JSON's tokens.</summary>
[Config(typeof(OneCore))]
public class BytesToPane
{
    private const int Records = 4_096;
    private readonly PredictionRecord _record = new() { KeepsDuplicates = true }; // the same records come again and again
    private readonly Subject<PredictionRecord> _records = new();
    private readonly Subject<PublishTick> _publishTicks = new();
    private PredictionDecoder _decoder = null!;
    private byte[][] _payloads = null!;
    private long _offset;
    private long _rejected;

    [ParamsAllValues]
    public PayloadForm Form { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _payloads = Payloads.Of(Form, Records);
        var models = new WatchedModels(1, 10, acceptUnknown: true);
        var classes = ClassSpace.Indexed(Form == PayloadForm.ThousandClasses ? 1_000 : 10);
        models.Add(Payloads.Model).Fix(new ModelClasses(classes, ModelClasses.Configured));
        _decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        _records.AddIntoPanes(_publishTicks, 0, DefaultPlan.Create()).Subscribe(said => _rejected += said is RejectedRecord ? 1 : 0);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public double ReadTokens()
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
    public void Decode()
    {
        foreach (var payload in _payloads)
        {
            _decoder.Decode(payload, null, [], _record);
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void DecodeAndAdd()
    {
        foreach (var payload in _payloads)
        {
            _decoder.Decode(payload, null, [], _record);
            _record.Offset = _offset++;
            _record.RecordTimeMs = Payloads.StartMs + Records;
            _records.OnNext(_record);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        if (_rejected > 0)
        {
            throw new InvalidOperationException($"{_rejected} records were rejected: what was measured is no prediction");
        }
    }
}
