using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Formats.Proto;
using DriftMonitor.Worker.Sources;
using Google.Protobuf;

namespace DriftMonitor.Benchmarks;

/// <summary>The same ten-class predictions decoded from each wire format.</summary>
[Config(typeof(OneCore))]
public class WireFormats
{
    private const int Records = 4_096;
    private readonly PredictionRecord _record = new();
    private PredictionDecoder _decoder = null!;
    private byte[][] _json = null!;
    private byte[][] _protobuf = null!;
    private byte[][] _kserve = null!;
    private byte[][] _cloudEvents = null!;
    private byte[][] _nested = null!;
    private PredictionReader _mapped = null!;

    [GlobalSetup]
    public void Setup()
    {
        var models = new WatchedModels(1, 10, acceptUnknown: true);
        models.Add(Payloads.Model).Fix(new ModelClasses(ClassSpace.Indexed(10), ModelClasses.Configured));
        _decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        _json = Payloads.Of(PayloadForm.TenClasses, Records);
        var predictions = Payloads.DigitsPredictions();
        _protobuf = [.. Enumerable.Range(0, Records).Select(i => new Prediction
        {
            Model = Payloads.Model,
            Id = $"p{i:D8}",
            TsMs = Payloads.StartMs + i,
            Probs = new Values { Values_ = { predictions[i % predictions.Length].Select(p => (float)p) } },
        }.ToByteArray())];
        _kserve = [.. Enumerable.Range(0, Records).Select(i => Encoding.UTF8.GetBytes(KServe(predictions[i % predictions.Length], i)))];
        _cloudEvents = [.. _json.Select((json, i) => Encoding.UTF8.GetBytes(
            $$"""{"specversion":"1.0","id":"p{{i:D8}}","source":"serving","type":"prediction","time":"2026-01-01T00:00:00Z","data":{{Encoding.UTF8.GetString(json)}}}"""))];
        _nested = [.. Enumerable.Range(0, Records).Select(i => Encoding.UTF8.GetBytes(Nested(predictions[i % predictions.Length], i)))];
        _mapped = new PredictionReader(
            new SourceSettings
            {
                Map = [Field("id", "/meta/id"), Field("ts", "/meta/at"), Field("model", "/model/name"), Field("probs", "/result/p")],
            },
            _decoder, maxBytes: 1024 * 1024);
        static (string, JsonPointer) Field(string name, string text) =>
            JsonPointer.TryParse(text, out var pointer) ? (name, pointer) : throw new FormatException(text);
        Console.WriteLine(
            $"// bytes a record: JSON {_json[0].Length}, protobuf {_protobuf[0].Length}, KServe {_kserve[0].Length}, JSON in a "
            + $"CloudEvent {_cloudEvents[0].Length}");
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public void Json() => Decode(_json, PredictionFormat.Json);

    [Benchmark(OperationsPerInvoke = Records)]
    public void Protobuf() => Decode(_protobuf, new PredictionFormat(PayloadFormat.Protobuf));

    [Benchmark(OperationsPerInvoke = Records)]
    public void KServeV2() => Decode(_kserve, new PredictionFormat(PayloadFormat.KServeV2));

    [Benchmark(OperationsPerInvoke = Records)]
    public void JsonInACloudEvent() => Decode(_cloudEvents, new PredictionFormat(PayloadFormat.Json, InCloudEvents: true));

    [Benchmark(OperationsPerInvoke = Records)]
    public void MappedJson()
    {
        foreach (var payload in _nested)
        {
            for (_mapped.Begin(payload, isNull: false, headers: null, key: default); _mapped.TryNext();)
            {
                if (_mapped.Record.Rejection != RejectionReason.None)
                {
                    throw new InvalidOperationException($"mapped: {_mapped.Record.Rejection}");
                }
            }
        }
    }

    private static string Nested(double[] probabilities, int i)
    {
        var p = string.Join(',', probabilities.Select(p => p.ToString("F8", CultureInfo.InvariantCulture)));
        return $$$"""{"meta":{"id":"p{{{i:D8}}}","at":{{{Payloads.StartMs + i}}},"host":"a"},"model":{"name":"{{{Payloads.Model}}}"},"result":{"p":[{{{p}}}]}}""";
    }

    private static string KServe(double[] probabilities, int i) =>
        $$"""{"model_name":"{{Payloads.Model}}","id":"p{{i:D8}}","outputs":[{"name":"probs","shape":[1,10],"datatype":"FP32","data":[{{string.Join(',', probabilities.Select(p => p.ToString("F8", CultureInfo.InvariantCulture)))}}]}]}""";

    private void Decode(byte[][] payloads, PredictionFormat format)
    {
        foreach (var payload in payloads)
        {
            _decoder.Decode(payload, format, null, null, [], _record);
            if (_record.Rejection != RejectionReason.None)
            {
                throw new InvalidOperationException($"{format}: {_record.Rejection}");
            }
        }
    }
}
