using System.Text;
using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Formats.Proto;
using Google.Protobuf;
using Xunit.Sdk;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>
/// The same for what is not the project's own JSON of predictions: whatever the bytes, a distribution or a reason, never an exception, and
/// the same again for the same bytes. The inputs are accepted before they are mutated. <c>DRIFTMONITOR_FUZZ_INPUTS</c> and
/// <c>DRIFTMONITOR_FUZZ_SEED</c> as in <see cref="PredictionFuzzTests"/>.
/// </summary>
public sealed class WireFormatFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[][] Bodies = Bytes(
        """{"model_name":"m","id":"42","outputs":[{"name":"probs","shape":[1,4],"datatype":"FP32","data":[0.5,0.25,0.125,0.125]}]}""",
        """{"outputs":[{"data":[[0.5,0.25,0.125,0.125]],"shape":[1,4],"name":"\u0070robs"}],"model_name":"\u006d","parameters":{"a":[1]}}""",
        """{"model_name":"m","outputs":[{"name":"label","data":["a"]},{"data":[0,1,0,0],"name":"probs"}]}""",
        """{"model_name":"m","outputs":[{"name":"probs","datatype":"INT64","shape":[1,1],"data":[3]}]}""");

    private static readonly byte[][] Events = Bytes(
        """{"specversion":"1.0","id":"42","time":"2026-01-01T00:00:00Z","data":{"model":"m","probs":[0.5,0.25,0.125,0.125]}}""",
        """{"data_base64":"eyJtb2RlbCI6Im0iLCJsYWJlbCI6ImIifQ==","specversion":"1.0","inferenceservicename":"m"}""",
        """{"specversion":"1.0","data_base64":"eyJsYWJlbCI6ImIifQ\u003d\u003d","inferenceservicename":"\u006d","type":"x","time":"2026-01-01T00:00:00\u002B01:00"}""");

    private static readonly byte[][] Labels = Bytes(
        """{"model":"m","id":"p1","ts":1767225605222,"label":"b"}""",
        """{"model":"m","id":17,"label_index":3,"extra":[{"label":3}]}""",
        """{"model":"m","id":"p1","labels":{"a":0.25,"b":0.75}}""",
        """{"label":"\u0061","model":"m","probs":[0.5,0.25,0.125,0.125],"segment":"s"}""",
        """{"model":"m","policy":{"current":{"a":1},"reference":{"a":0.25,"c":0.75}},"labels":{"a":1}}""",
        """{"model":"t","multilabel":{"x":0.5,"y":0.25},"labels":["x","y"]}""",
        """{"model":"t","multilabel":[0.5,0.25],"labels":[1,false]}""",
        """{"model":"t","multilabel":[0.5,0.25],"labels":{"x":0.5,"y":0.75}}""");

    private static readonly byte[][] Messages =
    [
        new Prediction
        {
            Model = "m",
            Id = "42",
            Segment = "s",
            TsMs = 1_767_225_600_100,
            Probs = new Values { Values_ = { 0.5f, 0.25f, 0.125f, 0.125f } },
        }.ToByteArray(),
        new Prediction { Model = "m", Probs = new Values { Classes = { "a", "x" }, Values_ = { 0.5f, 0.5f } } }.ToByteArray(),
        new Prediction { Model = "m", TopLogprobs = new Values { Classes = { "a", "b" }, Values_ = { -0.5f, -1.5f } } }.ToByteArray(),
        new Prediction { Model = "pairs", Rewards = new Rewards { Chosen = 1.5, Rejected = -2 } }.ToByteArray(),
        new Prediction
        {
            Model = "m",
            Policy = new Policies
            {
                Current = new Values { Values_ = { 1, 0, 0, 0 } },
                Reference = new Values { Values_ = { 0.5f, 0.5f, 0, 0 } },
            },
        }.ToByteArray(),
        new Prediction
        {
            Model = "m",
            PolicyLogprobs = new Policies { Current = new Values { Values_ = { -1 } }, Reference = new Values { Values_ = { -2 } } },
        }.ToByteArray(),
        new Prediction { Model = "m", Label = "b" }.ToByteArray(),
    ];

    [Theory]
    [InlineData("kserve-v2")]
    [InlineData("kserve-v2/probs")]
    [InlineData("cloudevents+json")]
    [InlineData("cloudevents+kserve-v2")]
    [InlineData("cloudevents+protobuf")]
    [InlineData("protobuf")]
    [InlineData("feedback")]
    public void Mutated_payloads_are_rejected_or_what_they_should_be(string format)
    {
        var valid = format switch
        {
            "protobuf" => Messages,
            "feedback" => Labels,
            "cloudevents+protobuf" =>
                [
                    .. Messages.Select(
                        message =>
                            Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","data_base64":"{{Convert.ToBase64String(message)}}"}"""))],
            "cloudevents+kserve-v2" =>
                [
                    .. Bodies.Take(2).Select(
                        body => Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","data":{{Encoding.UTF8.GetString(body)}}}"""))],
            _ when format.StartsWith("cloudevents", StringComparison.Ordinal) => Events,
            "kserve-v2" => Bodies[..2],
            _ => Bodies,
        };
        Assert.All(valid, bytes => Assert.Equal(RejectionReason.None, Check(format, bytes)));

        var random = new Random(Fuzzing.Seed);
        var reasons = new long[Enum.GetValues<RejectionReason>().Length];
        for (var input = 0L; input < Fuzzing.Inputs; input++)
        {
            var bytes = format == "protobuf" ? MutatedBytes.Next(random, Messages) : MutatedJson.Next(random, valid);
            try
            {
                reasons[(int)Check(format, bytes)]++;
            }
            catch (Exception problem)
            {
                throw new XunitException($"{format}, input {input} of seed {Fuzzing.Seed}, {Convert.ToBase64String(bytes)}: {problem}");
            }
        }

        var seen = Enum.GetValues<RejectionReason>().Where(reason => reasons[(int)reason] > 0)
            .Select(reason => $"{reasons[(int)reason]} {reason}");
        output.WriteLine($"{format}: {Fuzzing.Inputs} inputs; {string.Join(", ", seen)}");
        Assert.True(reasons[(int)RejectionReason.None] > Fuzzing.Inputs / 100, "hardly any input is accepted");
    }

    private static RejectionReason Check(string format, byte[] bytes)
    {
        var models = new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true);
        models.Add("m").Fix(new ModelClasses(ClassSpace.Create(["a", "b", "c", "3"]), ModelClasses.Configured));
        models.Add("t").Fix(new ModelClasses(ClassSpace.CreateIndependent(["x", "y"]), ModelClasses.Configured));
        var settings = new PredictionDecoderSettings();
        var decoder = new PredictionDecoder(models, settings);
        if (format == "feedback")
        {
            var labels = new FeedbackJsonDecoder(decoder, settings, null);
            var (label, again) = (labels.Decode(bytes, default), labels.Decode(bytes, default));
            Assert.Equal(label.Rejection, again.Rejection);
            if (label is { Rejection: RejectionReason.None, Prediction: { } own })
            {
                Assert.Equal(1, own.Probabilities.Sum(), 1e-9);
                var loss = label.Label.ObjectionTo(own.Space) is null ? FeedbackOutcome.Create(own, label.Label).LossUnits : 0;
                Assert.InRange(loss, 0, long.MaxValue);
            }

            return label.Rejection;
        }

        var (reader, headers) = (Decoding.Reader(format, decoder), new Headers());
        var record = reader.Record;
        reader.Begin(bytes, isNull: false, headers, default);
        if (reader.TryNext() && record.IsIgnored)
        {
            return RejectionReason.None;
        }

        var reason = record.Rejection;
        var cells = reason == RejectionReason.None ? record.Probabilities.ToArray() : [];
        Assert.True(Array.TrueForAll(cells, p => p is >= 0 and <= 1 + 1e-9), $"no distribution: {string.Join(' ', cells)}");
        Assert.Equal(reason == RejectionReason.None && record.HasDistribution ? 1 : 0, cells.Sum(), 1e-9);
        reader.Begin(bytes, isNull: false, headers, default);
        Assert.True(reader.TryNext());
        Assert.Equal(reason, record.Rejection);
        Assert.Equal(cells, reason == RejectionReason.None ? record.Probabilities.ToArray() : []);
        return reason;
    }

    private static byte[][] Bytes(params string[] payloads) => [.. payloads.Select(Encoding.UTF8.GetBytes)];
}
