using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using Google.Protobuf;
using Xunit.Sdk;
using InferTensorContents = DriftMonitor.Worker.Tests.Formats.Proto.InferTensorContents;
using ModelInferResponse = DriftMonitor.Worker.Tests.Formats.Proto.ModelInferResponse;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>
/// The readers of other systems' payloads: whatever the bytes, rows or a reason, never an exception, and the same again for the same bytes.
/// The inputs are accepted before they are mutated. <c>DRIFTMONITOR_FUZZ_INPUTS</c> and <c>DRIFTMONITOR_FUZZ_SEED</c> as in
/// <see cref="PredictionFuzzTests"/>.
/// </summary>
public sealed class ReaderFuzzTests(ITestOutputHelper output)
{
    private const int HeadLength = sizeof(int);

    private static readonly string[] Schemas =
    [
        """
        {"type":"record","name":"Scored","fields":[
          {"name":"model","type":"string"},
          {"name":"id","type":["null","string","long"]},
          {"name":"ts","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"probs","type":{"type":"array","items":"double"}},
          {"name":"more","type":{"type":"map","values":["null","boolean","float",{"type":"enum","name":"E","symbols":["A","B"]},
            {"type":"fixed","name":"F","size":3},{"type":"bytes","logicalType":"decimal","precision":9,"scale":2},"Scored"]}}]}
        """,
    ];

    private static readonly byte[][] Json = Bytes(
        """{"model_name":"m","id":"42","outputs":[{"name":"p","shape":[2,3],"datatype":"FP32","data":[0.5,0.25,0.25,1,0,0]}]}""",
        """{"outputs":[{"data":[[0.5,0.5],[0,1]],"shape":[2,2],"name":"p"}],"model_name":"\u006d","parameters":{"a":[1]}}""",
        """{"model_name":"m","outputs":[{"name":"l","datatype":"INT64","shape":[3],"data":[1,-2,0]}]}""",
        """{"model_name":"m","outputs":[{"name":"l","datatype":"BYTES","shape":[2,1],"data":["a","\u0062"]},{"name":"p","datatype":"FP64","shape":[1,2],"data":[0,1]}]}""",
        """{"model_name":"m","outputs":[{"name":"l","datatype":"BOOL","shape":[2],"data":[true,false]}]}""");

    private static readonly byte[][] Chats = Bytes(
        """{"id":"c1","object":"chat.completion","created":1764000000,"model":"m","choices":[{"index":0,"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-1,"bytes":[97]},{"token":"\ufffd","logprob":-2,"bytes":[240,159]}]},{"token":"b","logprob":-0.5,"bytes":null,"top_logprobs":[]}]}}]}""",
        """{"choices":[{"logprobs":{"content":[{"top_logprobs":[{"logprob":-0.7,"token":"a"}],"token":"\u0061","logprob":-0.7}]}},{"logprobs":null}],"model":"m"}""",
        """{"model":"m","choices":[{"logprobs":{"tokens":["a"],"top_logprobs":[null,{"a":-0.7,"b":-1}]}}]}""");

    [Theory]
    [InlineData("KServe")]
    [InlineData("Binary")]
    [InlineData("InferResponse")]
    [InlineData("Chat")]
    [InlineData("Avro")]
    [InlineData("Framed")]
    public void Mutated_payloads_have_rows_or_a_reason(string format)
    {
        var (valid, read) = Reader(format);
        Assert.All(valid, bytes => Assert.Equal(RejectionReason.None, read(bytes).Reason));
        var random = new Random(Fuzzing.Seed);
        var reasons = new SortedDictionary<RejectionReason, long>();
        for (var input = 0L; input < Fuzzing.Inputs; input++)
        {
            var bytes = format is "KServe" or "Chat" ? MutatedJson.Next(random, valid) : MutatedBytes.Next(random, valid);
            try
            {
                var first = read(bytes);
                Assert.Equal(first, read(bytes));
                reasons[first.Reason] = reasons.GetValueOrDefault(first.Reason) + 1;
            }
            catch (Exception problem)
            {
                throw new XunitException($"{format}, input {input} of seed {Fuzzing.Seed}, {Convert.ToBase64String(bytes)}: {problem}");
            }
        }

        output.WriteLine(
            $"{format}: {Fuzzing.Inputs} inputs; {string.Join(", ", reasons.Select(reason => $"{reason.Value} {reason.Key}"))}");
        Assert.True(reasons.GetValueOrDefault(RejectionReason.None) > Fuzzing.Inputs / 100, "hardly any input is accepted");
    }

    /// <summary>Valid payloads, and how they are read: to a reason and what came of it.</summary>
    private static (byte[][] Valid, Func<byte[], (RejectionReason Reason, string Text)> Read) Reader(string format)
    {
        var rows = new TensorRows();
        switch (format)
        {
            case "KServe":
                return (Json, bytes => Rows(KServeResponse.Read(bytes, null, null, PredictionField.Unknown, rows), rows));
            case "Binary":
                return (Binaries(), bytes =>
                {
                    var length = bytes.Length < HeadLength ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
                    var headers = new Headers
                    {
                        { "Inference-Header-Content-Length", Encoding.UTF8.GetBytes(length.ToString(CultureInfo.InvariantCulture)) },
                    };
                    var value = bytes.AsSpan(Math.Min(HeadLength, bytes.Length));
                    return Rows(KServeResponse.Read(value, headers, null, PredictionField.Unknown, rows), rows);
                }
                );
            case "InferResponse":
                return (Responses(), bytes => Rows(Worker.Formats.ModelInferResponse.Read(bytes, [], PredictionField.Unknown, rows), rows));
            case "Chat":
                return (Chats, Chat);
            case "Framed":
                return ([[0, 0, 0, 0, 1, 0, 5, 6], [0, 0, 0, 0, 1, 4, 2, 6, 5, 6]], bytes =>
                {
                    var isFramed = ConfluentFraming.TryUnwrap(bytes, out _, out var payload)
                        && ConfluentFraming.TrySkipMessageIndexes(ref payload);
                    return (isFramed ? RejectionReason.None : RejectionReason.Malformed, Convert.ToHexStringLower(payload));
                }
                );
            default:
                var (json, schema) = (new AvroJson(), AvroNode.Parse(Schemas[0], [])!);
                return (Avros(), bytes =>
                {
                    var reason = json.Write(bytes, schema, out var text);
                    Assert.True(text.Length <= 100_000 + (200 * bytes.Length));
                    return (reason, Convert.ToHexStringLower(text));
                }
                );
        }
    }

    private static (RejectionReason Reason, string Text) Rows(RejectionReason begun, TensorRows rows)
    {
        var text = RowsOf.Response(begun, rows);
        var bad = Array.Find(text, row => Enum.TryParse<RejectionReason>(row, out _));
        return (bad is null ? RejectionReason.None : Enum.Parse<RejectionReason>(bad), string.Join('\n', text));
    }

    private static (RejectionReason Reason, string Text) Chat(byte[] bytes)
    {
        var buffers = new PredictionBuffers();
        var parsed = new ParsedPrediction();
        var reason = new ChatCompletion(Simplex.DefaultTolerance).Read(bytes, buffers, ref parsed);
        reason = reason == RejectionReason.None
            ? new PredictionOutput(buffers, Simplex.DefaultTolerance).Check(parsed.Form, null)
            : reason;
        if (reason == RejectionReason.None)
        {
            Assert.Equal(1, buffers.Output.Values.ToArray().Sum(), 1e-9);
        }

        return (reason, reason == RejectionReason.None ? string.Join(' ', buffers.Output.ByName()) : "");
    }

    private static byte[][] Binaries()
    {
        return
        [
            Of(
                """{"model_name":"m","id":"r","outputs":[{"name":"p","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}""",
                [0, 0, 0, 0x3f, 0, 0, 0, 0x3f]),
            Of(
                """{"model_name":"m","outputs":[{"name":"l","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":5}},{"name":"p","datatype":"FP16","shape":[1,2],"parameters":{"binary_data_size":4}}]}""",
                [1, 0, 0, 0, 97, 0, 0x38, 0, 0x38]),
            Of(
                """{"model_name":"m","outputs":[{"name":"l","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":10}}]}""",
                [1, 0, 0, 0, 97, 1, 0, 0, 0, 98]),
        ];

        static byte[] Of(string head, byte[] tensors)
        {
            var text = Encoding.UTF8.GetBytes(head);
            return [.. BitConverter.GetBytes(text.Length), .. text, .. tensors];
        }
    }

    private static byte[][] Responses()
    {
        return
        [
            Of("FP32", [2, 2], new() { Fp32Contents = { 0.5f, 0.5f, 1, 0 } }),
            Of("INT64", [2, 1], new() { Int64Contents = { 1, -2 } }),
            Of("BYTES", [2], new() { BytesContents = { ByteString.CopyFromUtf8("a"), ByteString.CopyFromUtf8("b") } }),
            Of("FP32", [1, 2], null, [0, 0, 0, 0x3f, 0, 0, 0, 0x3f]),
            Of("BYTES", [1], null, [1, 0, 0, 0, 97]),
        ];

        static byte[] Of(string type, long[] shape, InferTensorContents? contents, params byte[] raw)
        {
            var response = new ModelInferResponse
            {
                ModelName = "m",
                Id = "r",
                Outputs =
                {
                    new ModelInferResponse.Types.InferOutputTensor { Name = "p", Datatype = type, Shape = { shape }, Contents = contents },
                },
            };
            if (raw.Length > 0)
            {
                response.RawOutputContents.Add(ByteString.CopyFrom(raw));
            }

            return response.ToByteArray();
        }
    }

    /// <summary>By hand: model, id (a branch), time, two probabilities in a block, a map of values of each branch.</summary>
    private static byte[][] Avros()
    {
        byte[] half = [.. BitConverter.GetBytes(0.5)];
        byte[] head = [2, (byte)'m', 2, 2, (byte)'x', 0x84, 0xea, 0xbe, 0x9c, 0xee, 0x66];
        byte[] simple = [.. head, 4, .. half, .. half, 0, 0];
        return
        [
            simple,
            [
                .. head, 3, 32, .. half, .. half, 0, 12, 2, (byte)'a', 0, 2, (byte)'b', 2, 1, 2, (byte)'c', 4, 0, 0, 0, 0x3f, 2, (byte)'d',
                6, 2, 2, (byte)'e', 8, 1, 2, 3, 2, (byte)'f', 10, 4, 1, 0, 0],
            [.. head, 0, 2, 2, (byte)'s', 12, .. simple, 0],
        ];
    }

    private static byte[][] Bytes(params string[] payloads) => [.. payloads.Select(Encoding.UTF8.GetBytes)];
}
