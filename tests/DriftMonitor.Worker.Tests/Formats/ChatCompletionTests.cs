using System.Text;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class ChatCompletionTests
{
    private const string Half = "-0.6931471805599453";
    private const string Quarter = "-1.3862943611198906";
    private const string Eighth = "-2.0794415416798357";

    private readonly PredictionBuffers _buffers = new();

    /// <summary>
    /// Yes has ½ and ¼, its mean is ⅜; no has ¼ and ½; what is missing, ⅛ of the first and ¼ of the second, is left to other tokens. The
    /// two halves of characters that print alike are two tokens.
    /// </summary>
    [Fact]
    public void A_response_is_one_event_the_mean_of_its_positions()
    {
        var first = Position(
            Token(" yes", Half), Token(" yes", Half), Token(" no", Quarter), Token("\ufffd", Eighth, "[240,159]"), Token("n/a", "-9999.0"));
        var second = Position(Token(" no", Half), Token(" no", Half), Token(" yes", Quarter), Token("\ufffd", "-9999.0", "[226,128]"));
        Assert.Equal(
            [(" no", 0.375), (" yes", 0.375), (@"bytes:\xf0\x9f", 0.0625)], Read(Body(Choice($"{first},{second}")), out var parsed));
        Assert.Equal(
            ("acme/Llama-3.1-8B-Instruct", "chatcmpl-0", 1_764_000_000_000, PredictionField.TopProbs),
            (Encoding.UTF8.GetString(parsed.Model), parsed.Id.ToString(), parsed.TimeMs, parsed.Form));
        Assert.Equal(
            RejectionReason.None, new PredictionOutput(_buffers, Simplex.DefaultTolerance).Check(parsed.Form, null));
        Assert.Contains(_buffers.Output.ByName(), named => named.Key == ClassSpace.Rest && Math.Abs(named.Value - 0.1875) < 1e-12);
    }

    [Fact]
    public void Positions_of_several_choices_are_one_event() => Assert.Equal(
        [("a", 0.375), ("b", 0.125)],
        Read(Body($"{Choice(Position(Token("a", Half)))},{Choice(Position(Token("a", Quarter), Token("b", Quarter)))}"), out _));

    [Fact]
    public void What_was_drawn_counts_where_it_is_not_among_the_most_probable()
    {
        Assert.Equal([("a", 0.5), ("rare", 0.125)], Read(Body(Choice(Position(Token("rare", Eighth), Token("a", Half)))), out _));
        Assert.Equal([("a", 0.5)], Read(Body(Choice(Position(Token("a", Half)))), out _));
    }

    [Theory]
    [InlineData("\u00e4", "[195,164]", "\u00e4")]
    [InlineData(" yes", "[32,121,101,115]", " yes")]
    [InlineData(" yes", "null", " yes")]
    [InlineData("", "[]", "bytes:")]
    [InlineData("", "null", "bytes:")]
    [InlineData("\ufffd", "[239,191,189]", "\ufffd")]
    [InlineData("token_id:42", "[32,121]", "token_id:42")]
    [InlineData("\ufffd", "[226,128]", @"bytes:\xe2\x80")]
    [InlineData(@"bytes:\\xe2\\x80", "[226,128]", @"bytes:\xe2\x80")]
    public void Tokens_that_print_alike_are_told_apart_by_their_bytes(string token, string bytes, string name) =>
        Assert.Equal([(name, 0.5)], Read(Body(Choice(Position(Token(token, Half, bytes)))), out _));

    [Fact]
    public void Equal_tokens_without_bytes_add_up() =>
        Assert.Equal(
            [("\ufffd", 0.5)],
            Read(Body(Choice(Position(Token("\ufffd", Quarter), Token("\ufffd", Quarter), Token("\ufffd", Quarter)))), out _));

    [Fact]
    public void The_older_API_has_an_object_a_position() => Assert.Equal(
        [("a", 0.375), ("b", 0.25)],
        Read(
            Body(
                """{"text":"ab","logprobs":{"tokens":["a","b"],"token_logprobs":[null,-1],"top_logprobs":[null,{"a":H},{"b":H,"a":Q}]}}"""
                .Replace("H", Half, StringComparison.Ordinal).Replace("Q", Quarter, StringComparison.Ordinal)),
            out _));

    [Theory]
    [InlineData("""{"error":"no"}""", RejectionReason.MissingOutput)]
    [InlineData("""{"choices":[{"logprobs":null}]}""", RejectionReason.MissingOutput)]
    [InlineData("""{"choices":[{"logprobs":{"content":[]}}]}""", RejectionReason.MissingOutput)]
    [
        InlineData(
            """{"choices":[{"logprobs":{"content":[{"token":"a","logprob":-9999,"top_logprobs":[]}]}}]}""", RejectionReason.MissingOutput)]
    [InlineData("""{"object":"chat.completion.chunk","choices":[]}""", RejectionReason.IncompleteOutput)]
    [InlineData("""{"choices":[1]}""", RejectionReason.WrongType)]
    [InlineData("""{"choices":[{"logprobs":{"content":[1]}}]}""", RejectionReason.WrongType)]
    [InlineData("""{"choices":[{"logprobs":{"content":[{"token":1,"logprob":-1}]}}]}""", RejectionReason.WrongType)]
    [InlineData("""{"choices":[{"logprobs":{"content":[{"token":"a","logprob":"-1"}]}}]}""", RejectionReason.WrongType)]
    [InlineData("""{"choices":[{"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":[256]}]}}]}""", RejectionReason.WrongType)]
    [InlineData("""{"choices":[{"logprobs":{"content":[{"token":"a","logprob":0.5}]}}]}""", RejectionReason.ProbabilityOutOfRange)]
    [
        InlineData(
            """{"choices":[{"logprobs":{"content":[{"token":"a","logprob":0,"top_logprobs":[{"token":"b","logprob":0}]}]}}]}""",
            RejectionReason.SumNotOne)]
    [InlineData("""{"choices":[],"choices":[]}""", RejectionReason.DuplicateField)]
    [InlineData("[1]", RejectionReason.NotAnObject)]
    [InlineData("""{"choices":[""", RejectionReason.Malformed)]
    public void What_is_none_has_its_reason(string json, RejectionReason reason)
    {
        var parsed = new ParsedPrediction();
        Assert.Equal(reason, new ChatCompletion(Simplex.DefaultTolerance).Read(Encoding.UTF8.GetBytes(json), _buffers, ref parsed));
    }

    [Fact]
    public void A_time_that_cannot_be_read_is_none()
    {
        foreach (var created in new[] { "1e300", "-5", "\"x\"", "null", "17" })
        {
            Read(Body(Choice(Position(Token("a", Half)))).Replace("1764000000", created, StringComparison.Ordinal), out var parsed);
            Assert.Equal((null, created != "null"), (parsed.TimeMs, parsed.FallenBack == PredictionField.Timestamp));
        }
    }

    private (string Name, double P)[] Read(string json, out ParsedPrediction parsed)
    {
        parsed = new ParsedPrediction();
        Assert.Equal(
            RejectionReason.None,
            new ChatCompletion(Simplex.DefaultTolerance).Read(Encoding.UTF8.GetBytes(json), _buffers, ref parsed));
        return [.. _buffers.Output.ByName().Select(named => (named.Key, Math.Round(named.Value, 12)))];
    }

    private static string Body(string choices) =>
        """{"id":"chatcmpl-0","object":"chat.completion","created":1764000000,"model":"acme/Llama-3.1-8B-Instruct","choices":["""
        + choices + """],"usage":{"completion_tokens":1}}""";

    private static string Choice(string content) =>
        $$$"""{"index":0,"message":{"role":"assistant","content":" yes"},"logprobs":{"content":[{{{content}}}]},"finish_reason":"stop"}""";

    private static string Position(string drawn, params string[] top) =>
        drawn[..^1] + ",\"top_logprobs\":[" + string.Join(',', top) + "]}";

    private static string Token(string token, string logprob, string bytes = "null") =>
        $$"""{"token":"{{token}}","logprob":{{logprob}},"bytes":{{bytes}}}""";
}
