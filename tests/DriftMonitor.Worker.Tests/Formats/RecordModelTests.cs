using System.Text;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class RecordModelTests
{
    private const string Nameless = """{"probs":[0.5,0.5]}""";

    [Theory]
    [InlineData("""{"model":"payload","probs":[0.5,0.5]}""", "topic", "key", "payload")]
    [InlineData("""{"model":null,"probs":[0.5,0.5]}""", "topic", "key", "topic")]
    [InlineData(Nameless, "topic", "key", "topic")]
    [InlineData(Nameless, null, "key", "key")]
    [InlineData(Nameless, null, "schlüssel 🔑", "schlüssel 🔑")]
    [InlineData("""{"model":"a\u0062 \ud83d\udd11","probs":[0.5,0.5]}""", null, "", "ab 🔑")]
    public void Model_IsThePayloads_ElseTheTopics_ElseTheKeys(string json, string? topic, string key, string model)
    {
        var decoding = new Decoding();
        Assert.Equal(RejectionReason.None, decoding.Decode(json, topic, key));
        Assert.Equal(model, decoding.Record.Model.Name);
        Assert.Equal(RejectionReason.None, decoding.Decode(json, topic, key)); // now remembered
        Assert.Equal(model, decoding.Record.Model.Name);
    }

    [Fact]
    public void Model_RememberedFromTheLastRecord_IsNotTakenForAnother()
    {
        var decoding = new Decoding();
        string Name(string json, string key = "")
        {
            Assert.Equal(RejectionReason.None, decoding.Decode(json, null, key));
            return decoding.Record.Model.Name;
        }

        Assert.Equal("ab", Name("""{"model":"ab","probs":[0.5,0.5]}"""));
        Assert.Equal("a", Name("""{"model":"a","probs":[0.5,0.5]}"""));
        Assert.Equal("ab", Name("""{"model":"ab","probs":[0.5,0.5]}"""));
        Assert.Equal("b", Name("""{"model":"\u0062","probs":[0.5,0.5]}"""));
        Assert.Equal("\\u0062", Name(Nameless, "\\u0062")); // a key has no escapes
        Assert.Equal("b", Name("""{"model":"\u0062","probs":[0.5,0.5]}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    public void Model_OfTheTopic_IsCheckedToo(string topic) =>
        Assert.Equal(RejectionReason.InvalidName, new Decoding().Decode(Nameless, topic));

    [Fact]
    public void Model_OfAKey_MustBeUtf8WithoutControlCharacters()
    {
        var decoding = new Decoding();
        Assert.Equal(RejectionReason.InvalidName, decoding.Decode(Encoding.UTF8.GetBytes(Nameless), null, [0xff, 0x41]));
        Assert.Equal(RejectionReason.InvalidName, decoding.Decode(Encoding.UTF8.GetBytes(Nameless), null, [0x41, 0x00]));
        Assert.Equal(RejectionReason.InvalidName, decoding.Decode(Nameless, null, new string('k', 257)));
        Assert.Equal(RejectionReason.MissingModel, decoding.Decode(Nameless));
    }

    [Theory]
    [InlineData("a", 256, RejectionReason.None)]
    [InlineData("a", 257, RejectionReason.InvalidName)]
    [InlineData("\\u0061", 256, RejectionReason.None)]
    [InlineData("\\u0061", 257, RejectionReason.InvalidName)]
    [InlineData("€", 256, RejectionReason.None)] // three bytes a character
    [InlineData("€", 257, RejectionReason.InvalidName)]
    public void Model_HasAtMost256Characters(string character, int count, RejectionReason reason)
    {
        var name = string.Concat(Enumerable.Repeat(character, count));
        Assert.Equal(reason, new Decoding().Decode($$"""{"model":"{{name}}","probs":[0.5,0.5]}"""));
        var segment = new Decoding("a", "b");
        Assert.Equal(RejectionReason.None, segment.Decode($$"""{"model":"m","segment":"{{name}}","label":"a"}"""));
        Assert.Equal(reason == RejectionReason.None, segment.Record.Segment is not null);
        Assert.Equal(reason, new Decoding("a", "b").Decode($$"""{"model":"m","label":"{{name}}"}"""));
        Assert.Equal(reason, new Decoding("a", "b").Decode($$"""{"model":"m","probs":{"{{name}}":1} }"""));
    }

    [Fact]
    public void UnknownModel_IsRefusedUnlessAccepted()
    {
        var models = new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: false);
        var decoding = new Decoding(models, 1024, "a", "b");
        Assert.Equal(RejectionReason.UnknownModel, decoding.Decode("""{"model":"other","probs":[0.5,0.5]}"""));
        Assert.Equal(RejectionReason.UnknownModel, decoding.Decode(Nameless, "other"));
        Assert.Equal(RejectionReason.UnknownModel, decoding.Decode("""{"model":"other","label":"a"}"""));
        Assert.Equal(1, models.Count);
    }

    [Theory]
    [InlineData("""{"model":"new","probs":[0.5,0.2]}""", RejectionReason.SumNotOne)]
    [InlineData("""{"model":"new","probs":[]}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"new","label":"a"}""", RejectionReason.UnknownClassSpace)]
    [InlineData("""{"model":"new","logits":[1,2]} x""", RejectionReason.Malformed)]
    public void NewModel_TakesNoPlaceUnlessItsRecordIsAccepted(string json, RejectionReason reason)
    {
        var decoding = new Decoding();
        Assert.Equal(reason, decoding.Decode(json));
        Assert.Equal(1, decoding.Models.Count);
    }

    [Fact]
    public void Segment_IsInternedAndRefusedBeyondTheCap()
    {
        var decoding = new Decoding("a", "b");
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(RejectionReason.None, decoding.Decode($$"""{"model":"m","segment":"camera={{i}}","label":"a"}"""));
            Assert.Equal(i < 10 ? $"camera={i}" : null, decoding.Record.Segment?.Name);
        }

        Assert.Equal(2, decoding.Decoder.SegmentsRefused);
        decoding.Decode("""{"model":"m","segment":"camera=3","label":"a"}""");
        var segment = decoding.Record.Segment;
        decoding.Decode("""{"model":"m","segment":"camera\u003d3","label":"a"}""");
        Assert.Same(segment, decoding.Record.Segment);
        decoding.Decode("""{"model":"m","label":"a"}""");
        Assert.Null(decoding.Record.Segment);
    }

    [Fact]
    public void Segment_OfARejectedRecord_TakesNoPlace()
    {
        var models = new WatchedModels(maxModels: 1, maxSegmentsPerModel: 1, acceptUnknown: false);
        var decoding = new Decoding(models, 1024, "a", "b");
        Assert.Equal(RejectionReason.SumNotOne, decoding.Decode("""{"model":"m","segment":"junk","probs":[0.5,0.2]}"""));
        Assert.Equal(RejectionReason.None, decoding.Decode("""{"model":"m","segment":"good","probs":[0.5,0.5]}"""));
        Assert.Equal("good", decoding.Record.Segment?.Name);
    }

    [Fact]
    public void Settings_HaveTheDefaultsOfTheConfiguration()
    {
        Assert.Equal(1e-3, new PredictionDecoderSettings().SumTolerance);
        Assert.Equal(1_048_576, new PredictionDecoderSettings().MaxBytes);
    }
}
