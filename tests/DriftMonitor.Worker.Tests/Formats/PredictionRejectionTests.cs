using System.Text;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class PredictionRejectionTests
{
    private readonly Decoding _decoding = new("a", "b");

    [Theory]
    [InlineData("", RejectionReason.Empty)]
    [InlineData(" ", RejectionReason.Malformed)]
    [InlineData("[]", RejectionReason.NotAnObject)]
    [InlineData("null", RejectionReason.NotAnObject)]
    [InlineData("\"x\"", RejectionReason.NotAnObject)]
    [InlineData("17", RejectionReason.NotAnObject)]
    [InlineData("""[{"model":"m","probs":[0.5,0.5]}]""", RejectionReason.NotAnObject)]
    [InlineData("[", RejectionReason.Malformed)]
    [InlineData("nul", RejectionReason.Malformed)]
    [InlineData("\"x\" y", RejectionReason.Malformed)]
    [InlineData("{}", RejectionReason.MissingOutput)]
    [InlineData("""{"model":"m"}""", RejectionReason.MissingOutput)]
    [InlineData("""{"model":"m","Probs":[0.5,0.5]}""", RejectionReason.MissingOutput)]
    [InlineData("""{"model":"m","probs":null}""", RejectionReason.MissingOutput)]
    [InlineData("""{"model":"m","probs":[0.5,0.5],"logits":[1,2]}""", RejectionReason.SeveralOutputs)]
    [InlineData("""{"model":"m","probs":[0.5,0.5],"label":"a"}""", RejectionReason.SeveralOutputs)]
    [InlineData("""{"model":"m","score":0.5,"label":"a"}""", RejectionReason.SeveralOutputs)]
    [InlineData("""{"model":"m","score":0.5,"policy":{}}""", RejectionReason.SeveralOutputs)]
    [InlineData("""{"model":"m","rewards":{"chosen":1}}""", RejectionReason.IncompleteOutput)]
    [InlineData("""{"model":"m","rewards":{"chosen":1,"rejected":null}}""", RejectionReason.IncompleteOutput)]
    [InlineData("""{"model":"m","rewards":{"chosen":1,"rejected":0,"chosen":2}}""", RejectionReason.DuplicateField)]
    [InlineData("""{"model":"m","rewards":{"chosen":1,"rejected":"0"}}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","rewards":{"chosen":1,"rejected":[0]}}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","rewards":{"chosen":1e999,"rejected":0}}""", RejectionReason.NotFinite)]
    [InlineData("""{"model":"m","rewards":{"chosen":1,"rejected":0}}""", RejectionReason.FormMismatch)] // other classes
    [InlineData("""{"model":"m","rewards":[1,0]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","rewards":{"chosen":1,"rejected":0}""", RejectionReason.Malformed)]
    [InlineData("""{"model":"m","score":0.5}""", RejectionReason.FormMismatch)] // classes, no bins
    [InlineData("""{"model":"new","score":0.5}""", RejectionReason.UnknownClassSpace)]
    [InlineData("""{"model":"m","score":"high"}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","score":[1]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","top_logprobs":[-0.1]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","top_logprobs":{}}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","top_logprobs":{"a":null,"b":-1e999}}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","top_logprobs":{"a":0.1}}""", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("""{"model":"m","top_logprobs":{"a":-0.1,"b":-0.1}}""", RejectionReason.SumNotOne)]
    [InlineData("""{"model":"m","top_logprobs":{"a":1e999}}""", RejectionReason.NotFinite)]
    [InlineData("""{"model":"m","top_logprobs":{"a":-1,"__rest__":-1}}""", RejectionReason.DuplicateField)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.5]}}""", RejectionReason.IncompleteOutput)]
    [InlineData("""{"model":"m","policy":{}}""", RejectionReason.IncompleteOutput)]
    [InlineData("""{"model":"m","policy":[0.5,0.5]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.5],"reference":0.5}}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.5],"reference":{"a":1}}}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.5],"reference":[0.5,0.25,0.25]}}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.5],"reference":[]}}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.5],"reference":[0.5,0.6]}}""", RejectionReason.SumNotOne)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.6],"reference":[0.5,0.5]}}""", RejectionReason.SumNotOne)]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.5],"reference":[1e999,0]}}""", RejectionReason.NotFinite)]
    [InlineData(
        """{"model":"m","policy":{"current":[0.5,0.5],"current":[0.5,0.5],"reference":[0.5,0.5]}}""", RejectionReason.DuplicateField)]
    [InlineData("""{"model":"m","policy_logprobs":{"current":[-1],"reference":[-1,-2]}}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","policy_logprobs":{"current":[],"reference":[]}}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","policy_logprobs":{"current":{"a":-1},"reference":{"a":-1}}}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","policy_logprobs":{"current":[-1e999],"reference":[-1]}}""", RejectionReason.NotFinite)]
    public void Payload_ThatIsNoPredictionAtAll(string json, RejectionReason reason) => Assert.Equal(reason, _decoding.Decode(json));

    [Theory]
    [InlineData("""{"probs":[0.5,0.5]}""", RejectionReason.MissingModel)]
    [InlineData("""{"model":null,"probs":[0.5,0.5]}""", RejectionReason.MissingModel)]
    [InlineData("""{"model":"","probs":[0.5,0.5]}""", RejectionReason.InvalidName)]
    [InlineData("""{"model":"a\u0000b","probs":[0.5,0.5]}""", RejectionReason.InvalidName)]
    [InlineData("""{"model":"a\nb","probs":[0.5,0.5]}""", RejectionReason.InvalidName)]
    [InlineData("{\"model\":\"a\u0085b\",\"probs\":[0.5,0.5]}", RejectionReason.InvalidName)]
    [InlineData("{\"model\":\"a\u007fb\",\"probs\":[0.5,0.5]}", RejectionReason.InvalidName)]
    [InlineData("{\"model\":\"a\nb\",\"probs\":[0.5,0.5]}", RejectionReason.Malformed)] // JSON wants it escaped
    [InlineData("""{"model":7,"probs":[0.5,0.5]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":["m"],"probs":[0.5,0.5]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":{"name":"m"},"probs":[0.5,0.5]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"\ud800","probs":[0.5,0.5]}""", RejectionReason.Malformed)]
    [InlineData("""{"model":"\udc00\ud800","probs":[0.5,0.5]}""", RejectionReason.Malformed)]
    [InlineData("""{"model":"m","segment":"\ud800","probs":[0.5,0.5]}""", RejectionReason.Malformed)]
    public void Payload_WithANameThatIsNone(string json, RejectionReason reason) => Assert.Equal(reason, _decoding.Decode(json));

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"_all\"")]
    [InlineData("\"_\\u0061ll\"")]
    [InlineData("\"a\\tb\"")]
    [InlineData("[\"s\"]")]
    [InlineData("{\"s\":1}")]
    public void Segment_ThatCannotBeShown_DoesNotCostThePrediction(string segment)
    {
        Assert.Equal(RejectionReason.None, _decoding.Decode($$"""{"model":"m","segment":{{segment}},"probs":[0.5,0.5]}"""));
        Assert.Null(_decoding.Record.Segment);
        Assert.Equal(PredictionField.Segment, _decoding.Decoder.FallenBack);
    }

    [Theory]
    [InlineData("3", "3")]
    [InlineData("3.0", "3")]
    [InlineData("3.5", "3.5")]
    [InlineData("true", "true")]
    public void Segment_ThatIsANumberOrBoolean_IsItsText(string segment, string name)
    {
        Assert.Equal(RejectionReason.None, _decoding.Decode($$"""{"model":"m","segment":{{segment}},"probs":[0.5,0.5]}"""));
        Assert.Equal(name, _decoding.Record.Segment?.Name);
        Assert.Equal(PredictionField.Unknown, _decoding.Decoder.FallenBack);
    }

    [Theory]
    [InlineData("[0.5,0.5", RejectionReason.Malformed)]
    [InlineData("[0.5,0.5,]", RejectionReason.Malformed)]
    [InlineData("[,0.5,0.5]", RejectionReason.Malformed)]
    [InlineData("[0.5 0.5]", RejectionReason.Malformed)]
    [InlineData("[0.5,0.5}", RejectionReason.Malformed)]
    [InlineData("[.5,.5]", RejectionReason.Malformed)]
    [InlineData("[5.e-1,0.5]", RejectionReason.Malformed)]
    [InlineData("[00.5,0.5]", RejectionReason.Malformed)]
    [InlineData("[+0.5,0.5]", RejectionReason.Malformed)]
    [InlineData("[0.5e,0.5]", RejectionReason.Malformed)]
    [InlineData("[0x1,0.5]", RejectionReason.Malformed)]
    [InlineData("[NaN,1]", RejectionReason.Malformed)]
    [InlineData("[Infinity,0]", RejectionReason.Malformed)]
    [InlineData("[-Infinity,1]", RejectionReason.Malformed)]
    [InlineData("[0.5,/* half */0.5]", RejectionReason.Malformed)]
    [InlineData("[\"NaN\",1]", RejectionReason.WrongType)]
    [InlineData("[\"0.5\",\"0.5\"]", RejectionReason.WrongType)]
    [InlineData("[0.5,null]", RejectionReason.WrongType)]
    [InlineData("[true,false]", RejectionReason.WrongType)]
    [InlineData("[[0.5,0.5]]", RejectionReason.WrongType)]
    [InlineData("[0.5,{\"p\":0.5}]", RejectionReason.WrongType)]
    [InlineData("\"0.5,0.5\"", RejectionReason.WrongType)]
    [InlineData("0.5", RejectionReason.WrongType)]
    [InlineData("true", RejectionReason.WrongType)]
    [InlineData("[]", RejectionReason.WrongArity)]
    [InlineData("[1]", RejectionReason.SingleClass)]
    [InlineData("[0.5,0.25,0.25]", RejectionReason.WrongArity)] // K + 1: the cell of the others is not the producer's to give
    [InlineData("[1e999,0]", RejectionReason.NotFinite)]
    [InlineData("[0,-1e999]", RejectionReason.NotFinite)]
    [InlineData("[0,1e99999999999999999999]", RejectionReason.NotFinite)]
    [InlineData("[1e308,0]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("[-0.5,1.5]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("[-0.0001,1]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("[1.5,0]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("[50,50]", RejectionReason.ProbabilityOutOfRange)] // percent
    [InlineData("[0.5,0.4]", RejectionReason.SumNotOne)]
    [InlineData("[0,0]", RejectionReason.SumNotOne)]
    [InlineData("[1,1]", RejectionReason.SumNotOne)]
    [InlineData("[1e-999,0.5]", RejectionReason.SumNotOne)]
    [InlineData("{}", RejectionReason.WrongArity)]
    [InlineData("{\"a\":0.5,\"b\":\"0.5\"}", RejectionReason.WrongType)]
    [InlineData("{\"a\":[0.5],\"b\":0.5}", RejectionReason.WrongType)]
    [InlineData("{\"a\":null,\"b\":1}", RejectionReason.WrongType)]
    [InlineData("{\"a\":0.5,\"a\":0.5}", RejectionReason.DuplicateField)]
    [InlineData("{\"a\":0.5,\"\\u0061\":0.5}", RejectionReason.DuplicateField)]
    [InlineData("{\"x\":0.5,\"x\":0.5}", RejectionReason.DuplicateField)]
    [InlineData("{\"__other__\":0.5,\"__other__\":0.5}", RejectionReason.DuplicateField)]
    [InlineData("{\"\":1}", RejectionReason.InvalidName)]
    [InlineData("{\"\\ud800\":1}", RejectionReason.Malformed)]
    [InlineData("{\"a\":0.5,\"b\":0.5,}", RejectionReason.Malformed)]
    [InlineData("{\"a\":0.5,\"b\"}", RejectionReason.Malformed)]
    [InlineData("{\"a\":1e999}", RejectionReason.NotFinite)]
    [InlineData("{\"a\":0.5,\"x\":-0.5}", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("{\"a\":0.5,\"b\":0.25}", RejectionReason.SumNotOne)]
    public void Probs_ThatAreNoDistribution(string probs, RejectionReason reason) =>
        Assert.Equal(reason, _decoding.Decode($$"""{"model":"m","probs":{{probs}}}"""));

    [Theory]
    [InlineData("\"logits\":[1]", RejectionReason.SingleClass)]
    [InlineData("\"logits\":[1,1e999]", RejectionReason.NotFinite)]
    [InlineData("\"logits\":[1,-1e999]", RejectionReason.NotFinite)]
    [InlineData("\"logits\":{}", RejectionReason.WrongArity)]
    [InlineData("\"logits\":\"1,2\"", RejectionReason.WrongType)]
    [InlineData("\"logits\":{\"a\":1,\"a\":1}", RejectionReason.DuplicateField)]
    [InlineData("\"logprobs\":[0.5,-1]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("\"logprobs\":[800,-1]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("\"logprobs\":[-1,-1]", RejectionReason.SumNotOne)]
    [InlineData("\"logprobs\":[0,-1e999]", RejectionReason.NotFinite)]
    [InlineData("\"logprobs\":[0]", RejectionReason.SingleClass)]
    [InlineData("\"logprobs\":7", RejectionReason.WrongType)]
    [InlineData("\"label\":\"\"", RejectionReason.InvalidName)]
    [InlineData("\"label\":\"\\udfff\"", RejectionReason.Malformed)]
    [InlineData("\"label\":1e0", RejectionReason.WrongType)]
    [InlineData("\"label\":[\"a\"]", RejectionReason.WrongType)]
    [InlineData("\"label\":{\"a\":1}", RejectionReason.WrongType)]
    public void OtherForms_ThatAreNoDistribution(string output, RejectionReason reason) =>
        Assert.Equal(reason, _decoding.Decode($$"""{"model":"m",{{output}}}"""));

    [Theory]
    [InlineData("""{"model":"m","model":"m","probs":[0.5,0.5]}""")]
    [InlineData("""{"model":"m","probs":[0.5,0.5],"m\u006fdel":"m"}""")]
    [InlineData("""{"model":"m","probs":[0.5,0.5],"probs":[0.5,0.5]}""")]
    [InlineData("""{"model":"m","probs":[0.5,0.5],"probs":null}""")]
    [InlineData("""{"model":"m","id":"1","id":"1","probs":[0.5,0.5]}""")]
    [InlineData("""{"model":"m","ts":1767225600100,"ts":1767225600100,"probs":[0.5,0.5]}""")]
    [InlineData("""{"model":"m","segment":null,"segment":"s","probs":[0.5,0.5]}""")]
    public void Field_ThatStandsTwice(string json) => Assert.Equal(RejectionReason.DuplicateField, _decoding.Decode(json));

    [Theory]
    [InlineData("""{"model":"m","probs":[0.5,0.5]}{}""")]
    [InlineData("""{"model":"m","probs":[0.5,0.5]} x""")]
    [InlineData("""{"model":"m","probs":[0.5,0.5],}""")]
    [InlineData("""{"model":"m" "probs":[0.5,0.5]}""")]
    [InlineData("""{"model":"m","probs":[0.5,0.5]/**/}""")]
    [InlineData("""{'model':'m','probs':[0.5,0.5]}""")]
    [InlineData("""{model:"m","probs":[0.5,0.5]}""")]
    [InlineData("""{"model":"m\x","probs":[0.5,0.5]}""")]
    [InlineData("""{"model":"m","extra":[1,}],"probs":[0.5,0.5]}""")]
    [InlineData("\ufeff{\"model\":\"m\",\"probs\":[0.5,0.5]}")]
    public void Text_ThatIsNoJson(string json) => Assert.Equal(RejectionReason.Malformed, _decoding.Decode(json));

    [Theory]
    [InlineData("""{"model":"m","id":"p1","ts":1767225600100,"segment":"s","probs":[0.5,0.5],"extra":{"a":[1,"\u00e4"]}}""")]
    [InlineData("""{"probs":{"a":0.5,"b":0.5},"ts":"2026-01-01T00:00:00Z","model":"m"}""")]
    [InlineData("""{"probs":[2,"x"],"model":7,"model":7}""")] // no JSON goes before every other reason
    public void Json_TruncatedAnywhere_IsMalformed(string json)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        for (var length = 1; length < utf8.Length; length++)
        {
            Assert.Equal(RejectionReason.Malformed, _decoding.Decode(utf8.AsSpan(0, length)));
        }

        Assert.NotEqual(RejectionReason.Malformed, _decoding.Decode(utf8));
    }

    [Theory]
    [InlineData(62, RejectionReason.None)]
    [InlineData(63, RejectionReason.None)]
    [InlineData(64, RejectionReason.Malformed)]
    [InlineData(10_000, RejectionReason.Malformed)]
    public void Nesting_DeeperThan64_IsMalformed(int levels, RejectionReason reason)
    {
        var deep = new string('[', levels) + new string(']', levels);
        Assert.Equal(reason, _decoding.Decode($$"""{"model":"m","extra":{{deep}},"probs":[0.5,0.5]}"""));
        Assert.Equal(reason, _decoding.Decode($$"""{"model":"m","probs":[0.5,0.5],"extra":{{deep}}}"""));
    }

    [Fact]
    public void Nesting_InAnOutput_IsWrongTypeOrMalformed()
    {
        Assert.Equal(
            RejectionReason.WrongType, _decoding.Decode($$"""{"model":"m","probs":{{new string('[', 60)}}{{new string(']', 60)}}}"""));
        Assert.Equal(RejectionReason.Malformed, _decoding.Decode($$"""{"model":"m","probs":{{new string('[', 10_000)}}"""));
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc3 })] // a sequence that does not end
    [InlineData(new byte[] { 0xc0, 0xaf })] // overlong
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })] // half a surrogate pair as UTF-8
    [InlineData(new byte[] { 0xf5, 0x80, 0x80, 0x80 })] // beyond U+10FFFF
    public void Utf8_ThatIsInvalid_IsMalformedWhereverItStands(byte[] invalid)
    {
        foreach (var json in new[]
        {
            """{"model":"?","probs":[0.5,0.5]}""",
            """{"model":"m","segment":"?","probs":[0.5,0.5]}""",
            """{"model":"m","ts":"?","probs":[0.5,0.5]}""",
            """{"model":"m","label":"?"}""",
            """{"model":"m","probs":{"?":1}}""",
            """{"model":"m","extra":"?","probs":[0.5,0.5]}""",
            """{"model":"m","?":0,"probs":[0.5,0.5]}""",
            """{"model":"m","probs":[0.5,?0.5]}""",
            """{"model":"m","probs":[0.5,0.5]}?""",
        })
        {
            var halves = json.Split('?');
            byte[] utf8 = [.. Encoding.UTF8.GetBytes(halves[0]), .. invalid, .. Encoding.UTF8.GetBytes(halves[1])];
            Assert.Equal(RejectionReason.Malformed, _decoding.Decode(utf8));
        }
    }

    [Fact]
    public void Rejection_LeavesTheDecoderFitForTheNextRecord()
    {
        Assert.Equal(RejectionReason.Malformed, _decoding.Decode("""{"model":"m","probs":{"x":0.5,"y":0.5"""));
        Decoding.AssertClose([0.25, 0.75, 0], _decoding.Cells("""{"model":"m","probs":[0.25,0.75]}"""));
        Assert.Equal(RejectionReason.SumNotOne, _decoding.Decode("""{"model":"m","ts":1767225600100,"segment":"s","probs":[0.25,0.25]}"""));
        Decoding.AssertClose([0, 0, 1], _decoding.Cells("""{"model":"m","probs":{"x":0.5,"y":0.5}}"""));
        Assert.Null(_decoding.Record.PayloadTimeMs);
        Assert.Null(_decoding.Record.Segment);
    }
}
