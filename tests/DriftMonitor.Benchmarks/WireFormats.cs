using System.Globalization;
using System.Text;
using System.Text.Json;
using Avro.Generic;
using Avro.IO;
using BenchmarkDotNet.Attributes;
using Confluent.Kafka;
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
    private const int Rows = 32; // of a batch
    private const int Classes = 10;

    private const string Schema = """
        {"type":"record","name":"Scored","fields":[
          {"name":"model","type":"string"},
          {"name":"id","type":"string"},
          {"name":"ts","type":"long"},
          {"name":"probs","type":{"type":"array","items":"double"}}]}
        """;

    private readonly PredictionRecord _record = new();
    private PredictionDecoder _decoder = null!;
    private PredictionOutput _output = null!;
    private byte[][] _json = null!;
    private byte[][] _protobuf = null!;
    private byte[][] _kserve = null!;
    private byte[][] _cloudEvents = null!;
    private byte[][] _kserveBatches = null!;
    private byte[][] _binaryBatches = null!;
    private byte[][] _inferResponses = null!;
    private byte[][] _inferBatches = null!;
    private byte[][] _avro = null!;
    private byte[][] _nested = null!;
    private GenericDatumReader<GenericRecord> _avroReader = null!;
    private PredictionReader _mappedReader = null!;
    private PredictionReader _mappedAvroReader = null!;
    private PredictionReader _kserveReader = null!;
    private PredictionReader _cloudEventReader = null!;
    private byte[][] _chats = null!;
    private Headers[] _headLengths = null!;
    private AvroNode _schema = null!;
    private WatchedModel _model = null!;

    private readonly TensorRows _tensor = new();
    private readonly AvroJson _avroJson = new();
    private readonly ChatCompletion _chat = new(Simplex.DefaultTolerance);
    private readonly PredictionBuffers _buffers = new();
    private readonly ModelClasses _classes = new(ClassSpace.Indexed(Classes), ModelClasses.Configured);
    private readonly ModelClasses _tokens =
        new(ClassSpace.Create([.. Enumerable.Range(0, Classes).Select(Token), ClassSpace.Rest]), ModelClasses.Configured);

    [GlobalSetup]
    public void Setup()
    {
        var models = new WatchedModels(1, 10, acceptUnknown: true);
        _model = models.Add(Payloads.Model);
        _model.Fix(_classes);
        _output = new PredictionOutput(_buffers, Simplex.DefaultTolerance);
        _decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        PredictionReader Reader(SourceSettings source) => new(source, _decoder, maxBytes: 1024 * 1024);
        _kserveReader = Reader(new SourceSettings { Format = new PredictionFormat(PayloadFormat.KServeV2) });
        _mappedReader = Reader(Mapped("/meta/id", "/meta/at", "/model/name", "/result/p"));
        _mappedAvroReader = Reader(Mapped("/id", "/ts", "/model", "/probs"));
        _cloudEventReader = Reader(new SourceSettings { Frames = [SourceFrame.CloudEvents] });
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
        SetupTensors(predictions);
        _nested = [.. Enumerable.Range(0, Records).Select(i => Encoding.UTF8.GetBytes(Nested(predictions[i % predictions.Length], i)))];
        var schema = global::Avro.Schema.Parse(Schema);
        _avroReader = new GenericDatumReader<GenericRecord>(schema, schema);
        _schema = AvroNode.Parse(Schema, [])!;
        _avro = [.. Enumerable.Range(0, Records).Select(i => Avro(predictions[i % predictions.Length], i))];
        _chats = [.. Enumerable.Range(0, Records).Select(i => Encoding.UTF8.GetBytes(Chat(predictions[i % predictions.Length], i)))];
        Console.WriteLine(
            $"// bytes a record: JSON {_json[0].Length}, protobuf {_protobuf[0].Length}, KServe {_kserve[0].Length}, JSON in a "
            + $"CloudEvent {_cloudEvents[0].Length}, KServe's {Rows} rows {_kserveBatches[0].Length}, in binary "
            + $"{_binaryBatches[0].Length}, "
            + $"ModelInferResponse {_inferResponses[0].Length}, its {Rows} rows {_inferBatches[0].Length}, Avro {_avro[0].Length}, "
            + $"chat completion {_chats[0].Length}, mapped JSON {_nested[0].Length}");
    }

    private void SetupTensors(double[][] predictions)
    {
        double[] Flat(int first, int rows) =>
            [.. Enumerable.Range(first, rows).SelectMany(i => predictions[i % predictions.Length])];
        var batches = Enumerable.Range(0, Records / Rows).Select(batch => Flat(batch * Rows, Rows)).ToArray();
        _kserveBatches = [.. batches.Select((batch, i) => Encoding.UTF8.GetBytes(
            Head(i, Rows, $"\"data\":[{string.Join(',', batch.Select(p => p.ToString("F8", CultureInfo.InvariantCulture)))}]")))];
        var heads = batches.Select((_, i) => Encoding.UTF8.GetBytes(
            Head(i, Rows, $"\"parameters\":{{\"binary_data_size\":{Rows * Classes * sizeof(float)}}}"))).ToArray();
        _binaryBatches = [.. batches.Select((batch, i) => (byte[])[.. heads[i], .. Raw(batch)])];
        _headLengths = [.. heads.Select(head => new Headers
        {
            { "Inference-Header-Content-Length", Encoding.UTF8.GetBytes(head.Length.ToString(CultureInfo.InvariantCulture)) },
        })];
        _inferBatches = [.. batches.Select((batch, i) => InferResponse(batch, i, Rows))];
        _inferResponses = [.. Enumerable.Range(0, Records).Select(i => InferResponse(Flat(i, 1), i, 1))];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public void Json() => Decode(_json, PredictionFormat.Json);

    [Benchmark(OperationsPerInvoke = Records)]
    public void Protobuf() => Decode(_protobuf, new PredictionFormat(PayloadFormat.Protobuf));

    [Benchmark(OperationsPerInvoke = Records)]
    public void KServeV2() => Read(_kserve, _kserveReader);

    [Benchmark(OperationsPerInvoke = Records)]
    public void JsonInACloudEvent() => Read(_cloudEvents, _cloudEventReader);

    [Benchmark(OperationsPerInvoke = Records)]
    public void KServeV2Batch()
    {
        foreach (var batch in _kserveBatches)
        {
            ReadRows(KServeResponse.Read(batch, null, null, PredictionField.Unknown, _tensor));
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void BinaryTensorBatch()
    {
        for (var i = 0; i < _binaryBatches.Length; i++)
        {
            ReadRows(KServeResponse.Read(_binaryBatches[i], _headLengths[i], null, PredictionField.Unknown, _tensor));
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void InferResponse()
    {
        foreach (var response in _inferResponses)
        {
            ReadRows(ModelInferResponse.Read(response, [], PredictionField.Unknown, _tensor));
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void InferResponseBatch()
    {
        foreach (var batch in _inferBatches)
        {
            ReadRows(ModelInferResponse.Read(batch, [], PredictionField.Unknown, _tensor));
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void Avro()
    {
        foreach (var value in _avro)
        {
            Require(_avroJson.Write(value, _schema, out var json));
            _decoder.Decode(json, PredictionFormat.Json, null, [], _record);
            Require(_record.Rejection);
        }
    }

    /// <summary>The same behind a map, as a source of Avro has one.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public void MappedAvro()
    {
        foreach (var value in _avro)
        {
            Require(_avroJson.Write(value, _schema, out var json));
            Read(json, _mappedAvroReader);
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void MappedJson() => Read(_nested, _mappedReader);

    /// <summary>What the library alone takes to read the same bytes, here and below.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public double BareMappedJson()
    {
        var sum = 0.0;
        foreach (var value in _nested)
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
            {
                sum += reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : 0;
            }
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public int BareAvro()
    {
        var fields = 0;
        foreach (var value in _avro)
        {
            using var stream = new MemoryStream(value);
            fields += _avroReader.Read(null!, new BinaryDecoder(stream)).Schema.Count;
        }

        return fields;
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public int BareProtobuf() => _protobuf.Sum(value => Prediction.Parser.ParseFrom(value).Probs.Values_.Count);

    [Benchmark(OperationsPerInvoke = Records)]
    public void ChatCompletion()
    {
        foreach (var response in _chats)
        {
            var prediction = new ParsedPrediction();
            Require(_chat.Read(response, _buffers, ref prediction));
            Require(_output.Check(prediction.Form, _tokens));
            _output.Fill(prediction.Form, _record, _model, _tokens);
        }
    }

    /// <summary>Each row as far as the decoder brings it: a checked distribution in a record.</summary>
    private void ReadRows(RejectionReason begun)
    {
        Require(begun);
        var parsed = new ParsedPrediction();
        while (_tensor.TryNext(_buffers, ref parsed, out var problem))
        {
            Require(problem);
            Require(_output.Check(parsed.Form, _classes));
            _output.Fill(parsed.Form, _record, _model, _classes);
        }
    }

    private static void Require(RejectionReason reason)
    {
        if (reason != RejectionReason.None)
        {
            throw new InvalidOperationException(reason.ToString());
        }
    }

    private static string Token(int k) => $"token {k}";

    private static string Head(int i, int rows, string data) =>
        $$"""{"model_name":"{{Payloads.Model}}","id":"p{{i:D8}}","outputs":[{"name":"probs","shape":[{{rows}},{{Classes}}],"datatype":"FP32",{{data}}}]}""";

    private static byte[] Raw(double[] values) => [.. values.SelectMany(value => BitConverter.GetBytes((float)value))];

    private static byte[] InferResponse(double[] values, int i, int rows)
    {
        var tensor = Message(output =>
        {
            Write(output, 1, "probs"u8.ToArray());
            Write(output, 2, "FP32"u8.ToArray());
            Write(output, 3, [(byte)rows, Classes]);
        });
        return Message(output =>
        {
            Write(output, 1, Encoding.UTF8.GetBytes(Payloads.Model));
            Write(output, 3, Encoding.UTF8.GetBytes($"p{i:D8}"));
            Write(output, 5, tensor);
            Write(output, 6, Raw(values));
        });

        static void Write(CodedOutputStream output, int field, byte[] bytes)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(bytes));
        }
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(output);
        }

        return stream.ToArray();
    }

    private static byte[] Avro(double[] probabilities, int i)
    {
        var schema = (global::Avro.RecordSchema)global::Avro.Schema.Parse(Schema);
        var record = new GenericRecord(schema);
        record.Add("model", Payloads.Model);
        record.Add("id", $"p{i:D8}");
        record.Add("ts", Payloads.StartMs + i);
        record.Add("probs", probabilities.Cast<object>().ToArray());
        using var stream = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(record, new BinaryEncoder(stream));
        return stream.ToArray();
    }

    private static string Chat(double[] probabilities, int i)
    {
        var tokens = probabilities.Select((p, k) =>
            $$"""{"token":"{{Token(k)}}","logprob":{{Math.Log(Math.Max(p, 1e-9)).ToString("F6", CultureInfo.InvariantCulture)}},"bytes":[{{string.Join(',', Encoding.UTF8.GetBytes(Token(k)))}}]}""");
        return $"{{\"id\":\"chatcmpl-{i}\",\"created\":1764000000,\"model\":\"{Payloads.Model}\",\"choices\":[{{\"index\":0,\"logprobs\":"
            + $"{{\"content\":[{{\"top_logprobs\":[{string.Join(',', tokens)}]}}]}}}}]}}";
    }

    private static string KServe(double[] probabilities, int i) =>
        $$"""{"model_name":"{{Payloads.Model}}","id":"p{{i:D8}}","outputs":[{"name":"probs","shape":[1,10],"datatype":"FP32","data":[{{string.Join(',', probabilities.Select(p => p.ToString("F8", CultureInfo.InvariantCulture)))}}]}]}""";

    private static string Nested(double[] probabilities, int i)
    {
        var p = string.Join(',', probabilities.Select(p => p.ToString("F8", CultureInfo.InvariantCulture)));
        return $$$"""{"meta":{"id":"p{{{i:D8}}}","at":{{{Payloads.StartMs + i}}},"host":"a"},"model":{"name":"{{{Payloads.Model}}}"},"result":{"p":[{{{p}}}]}}""";
    }

    private static SourceSettings Mapped(string id, string time, string model, string probabilities)
    {
        return new SourceSettings { Map = [Field("id", id), Field("ts", time), Field("model", model), Field("probs", probabilities)] };

        static (string, JsonPointer) Field(string name, string text) =>
            JsonPointer.TryParse(text, out var pointer) ? (name, pointer) : throw new FormatException(text);
    }

    private static void Read(byte[][] payloads, PredictionReader reader)
    {
        foreach (var payload in payloads)
        {
            Read(payload, reader);
        }
    }

    private static void Read(ReadOnlySpan<byte> payload, PredictionReader reader)
    {
        for (reader.Begin(payload, isNull: false, null, default); reader.TryNext();)
        {
            Require(reader.Record.Rejection);
        }
    }

    private void Decode(byte[][] payloads, PredictionFormat format)
    {
        foreach (var payload in payloads)
        {
            _decoder.Decode(payload, format, null, [], _record);
            if (_record.Rejection != RejectionReason.None)
            {
                throw new InvalidOperationException($"{format}: {_record.Rejection}");
            }
        }
    }
}
