using System.Text;
using Confluent.Kafka;
using CsCheck;
using DriftMonitor.Model;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Formats.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>What is not the project's own JSON: protobuf, KServe responses, and CloudEvents around any of them.</summary>
public sealed class WireFormatTests
{
    private const long Ms = 1_767_225_600_100;

    private const string Protobuf = "protobuf";
    private const string KServe = "kserve-v2";

    private readonly Decoding _decoding = new("a", "b", "c");

    /// <summary>Each output in both formats, with numbers that floats hold exactly.</summary>
    private static readonly (string Output, Prediction Wire)[] SameInBoth =
    [
        ("\"probs\":[0.5,0.25,0.25]", new Prediction { Probs = Of(0.5f, 0.25f, 0.25f) }),
        ("\"probs\":{\"c\":0.5,\"x\":0.5}", new Prediction { Probs = Named(("c", 0.5f), ("x", 0.5f)) }),
        ("\"logits\":[1,2,-3]", new Prediction { Logits = Of(1, 2, -3) }),
        ("\"logprobs\":[0,-200,-300]", new Prediction { Logprobs = Of(0, -200, -300) }),
        ("\"label\":\"b\"", new Prediction { Label = "b" }),
        ("\"top_logprobs\":{\"a\":-0.5,\"b\":-1.5}", new Prediction { TopLogprobs = Named(("a", -0.5f), ("b", -1.5f)) }),
        ("\"top_probs\":{\"a\":0.5,\"b\":0.25}", new Prediction { TopProbs = Named(("a", 0.5f), ("b", 0.25f)) }),
        (
            "\"policy_logprobs\":{\"current\":[null,-1,0],\"reference\":[null,-2,0],\"mask\":[1,1,0],\"length\":3}",
            new Prediction
            {
                PolicyLogprobs = new Policies
                {
                    Current = Of(float.NaN, -1, 0),
                    Reference = Of(float.NaN, -2, 0),
                    Mask = { true, true, false },
                    Length = 3,
                },
            }),
        ("\"rewards\":{\"chosen\":1.5,\"rejected\":-2}", new Prediction { Rewards = new Rewards { Chosen = 1.5, Rejected = -2 } }),
        (
            "\"policy\":{\"current\":[0.5,0.25,0.25],\"reference\":[0.25,0.25,0.5]}",
            new Prediction { Policy = new Policies { Current = Of(0.5f, 0.25f, 0.25f), Reference = Of(0.25f, 0.25f, 0.5f) } }
       ),
        (
            "\"policy_logprobs\":{\"current\":[-1,-2.5],\"reference\":[-1.5,-2]}",
            new Prediction { PolicyLogprobs = new Policies { Current = Of(-1, -2.5f), Reference = Of(-1.5f, -2) } }
       ),
    ];

    [Fact]
    public void Protobuf_is_what_the_same_JSON_is() => Assert.All(SameInBoth, same =>
    {
        var (output, wire) = same;
        var model = wire.Rewards is null ? "m" : "pairs"; // of which nothing has fixed the classes
        (wire.Model, wire.Id, wire.Segment, wire.TsMs) = (model, "42", "s=1", Ms);
        Assert.Equal(
            RejectionReason.None, _decoding.Decode($$"""{"model":"{{model}}","id":"42","segment":"s=1","ts":{{Ms}},{{output}}}"""));
        var (cells, paired, sampled) = (_decoding.Record.Probabilities.ToArray(), _decoding.Record.Paired, _decoding.Record.Sampled);

        Assert.Equal(RejectionReason.None, Decode(wire.ToByteArray(), Protobuf));
        Assert.Equal(cells, _decoding.Record.Probabilities.ToArray());
        Assert.Equal((paired, sampled), (_decoding.Record.Paired, _decoding.Record.Sampled));
        Assert.Equal(
            (model, "42", "s=1", Ms), (
                _decoding.Record.Model.Name, _decoding.Record.Id.ToString(), _decoding.Record.Segment!.Name,
                _decoding.Record.PayloadTimeMs));
    });

    [Fact]
    public void Protobuf_score_falls_into_its_bin_NaN_too()
    {
        var bins = ScoreBins.OfQuantiles([0, 1], 1)!;
        _decoding.Models.Add("scores").Fix(new ModelClasses(bins.Space, ModelClasses.Configured, bins));
        foreach (var (score, cell) in new[] { (-1.0, 0), (0.5, 1), (2.0, 2), (double.NaN, 3) })
        {
            Assert.Equal(RejectionReason.None, Decode(new Prediction { Model = "scores", Score = score }.ToByteArray(), Protobuf));
            Assert.Equal(1, _decoding.Record.Probabilities[cell]);
        }
    }

    [Fact]
    public void Protobuf_probability_is_that_of_the_second_class()
    {
        Assert.Equal(RejectionReason.None, Decode(new Prediction { Model = "two", Probability = 0.25 }.ToByteArray(), Protobuf));
        Decoding.AssertClose([0.75, 0.25, 0], _decoding.Record.Probabilities.ToArray());
    }

    private static readonly (Prediction Wire, RejectionReason Reason)[] BadProtobuf =
    [
        (new Prediction { Model = "m", TopProbs = Of(0.5f) }, RejectionReason.WrongArity),
        (new Prediction { Model = "m", Probability = 0.5 }, RejectionReason.WrongArity),
        (
            new Prediction { Model = "m", PolicyLogprobs = new Policies { Current = Of(-1, 1), Reference = Of(-1, 1) } },
            RejectionReason.Padding),
        (new Prediction { Model = "m" }, RejectionReason.MissingOutput),
        (new Prediction { Probs = Of(0.5f, 0.25f, 0.25f) }, RejectionReason.MissingModel),
        (new Prediction { Model = "m", Probs = Of(0.5f, 0.5f) }, RejectionReason.WrongArity),
        (new Prediction { Model = "m", Probs = Of() }, RejectionReason.WrongArity),
        (new Prediction { Model = "m", Probs = Of(float.NaN, 0.5f, 0.5f) }, RejectionReason.NotFinite),
        (new Prediction { Model = "m", Probs = Of(1.5f, -0.25f, -0.25f) }, RejectionReason.ProbabilityOutOfRange),
        (new Prediction { Model = "m", Probs = Of(0.5f, 0.5f, 0.5f) }, RejectionReason.SumNotOne),
        (new Prediction { Model = "m", Probs = Named(("a", 0.5f), ("a", 0.5f)) }, RejectionReason.DuplicateField),
        (new Prediction { Model = "m", Probs = Named(("", 1)) }, RejectionReason.InvalidName),
        (new Prediction { Model = "m", Probs = new Values { Classes = { "a", "b" }, Values_ = { 1 } } }, RejectionReason.WrongArity),
        (new Prediction { Model = "m", TopLogprobs = Of(-1, -2) }, RejectionReason.WrongArity),
        (new Prediction { Model = "m", Label = "" }, RejectionReason.InvalidName),
        (new Prediction { Model = "m", Rewards = new Rewards { Chosen = 1 } }, RejectionReason.IncompleteOutput),
        (new Prediction { Model = "m", Rewards = new Rewards { Chosen = 1, Rejected = double.NaN } }, RejectionReason.NotFinite),
        (new Prediction { Model = "m", Policy = new Policies { Current = Of(1, 0, 0) } }, RejectionReason.IncompleteOutput),
        (new Prediction { Model = "m", Score = 1 }, RejectionReason.FormMismatch),
        (new Prediction { Model = "a\nb", Label = "a" }, RejectionReason.InvalidName),
        (new Prediction { Model = new string('x', 5_000), Label = "a" }, RejectionReason.InvalidName),
    ];

    [Fact]
    public void Bad_protobuf_has_its_reason() =>
        Assert.All(BadProtobuf, bad => Assert.Equal(bad.Reason, Decode(bad.Wire.ToByteArray(), Protobuf)));

    [Theory]
    [InlineData(
        """{"model_name":"m","id":"42","outputs":[{"name":"probabilities","shape":[1,3],"datatype":"FP32","data":[0.5,0.25,0.25]}]}""")]
    [InlineData(
        """{"outputs":[{"data":[[0.5,0.25,0.25]],"datatype":"FP64","shape":[1,3],"name":"p"}],"model_name":"m","parameters":{"a":[1]}}""")]
    [InlineData("""{"model_name":"\u006d","outputs":[{"name":"p","data":[0.5,0.25,0.25]}]}""")]
    public void KServe_response_of_one_prediction(string body)
    {
        Assert.Equal(RejectionReason.None, Decode(body, KServe));
        Decoding.AssertClose([0.5, 0.25, 0.25, 0], _decoding.Record.Probabilities.ToArray());
        Assert.Equal(body.Contains("42", StringComparison.Ordinal) ? "42" : "", _decoding.Record.Id.ToString());
    }

    [Fact]
    public void KServe_output_is_chosen_by_name()
    {
        const string body =
            """{"model_name":"m","outputs":[{"name":"label","shape":[1],"datatype":"BYTES","data":["a"]},{"data":[0,1,0],"name":"probs"}]}""";
        Assert.Equal(RejectionReason.None, Decode(body, "kserve-v2/probs"));
        Decoding.AssertClose([0, 1, 0, 0], _decoding.Record.Probabilities.ToArray());
        Assert.Equal(RejectionReason.None, Decode(body, "kserve-v2/label"));
        Decoding.AssertClose([1, 0, 0, 0], _decoding.Record.Probabilities.ToArray());
        Assert.Equal(RejectionReason.MissingOutput, Decode(body, "kserve-v2/other"));
    }

    [Theory]
    [InlineData(
        """{"model_name":"m","outputs":[{"name":"p","data":[1,0,0]},{"name":"q","data":[1,0,0]}]}""", RejectionReason.SeveralOutputs)]
    [InlineData("""{"model_name":"m","outputs":[]}""", RejectionReason.MissingOutput)]
    [InlineData("""{"model_name":"m"}""", RejectionReason.MissingOutput)]
    [InlineData("""{"model_name":"m","outputs":{"p":[1]}}""", RejectionReason.WrongType)]
    [InlineData("""{"model_name":"m","outputs":[[1,0,0]]}""", RejectionReason.WrongType)]
    [InlineData("""{"model_name":"m","outputs":[{"name":"p"}]}""", RejectionReason.WrongType)]
    [InlineData("""{"model_name":"m","outputs":[{"name":"p","data":{"a":1}}]}""", RejectionReason.WrongType)]
    [InlineData("""{"model_name":"m","outputs":[{"name":"p","data":[1,0]}]}""", RejectionReason.WrongArity)]
    [InlineData("""{"model_name":"m","outputs":[{"name":"p","data":[1e999,0,0]}]}""", RejectionReason.NotFinite)]
    [InlineData("""{"model_name":7,"outputs":[{"name":"p","data":[1,0,0]}]}""", RejectionReason.WrongType)]
    [InlineData("""{"outputs":[{"name":"p","data":[1,0,0]}]}""", RejectionReason.MissingModel)]
    [InlineData("""[1]""", RejectionReason.NotAnObject)]
    [InlineData("""{"model_name":7,"outputs":[""", RejectionReason.Malformed)]
    [InlineData("""{"error":"no such model"}""", RejectionReason.MissingOutput)]
    public void Bad_KServe_response_has_its_reason(string body, RejectionReason reason) => Assert.Equal(reason, Decode(body, KServe));

    [Fact]
    public void Binary_CloudEvent_tells_time_and_model_where_the_data_do_not()
    {
        var headers = Headers(
            ("ce_specversion", "1.0"), ("ce_id", "e1"), ("ce_time", "2026-01-01T00:00:01Z"), ("ce_inferenceservicename", "m"));
        Assert.Equal(RejectionReason.None, Decode("""{"label":"a"}""", "cloudevents+json", headers));
        Assert.Equal(
            ("m", "e1", 1_767_225_601_000), (_decoding.Record.Model.Name, _decoding.Record.Id.ToString(), _decoding.Record.PayloadTimeMs));

        Assert.Equal(
            RejectionReason.None, Decode($$"""{"probs":[1,0],"model":"other","ts":{{Ms}}}""", "cloudevents+json", headers));
        Assert.Equal(("other", Ms), (_decoding.Record.Model.Name, _decoding.Record.PayloadTimeMs));

        Assert.Equal(RejectionReason.None, Decode(new Prediction { Label = "b" }.ToByteArray(), "cloudevents+protobuf", headers));
        Assert.Equal(1, _decoding.Record.Probabilities[1]);
    }

    [Fact]
    public void Structured_CloudEvent_of_KServes_payload_logger()
    {
        const string value = """
            {"specversion":"1.0","id":"0b9d","source":"http://localhost:9081/","type":"org.kubeflow.serving.inference.response","datacontenttype":"application/json",
             "inferenceservicename":"m","namespace":"prod","time":"2026-01-01T00:00:01.25Z",
             "data":{"outputs":[{"name":"p","shape":[1,3],"datatype":"FP32","data":[0.25,0.25,0.5]}]}}
            """;
        Assert.Equal(RejectionReason.None, Decode(value, "cloudevents+kserve-v2"));
        Decoding.AssertClose([0.25, 0.25, 0.5, 0], _decoding.Record.Probabilities.ToArray());
        Assert.Equal(
            ("m", "0b9d", 1_767_225_601_250),
            (_decoding.Record.Model.Name, _decoding.Record.Id.ToString(), _decoding.Record.PayloadTimeMs));
    }

    [Fact]
    public void Structured_CloudEvent_may_hold_bytes()
    {
        var data = Convert.ToBase64String(new Prediction { Model = "m", Probs = Of(0, 0, 1) }.ToByteArray());
        Assert.Equal(RejectionReason.None, Decode($$"""{"data_base64":"{{data}}","specversion":"1.0"}""", "cloudevents+protobuf"));
        Decoding.AssertClose([0, 0, 1, 0], _decoding.Record.Probabilities.ToArray());
    }

    [Theory]
    [InlineData("""{"model":"m","label":"a"}""", RejectionReason.NotACloudEvent)]
    [InlineData("""{"specversion":"1.0"}""", RejectionReason.Empty)]
    [InlineData("""{"specversion":"1.0","data":null}""", RejectionReason.Empty)]
    [InlineData("""{"specversion":"1.0","data":{"model":"m","label":"a"},"data_base64":""}""", RejectionReason.DuplicateField)]
    [InlineData("""{"specversion":"1.0","data":[]}""", RejectionReason.NotAnObject)]
    [InlineData("""{"specversion":"1.0","data_base64":"&"}""", RejectionReason.Malformed)]
    [InlineData("""{"specversion":"1.0","data_base64":7}""", RejectionReason.WrongType)]
    [InlineData("""{"specversion":"1.0","data":{"model":"m","label":"a"}""", RejectionReason.Malformed)]
    [InlineData("\"1.0\"", RejectionReason.NotAnObject)]
    [InlineData("", RejectionReason.Empty)]
    public void Bad_structured_CloudEvent_has_its_reason(string value, RejectionReason reason) =>
        Assert.Equal(reason, Decode(value, "cloudevents+json"));

    [Theory]
    [InlineData("yesterday")]
    [InlineData("9999-01-01T00:00:00Z")]
    [InlineData("")]
    public void Time_of_a_CloudEvent_that_cannot_be_read_falls_back(string time)
    {
        RejectionReason[] read =
        [
            Decode("""{"model":"m","label":"a"}""", "cloudevents+json", Headers(("ce_specversion", "1.0"), ("ce_time", time))),
            Decode($$$"""{"specversion":"1.0","time":"{{{time}}}","data":{"model":"m","label":"a"}}""", "cloudevents+json"),
        ];
        Assert.All(read, reason => Assert.Equal(RejectionReason.None, reason));
        Assert.Null(_decoding.Record.PayloadTimeMs);
        Assert.Equal(PredictionField.Timestamp, _decoding.Decoder.FallenBack);
    }

    [Fact]
    public void Fields_of_protobuf_that_cannot_be_read_fall_back()
    {
        Assert.Equal(
            RejectionReason.None, Decode(new Prediction { Model = "m", TsMs = -1, Segment = "_all", Label = "a" }.ToByteArray(), Protobuf));
        Assert.Equal((null, null), (_decoding.Record.PayloadTimeMs, _decoding.Record.Segment?.Name));
        Assert.Equal(PredictionField.Timestamp | PredictionField.Segment, _decoding.Decoder.FallenBack);
    }

    /// <summary>Whatever the bytes, a distribution or a reason, and the same again.</summary>
    [Fact]
    public void Mutated_bytes_never_throw()
    {
        (string Format, byte[] Value)[] valid =
        [
            (Protobuf, new Prediction { Model = "m", TsMs = Ms, Segment = "s", Probs = Named(("a", 0.5f), ("x", 0.5f)) }.ToByteArray()),
            (
                Protobuf, new Prediction
                {
                    Model = "m",
                    Policy = new Policies { Current = Of(0.5f, 0.25f, 0.25f), Reference = Of(0, 0.5f, 0.5f) },
                }.ToByteArray()),
            (
                KServe, Encoding.UTF8.GetBytes(
                    """{"model_name":"m","outputs":[{"name":"p","shape":[1,3],"datatype":"FP32","data":[0.5,0.25,0.25]}]}""")),
            (
                "cloudevents+json", Encoding.UTF8.GetBytes(
                    """{"specversion":"1.0","time":"2026-01-01T00:00:00Z","inferenceservicename":"m","data":{"probs":[0.5,0.25,0.25]}}""")),
            ("cloudevents+protobuf", Encoding.UTF8.GetBytes("""{"specversion":"1.0","data_base64":"CgFtQgFh"}""")),
        ];
        foreach (var (format, value) in valid)
        {
            Assert.Equal(RejectionReason.None, Decode(value, format));
        }

        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 300], Gen.Byte).Array[1, 4]).Sample(
            (which, mutations) =>
        {
            var (format, value) = valid[which];
            var bytes = mutations.Aggregate(value, Mutate);
            var decoding = new Decoding("a", "b", "c");
            var first = Decode(decoding, bytes, format);
            Assert.Equal(first, Decode(decoding, bytes, format));
            if (first == RejectionReason.None)
            {
                Assert.Equal(decoding.Record.HasDistribution ? 1 : 0, decoding.Record.Probabilities.ToArray().Sum(), 1e-9);
            }
        }, iter: Trials.Of(everyRun: 10_000, full: 50_000));
    }

    [Theory]
    [InlineData("kserve-v2", "KServeV2", null, "Unknown")]
    [InlineData("kserve-v2=probability", "KServeV2", null, "Probability")]
    [InlineData("kserve-v2/scores=multilabel", "KServeV2", "scores", "Multilabel")]
    [InlineData("kserve-v2/StatefulPartitionedCall:0=score", "KServeV2", "StatefulPartitionedCall:0", "Score")]
    [InlineData("kserve-v2-grpc/p", "ModelInfer", "p", "Unknown")]
    [InlineData("openai-chat", "ChatCompletion", null, "Unknown")]
    public void Formats_name_an_output_and_what_it_is(string text, string payload, string? output, string declared)
    {
        Assert.True(PredictionFormat.TryParse(text, out var format));
        Assert.Equal((payload, output, declared), (format.Payload.ToString(), format.Output, format.Declared.ToString()));
    }

    [Fact]
    public void Single_responses_of_any_encoding_are_decoded()
    {
        const string score = """{"model_name":"two","outputs":[{"name":"s","datatype":"FP32","shape":[1,1],"data":[0.25]}]}""";
        Assert.Equal(RejectionReason.SingleClass, Decode(score, KServe));
        Assert.Equal(RejectionReason.None, Decode(score, "kserve-v2/s=probability"));
        Decoding.AssertClose([0.75, 0.25, 0], _decoding.Record.Probabilities.ToArray());
        const string scores = """{"model_name":"tags","outputs":[{"name":"s","datatype":"FP32","shape":[1,2],"data":[0.25,1]}]}""";
        Assert.Equal(RejectionReason.None, Decode(scores, "kserve-v2/s=multilabel"));
        Decoding.AssertClose([0.375, 0.125, 0, 0.5, 0], _decoding.Record.Probabilities.ToArray());

        var response = new Tests.Formats.Proto.ModelInferResponse
        {
            ModelName = "m",
            Outputs =
            {
                new Tests.Formats.Proto.ModelInferResponse.Types.InferOutputTensor { Name = "p", Datatype = "FP32", Shape = { 1, 3 } },
            },
            RawOutputContents = { ByteString.CopyFrom(0, 0, 0, 0x3f, 0, 0, 0, 0x3f, 0, 0, 0, 0) },
        }.ToByteArray();
        Assert.Equal(RejectionReason.None, Decode(response, "kserve-v2-grpc/p"));
        Decoding.AssertClose([0.5, 0.5, 0, 0], _decoding.Record.Probabilities.ToArray());
        Assert.Equal(RejectionReason.MissingOutput, Decode(response, "kserve-v2-grpc/q"));

        Assert.Equal(
            RejectionReason.None,
            Decode(
                """{"model":"m","created":1764000000,"choices":[{"logprobs":{"content":[{"token":"a","logprob":-0.6931471805599453}]}}]}""",
                "openai-chat"));
        Assert.Equal((0.5, 0.5), (_decoding.Record.Probabilities[0], Math.Round(_decoding.Record.Probabilities[3], 12)));
    }

    [Theory]
    [InlineData("xml")]
    [InlineData("")]
    [InlineData("kserve-v2/")]
    [InlineData("kserve-v2=")]
    [InlineData("kserve-v2=model")]
    [InlineData("kserve-v2/p=policy")]
    [InlineData("kserve-v2/=probs")]
    [InlineData("kserve-v23")]
    [InlineData("openai-chat/x")]
    [InlineData("json/x")]
    [InlineData("cloudevents+")]
    [InlineData("cloudevents+cloudevents+json")]
    public void Formats_that_there_are_not(string text) => Assert.False(SourceOptions.IsFormat(text));

    private static byte[] Mutate(byte[] bytes, (int Kind, int At, byte Byte) mutation)
    {
        var at = mutation.At % (bytes.Length + 1);
        return mutation.Kind switch
        {
            0 => [.. bytes[..at], mutation.Byte, .. bytes[at..]],
            1 => [.. bytes[..at], mutation.Byte, .. bytes[at..].Skip(1)],
            2 => [.. bytes[..at], .. bytes[at..].Skip(1 + (mutation.Byte % 4))],
            _ => [.. bytes[..at], .. bytes[(at / 2)..]],
        };
    }

    private static Values Of(params float[] values) => new() { Values_ = { values } };

    private static Values Named(params (string Class, float Value)[] values) =>
        new() { Values_ = { values.Select(value => value.Value) }, Classes = { values.Select(value => value.Class) } };

    private static Headers Headers(params (string Name, string Value)[] headers)
    {
        var all = new Headers();
        foreach (var (name, value) in headers)
        {
            all.Add(name, Encoding.UTF8.GetBytes(value));
        }

        return all;
    }

    private RejectionReason Decode(string value, string format, Headers? headers = null) =>
        Decode(_decoding, Encoding.UTF8.GetBytes(value), format, headers);

    private RejectionReason Decode(byte[] value, string format, Headers? headers = null) =>
        Decode(_decoding, value, format, headers);

    private static RejectionReason Decode(Decoding decoding, byte[] value, string format, Headers? headers = null) =>
        decoding.Read(value, format, headers);
}
