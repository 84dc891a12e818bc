using System.Text;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using Google.Protobuf;
using InferParameter = DriftMonitor.Worker.Tests.Formats.Proto.InferParameter;
using InferTensorContents = DriftMonitor.Worker.Tests.Formats.Proto.InferTensorContents;
using ModelInferResponse = DriftMonitor.Worker.Tests.Formats.Proto.ModelInferResponse;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>The rows of KServe's, Triton's and Seldon's responses: in JSON, with binary tensors, and in protobuf.</summary>
public sealed class TensorResponseTests
{
    private readonly TensorRows _rows = new();

    [Theory]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[2,2],"data":[0.5,0.5,0.25,0.75]}""", "r#0 Probs 0.5 0.5", "r#1 Probs 0.25 0.75")]
    [
        InlineData(
            """{"name":"p","datatype":"FP64","shape":[2,2],"data":[[0.5,0.5],[0.25,0.75]]}""", "r#0 Probs 0.5 0.5", "r#1 Probs 0.25 0.75")]
    [InlineData("""{"name":"p","data":[[0.5,0.5],[0.25,0.75]]}""", "r#0 Probs 0.5 0.5", "r#1 Probs 0.25 0.75")]
    [
        InlineData(
            """{"name":"p","datatype":"FP32","shape":[1,2,2],"data":[0.5,0.5,0.25,0.75]}""", "r#0 Probs 0.5 0.5", "r#1 Probs 0.25 0.75")]
    [InlineData("""{"shape":[1,2],"data":[1,0],"name":"p","datatype":"FP16"}""", "r Probs 1 0")]
    [InlineData("""{"name":"predict","datatype":"INT64","shape":[1,1],"parameters":{"content_type":"np"},"data":[2]}""", "r Label 2=1")]
    [
        InlineData(
            """{"name":"predict","datatype":"INT32","shape":[3],"data":[2,0,-1]}""", "r#0 Label 2=1", "r#1 Label 0=1", "r#2 Label -1=1")]
    [InlineData("""{"name":"predict","datatype":"INT64","shape":[2,1],"data":[[2],[0]]}""", "r#0 Label 2=1", "r#1 Label 0=1")]
    [InlineData("""{"name":"predict","datatype":"BYTES","shape":[2,1],"data":["cat","d\u006fg"]}""", "r#0 Label cat=1", "r#1 Label dog=1")]
    [InlineData("""{"name":"predict","data":["cat"]}""", "r Label cat=1")]
    [InlineData("""{"name":"predict","datatype":"BOOL","shape":[2],"data":[true,0]}""", "r#0 Label true=1", "r#1 Label false=1")]
    [InlineData("""{"name":"predict","datatype":"UINT8","shape":[],"data":[7]}""", "r Label 7=1")]
    public void Outputs_mean_what_their_type_and_shape_say(string output, params string[] rows) =>
        Assert.Equal(rows.Select(row => "m " + row), Json(Body(output)));

    [Theory]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[2],"data":[0.5,0.25]}""", "SingleClass")] // probabilities, scores, risks?
    [InlineData("""{"name":"p","datatype":"FP32","shape":[2,1],"data":[0.5,0.25]}""", "SingleClass")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[1],"data":[0.5]}""", "SingleClass")]
    [InlineData("""{"name":"p","data":[0]}""", "SingleClass")]
    [InlineData("""{"name":"p","datatype":"INT64","shape":[1,2],"data":[0,1]}""", "WrongType")] // two labels, or one hot?
    [InlineData("""{"name":"p","datatype":"INT64","shape":[1,1],"data":[0.5]}""", "WrongType")]
    [InlineData("""{"name":"p","datatype":"INT64","shape":[1,1],"data":["0"]}""", "WrongType")]
    [InlineData("""{"name":"p","datatype":"BYTES","shape":[1,1],"data":[0]}""", "WrongType")]
    [InlineData("""{"name":"p","datatype":"BYTES","shape":[1,1],"data":[""]}""", "InvalidName")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[2,2],"data":[0.5,0.5]}""", "WrongArity")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[1,1099511627776],"data":[0.5,0.5]}""", "WrongArity")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[1099511627776,1099511627776],"data":[0.5,0.5]}""", "WrongArity")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[0,2],"data":[]}""", "MissingOutput")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[-1,-2],"data":[0.5,0.5]}""", "WrongArity")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[1,2],"data":[0.5,null]}""", "WrongType")]
    [InlineData("""{"name":"p","data":[[0.25,0.25,0.5],[1]]}""", "WrongArity")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[2,2],"data":[[0.25,0.25,0.5],[1]]}""", "WrongArity")]
    [InlineData("""{"name":"p","datatype":"FP32","shape":[2,2],"data":[0.5,0.5,0.5,0.75]}""", "m r#0 Probs 0.5 0.5", "SumNotOne")]
    public void Outputs_that_could_mean_several_things_are_refused(string output, params string[] rows) =>
        Assert.Equal(rows, Json(Body(output)));

    [Theory]
    [InlineData("Probability", """{"name":"p","datatype":"FP32","shape":[2,1],"data":[0.5,0.25]}""", "0.5 0.5", "0.75 0.25")]
    [InlineData("Probability", """{"name":"p","datatype":"FP32","shape":[2],"data":[0.5,0.25]}""", "0.5 0.5", "0.75 0.25")]
    [InlineData("Score", """{"name":"p","datatype":"INT64","shape":[2],"data":[700,-1]}""", "700", "-1")]
    [InlineData("Label", """{"name":"p","datatype":"FP32","shape":[2,1],"data":[1.0,2]}""", "1=1", "2=1")]
    [InlineData("Probs", """{"name":"p","datatype":"FP32","shape":[2],"data":[0.5,0.5]}""", "0.5 0.5")]
    [InlineData("Probs", """{"name":"p","datatype":"INT64","shape":[1,2],"data":[0,1]}""", "0 1")]
    [InlineData("Logits", """{"name":"p","datatype":"FP32","shape":[1,2],"data":[3,3]}""", "0.5 0.5")]
    public void What_is_declared_is_read(string form, string output, params string[] rows)
    {
        var declared = Enum.Parse<PredictionField>(form);
        Assert.Equal(
            rows.Select((row, i) => rows.Length == 1 ? $"m r {form} {row}" : $"m r#{i} {form} {row}"), Json(Body(output), null, declared));
    }

    [Theory]
    [InlineData("Label", """{"name":"p","datatype":"FP32","shape":[1],"data":[0.5]}""", "WrongType")]
    [InlineData("Probability", """{"name":"p","datatype":"FP32","shape":[1,2],"data":[0.5,0.5]}""", "WrongArity")]
    [InlineData("Probs", """{"name":"p","datatype":"BYTES","shape":[1,2],"data":["a","b"]}""", "WrongType")]
    [InlineData("Probs", """{"name":"p","datatype":"FP32","shape":[1,1],"data":[0.5]}""", "SingleClass")]
    public void What_is_declared_must_fit(string form, string output, string reason) =>
        Assert.Equal([reason], Json(Body(output), null, Enum.Parse<PredictionField>(form)));

    [Fact]
    public void Of_several_outputs_the_only_one_of_floats_is_taken_or_the_one_that_is_named()
    {
        const string labels = """{"name":"predict","datatype":"INT64","shape":[1,1],"data":[1]}""";
        const string probabilities = """{"name":"predict_proba","datatype":"FP64","shape":[1,2],"data":[0.25,0.75]}""";
        foreach (var body in new[] { Body($"{labels},{probabilities}"), Body($"{probabilities},{labels}") })
        {
            Assert.Equal(["m r Probs 0.25 0.75"], Json(body));
            Assert.Equal(["m r Label 1=1"], Json(body, "predict"));
            Assert.Equal(["m r Probs 0.25 0.75"], Json(body, "predict_proba"));
            Assert.Equal(["MissingOutput"], Json(body, "other"));
        }

        Assert.Equal(["SeveralOutputs"], Json(Body($"{labels},{labels}")));
        Assert.Equal(["SeveralOutputs"], Json(Body($"{probabilities},{probabilities}")));
        Assert.Equal(["SeveralOutputs"], Json(Body($"{labels},{labels}"), "predict"));
    }

    /// <summary>240 of 0, 210 of 1 and 150 of 2, as a classifier's default output has them.</summary>
    [Fact]
    public void Labels_of_a_default_output_are_counted_by_class()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < 600; i++)
        {
            var label = i % 20 < 8 ? 0 : i % 20 < 15 ? 1 : 2;
            var row = Assert.Single(Json(Body($$"""{"name":"predict","shape":[1,1],"datatype":"INT64","data":[{{label}}]}""")));
            counts[row] = counts.GetValueOrDefault(row) + 1;
        }

        Assert.Equal(
            [("m r Label 0=1", 240), ("m r Label 1=1", 210), ("m r Label 2=1", 150)],
            counts.Select(count => (count.Key, count.Value)).Order());
    }

    [Theory]
    [InlineData("FP32", "0000003f 0000803e 0000803e", "Probs 0.5 0.25 0.25")]
    [InlineData("FP64", "000000000000e03f 000000000000d03f 000000000000d03f", "Probs 0.5 0.25 0.25")]
    [InlineData("FP16", "0038 0034 0034", "Probs 0.5 0.25 0.25")]
    [InlineData("BF16", "003f 803e 803e", "Probs 0.5 0.25 0.25")]
    [InlineData("INT64", "0200000000000000", "Label 2=1")]
    [InlineData("INT32", "feffffff", "Label -2=1")]
    [InlineData("INT16", "0201", "Label 258=1")]
    [InlineData("INT8", "ff", "Label -1=1")]
    [InlineData("UINT64", "ffffffffffffffff", "Label 18446744073709551615=1")]
    [InlineData("UINT32", "ffffffff", "Label 4294967295=1")]
    [InlineData("UINT16", "ffff", "Label 65535=1")]
    [InlineData("UINT8", "ff", "Label 255=1")]
    [InlineData("BOOL", "01", "Label true=1")]
    [InlineData("BYTES", "03000000 636174", "Label cat=1")]
    public void Binary_tensors_of_each_type(string type, string hex, string row)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var shape = row.StartsWith("Probs", StringComparison.Ordinal) ? 3 : 1;
        Assert.Equal(["m r " + row], Binary(Output(type, shape, bytes.Length), bytes));

        var response = new ModelInferResponse
        {
            ModelName = "m",
            Id = "r",
            Outputs = { new ModelInferResponse.Types.InferOutputTensor { Name = "p", Datatype = type, Shape = { 1, shape } } },
            RawOutputContents = { ByteString.CopyFrom(bytes) },
        };
        Assert.Equal(["m r " + row], Protobuf(response));
    }

    [Fact]
    public void A_record_may_have_so_many_rows_and_no_more()
    {
        var rows = new TensorRows();
        string Response(int count) =>
            $$$"""{"model_name":"m","outputs":[{"name":"l","datatype":"INT8","shape":[{{{count}}}],"parameters":{"binary_data_size":{{{count}}}}}]}""";
        RejectionReason Read(int count)
        {
            byte[] json = Encoding.UTF8.GetBytes(Response(count));
            var headers = new Headers { { "Inference-Header-Content-Length", Encoding.UTF8.GetBytes($"{json.Length}") } };
            return KServeResponse.Read([.. json, .. new byte[count]], headers, null, PredictionField.Unknown, rows);
        }

        Assert.Equal((RejectionReason.None, RejectionReason.TooLarge), (Read(TensorRows.MaxRows), Read(TensorRows.MaxRows + 1)));
    }

    [Fact]
    public void Binary_tensors_stand_one_behind_the_other()
    {
        var labels = """{"name":"label","datatype":"INT64","shape":[1,1],"parameters":{"binary_data_size":8}}""";
        var inJson = """{"name":"classes","datatype":"INT64","shape":[1,1],"data":[3]}""";
        byte[] bytes = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0, 0x3f];
        Assert.Equal(["m r Probs 0.5 0.5"], Binary($"{labels},{inJson},{Output("FP32", 2, 8)}", bytes));
        Assert.Equal(["m r Label 2=1"], Binary($"{labels},{inJson},{Output("FP32", 2, 8)}", bytes, "label"));
        Assert.Equal(["m r Label 3=1"], Binary($"{labels},{inJson},{Output("FP32", 2, 8)}", bytes, "classes"));
        Assert.Equal(["Malformed"], Binary($"{labels},{Output("FP32", 2, 8)}", bytes[..12])); // cut off
        Assert.Equal(["Malformed"], Binary($"{labels},{Output("FP32", 2, 8)}", [.. bytes, 0]));
        Assert.Equal(["Malformed"], Binary(Output("FP32", 2, 7), bytes[..7]));
        Assert.Equal(["WrongType"], Binary(Output("FP8", 2, 2), bytes[..2]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1e1")]
    [InlineData("99999")]
    [InlineData("99999999999999999999")]
    [InlineData("3")]
    public void A_wrong_length_of_the_JSON_is_malformed(string length) => Assert.Equal(
        ["Malformed"], Json(Body("""{"name":"p","datatype":"FP32","shape":[1,2],"data":[0.5,0.5]}"""), headers: Length(length)));

    [Fact]
    public void Protobuf_contents_of_each_type()
    {
        Assert.Equal(
            ["m r#0 Probs 0.5 0.5", "m r#1 Probs 0.25 0.75"], Of("FP32", [2, 2], new() { Fp32Contents = { 0.5f, 0.5f, 0.25f, 0.75f } }));
        Assert.Equal(["m r Probs 0.25 0.75"], Of("FP64", [1, 2], new() { Fp64Contents = { 0.25, 0.75 } }));
        Assert.Equal(["m r#0 Label 2=1", "m r#1 Label -1=1"], Of("INT64", [2], new() { Int64Contents = { 2, -1 } }));
        Assert.Equal(["m r#0 Label 2=1", "m r#1 Label -1=1"], Of("INT32", [2, 1], new() { IntContents = { 2, -1 } }));
        Assert.Equal(["m r Label 4294967295=1"], Of("UINT32", [1], new() { UintContents = { uint.MaxValue } }));
        Assert.Equal(["m r Label 18446744073709551615=1"], Of("UINT64", [1], new() { Uint64Contents = { ulong.MaxValue } }));
        Assert.Equal(["m r#0 Label true=1", "m r#1 Label false=1"], Of("BOOL", [2], new() { BoolContents = { true, false } }));
        Assert.Equal(["m r Label cat=1"], Of("BYTES", [1, 1], new() { BytesContents = { ByteString.CopyFromUtf8("cat") } }));
        Assert.Equal(["MissingOutput"], Of("FP32", [1, 2], new()));
        Assert.Equal(["WrongArity"], Of("FP32", [1, 2], new() { Fp32Contents = { 1 } }));
        Assert.Equal(["WrongType"], Of("STRING", [1, 1], new() { Fp32Contents = { 1 } }));
        Assert.Equal(["Malformed"], Of("FP32", [1, 2], new() { Fp32Contents = { 1 }, Fp64Contents = { 0 } }));

        string[] Of(string type, long[] shape, InferTensorContents contents) => Protobuf(new ModelInferResponse
        {
            ModelName = "m",
            Id = "r",
            Parameters = { ["a"] = new InferParameter { StringParam = "b" } },
            Outputs =
            {
                new ModelInferResponse.Types.InferOutputTensor { Name = "p", Datatype = type, Shape = { shape }, Contents = contents },
            },
        });
    }

    [Fact]
    public void Protobuf_outputs_are_chosen_as_in_JSON()
    {
        var response = new ModelInferResponse
        {
            ModelName = "m",
            Outputs =
            {
                new ModelInferResponse.Types.InferOutputTensor { Name = "label", Datatype = "INT64", Shape = { 1 } },
                new ModelInferResponse.Types.InferOutputTensor { Name = "p", Datatype = "FP32", Shape = { 1, 2 } },
            },
            RawOutputContents = { ByteString.CopyFrom(2, 0, 0, 0, 0, 0, 0, 0), ByteString.CopyFrom(0, 0, 0, 0x3f, 0, 0, 0, 0x3f) },
        };
        Assert.Equal(["m  Probs 0.5 0.5"], Protobuf(response));
        Assert.Equal(["m  Label 2=1"], Protobuf(response, "label"));
        Assert.Equal(["MissingOutput"], Protobuf(response, "other"));
        response.RawOutputContents.RemoveAt(1);
        Assert.Equal(["WrongArity"], Protobuf(response));
        Assert.Equal(["Malformed"], Read(response.ToByteArray()[..^1], ""));
        Assert.Equal(["MissingOutput"], Protobuf(new ModelInferResponse { ModelName = "m" }));
    }

    /// <summary>A record of a Seldon pipeline, and what it holds: three FP64 numbers, worked out with another protobuf library.</summary>
    [Fact]
    public void A_record_of_a_pipeline() => Assert.Equal(
        ["iris_1 d00000 Probs 0.103376 0.64913 0.247494"],
        Read(
            Convert.FromBase64String(
                "CgZpcmlzXzESATEaBmQwMDAwMCoZCg1wcmVkaWN0X3Byb2JhEgRGUDY0GgIBAzIYz8urStR2uj+uAS3BrMXkP18T9tXirc8/"), ""));

    [Theory]
    [InlineData("00 00000007 00 0a01", 7, "0a01")]
    [InlineData("00 00000100 02 00 0a", 256, "0a")] // one index: 0
    [InlineData("00 00000001 04 02 06 0a", 1, "0a")] // two: 1, 3
    public void Confluent_framing_of_protobuf_is_skipped(string hex, int id, string rest)
    {
        Assert.True(ConfluentFraming.TryUnwrap(
            Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out var schemaId, out var payload));
        Assert.Equal(id, schemaId);
        Assert.True(ConfluentFraming.TrySkipMessageIndexes(ref payload));
        Assert.Equal(rest, Convert.ToHexStringLower(payload));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000")]
    [InlineData("0100000007")]
    public void What_is_not_framed(string hex) => Assert.False(ConfluentFraming.TryUnwrap(Convert.FromHexString(hex), out _, out _));

    [Theory]
    [InlineData("")]
    [InlineData("01")] // −1 of them
    [InlineData("0402")]
    [InlineData("ffffffffffffffffff7e00")]
    public void Message_indexes_that_are_none(string hex)
    {
        ReadOnlySpan<byte> payload = Convert.FromHexString(hex);
        Assert.False(ConfluentFraming.TrySkipMessageIndexes(ref payload));
        Assert.Equal(hex, Convert.ToHexStringLower(payload));
    }

    private static string Output(string type, int columns, int bytes) =>
        $$$"""{"name":"p","datatype":"{{{type}}}","shape":[1,{{{columns}}}],"parameters":{"binary_data_size":{{{bytes}}}}}""";

    private static string Body(string outputs) => $$"""{"model_name":"m","id":"r","outputs":[{{outputs}}]}""";

    private static Headers Length(string length) => new() { { "Inference-Header-Content-Length", Encoding.UTF8.GetBytes(length) } };

    private string[] Json(
        string body, string? output = null, PredictionField declared = PredictionField.Unknown, Headers? headers = null) =>
        RowsOf.Response(KServeResponse.Read(Encoding.UTF8.GetBytes(body), headers, output, declared, _rows), _rows);

    private string[] Binary(string outputs, byte[] bytes, string? output = null)
    {
        var head = Encoding.UTF8.GetBytes(Body(outputs));
        var headers = Length(head.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return RowsOf.Response(KServeResponse.Read([.. head, .. bytes], headers, output, PredictionField.Unknown, _rows), _rows);
    }

    private string[] Protobuf(ModelInferResponse response, string output = "") => Read(response.ToByteArray(), output);

    private string[] Read(byte[] message, string output) => RowsOf.Response(
        Worker.Formats.ModelInferResponse.Read(message, Encoding.UTF8.GetBytes(output), PredictionField.Unknown, _rows), _rows);
}
