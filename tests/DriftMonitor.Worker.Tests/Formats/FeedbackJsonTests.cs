using System.Globalization;
using System.Text;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class FeedbackJsonTests
{
    [Fact]
    public void A_class_is_named_by_text_or_by_a_whole_number()
    {
        var named = Decode("""{"model":"m","id":"p1","ts":1767225605222,"label":"4"}""");
        Assert.Equal(
            (RejectionReason.None, "m", "p1", "4", 1767225605222),
            (named.Rejection, named.Model, named.Id, named.Label.Class, named.PayloadTimeMs));
        Assert.Equal("4", Decode("""{"model":"m","id":17,"label":4}""").Label.Class);
        Assert.Equal("17", Decode("""{"model":"m","id":17,"label":4}""").Id);
        Assert.Equal(4, Decode("""{"model":"m","id":"p1","label_index":4}""").Label.Index);
    }

    /// <summary>
    /// Values are kept as they came: only the prediction tells whether classes exclude each other. What adds up to 1 may be a
    /// distribution, but for a list.
    /// </summary>
    [Theory]
    [InlineData("""{"b":0.7505,"a":0.25}""", "a 0.25 b 0.7505", 1.0005)]
    [InlineData("""{"toxic":1,"spam":0.2}""", "spam 0.2 toxic 1", null)]
    [InlineData("""{"toxic":true,"spam":false}""", "spam 0 toxic 1", 1.0)]
    [InlineData("""{"toxic":0}""", "toxic 0", null)]
    [InlineData("{}", "", null)]
    [InlineData("""["toxic","spam"]""", "spam 1 toxic 1", null)]
    [InlineData("""["toxic"]""", "toxic 1", null)]
    [InlineData("""["a",4,true]""", "4 1 a 1 true 1", null)]
    [InlineData("[]", "", null)]
    [InlineData("[1,0,1]", "1 0 1", null)]
    [InlineData("[true,false,0.5]", "1 0 0.5", null)]
    [InlineData("[0,1]", "0 1", null)]
    public void Labels_are_kept_as_they_came(string labels, string expected, double? sum)
    {
        var record = Decode($$"""{"model":"m","id":"p1","labels":{{labels}},"ts":1767225605222}""");
        Assert.Equal((RejectionReason.None, 1767225605222), (record.Rejection, record.PayloadTimeMs));
        var truths = record.Label.Truths!;
        var values = truths.Values.Select(value => value.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(
            expected, string.Join(' ', truths.Names.IsEmpty ? values : truths.Names.Zip(values, (name, value) => $"{name} {value}")));
        Assert.Equal(sum, truths.Sum);
    }

    [Fact]
    public void A_record_may_carry_its_own_prediction()
    {
        var record =
            Decode("""{"label":"1","model":"m","labels":null,"extra":[{"label":3}],"probs":[0.2,0.8],"segment":"s","ts":1767225605222}""")
                .At(7, 0);
        Assert.Equal((RejectionReason.None, null, "1"), (record.Rejection, record.Id, record.Label.Class));
        Assert.Equal([0.2, 0.8, 0], record.Prediction!.Probabilities);
        Assert.Equal(("s", 1767225605222), (record.Prediction.Segments.Single(), record.Prediction.TimeMs));
    }

    [Fact]
    public void The_model_may_be_the_topics_or_the_keys()
    {
        Assert.Equal("of-topic", Decode("""{"id":"p1","label":"a"}""", "of-topic", "key").Model);
        Assert.Equal("key", Decode("""{"id":"p1","label":"a"}""", null, "key").Model);
    }

    /// <summary>pandas writes null for what is not labelled yet: such records wait in the topic for nobody.</summary>
    [Theory]
    [InlineData("""{"model":"m","id":"p","label":null}""", true)]
    [InlineData("""{"id":"p","labels":null,"label_index":null}""", true)]
    [InlineData("""{"model":"m","id":"p","label":null,"label_index":1}""", false)]
    [InlineData("""{"model":"m","id":"p"}""", false)]
    [InlineData("""{"model":"m","id":null,"label":"a"}""", false)]
    public void A_null_label_is_not_known_yet(string json, bool isIgnored) => Assert.Equal(isIgnored, Decode(json).IsIgnored);

    [Theory]
    [InlineData("", RejectionReason.Empty)]
    [InlineData("[]", RejectionReason.NotAnObject)]
    [InlineData("{", RejectionReason.Malformed)]
    [InlineData("""{"model":"m","id":"p","label":"a"} x""", RejectionReason.Malformed)]
    [InlineData("""{"model":"m","id":"p","label":"\ud800"}""", RejectionReason.Malformed)]
    [InlineData("""{"id":"p","label":"a"}""", RejectionReason.MissingModel)]
    [InlineData("""{"model":"m","id":"p"}""", RejectionReason.MissingOutput)]
    [InlineData("""{"model":"m","label":"a"}""", RejectionReason.MissingOutput)]
    [InlineData("""{"model":"m","id":"p","label":"a","label_index":0}""", RejectionReason.SeveralOutputs)]
    [InlineData("""{"model":"m","id":"p","label":[1]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","label_index":-1}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","labels":"a"}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","labels":{"a":null}}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","labels":[1,null]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","labels":[1,"a"]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","labels":[[1]]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","labels":["a",["b"]]}""", RejectionReason.WrongType)]
    [InlineData("""{"model":"m","id":"p","labels":["a",""]}""", RejectionReason.InvalidName)]
    [InlineData("""{"model":"m","id":"p","labels":["a","a"]}""", RejectionReason.DuplicateField)]
    [InlineData("""{"model":"m","id":"p","labels":{"a":0.5,"b":-0.1}}""", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("""{"model":"m","id":"p","labels":[0,2]}""", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("""{"model":"m","id":"p","labels":[0,1e999]}""", RejectionReason.NotFinite)]
    [InlineData("""{"model":"m","id":"p","labels":["a"],"label":"a"}""", RejectionReason.SeveralOutputs)]
    [InlineData("""{"model":"m","id":"p","labels":{"a":0.5,"a":0.5}}""", RejectionReason.DuplicateField)]
    [InlineData("""{"model":"m","probs":[0.5,0.6],"label":"1"}""", RejectionReason.SumNotOne)]
    [InlineData("""{"model":"m","policy_logprobs":{"current":[-1],"reference":[-2]},"label":"1"}""", RejectionReason.FormMismatch)]
    [InlineData("""{"model":"scores","score":0.5,"label":"1"}""", RejectionReason.FormMismatch)]
    [InlineData("""{"model":"scores","policy_logprobs":{"current":[-1],"reference":[-2]},"label_index":0}""", RejectionReason.FormMismatch)]
    public void What_is_no_feedback_is_refused_with_its_reason(string json, RejectionReason expected) =>
        Assert.Equal(expected, Decode(json).Rejection);

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("-0", "0")]
    [InlineData("0.5", "0.5")]
    [InlineData("\"1.0\"", "1.0")]
    [InlineData("true", "true")]
    public void A_label_that_is_a_number_or_boolean_is_its_text(string label, string name) =>
        Assert.Equal(name, Decode($$"""{"model":"m","id":"p","label":{{label}}}""").Label.Class);

    [Fact]
    public void Ids_and_indices_of_tables_of_floats_are_whole_numbers()
    {
        var record = Decode("""{"model":"m","id":1000.0,"label_index":1.0}""");
        Assert.Equal(("1000", 1), (record.Id, record.Label.Index));
        Assert.Null(Decode("""{"model":"m","id":1000.5,"label":1,"probs":[0.5,0.5]}""").Id);
    }

    [Fact]
    public void A_time_that_cannot_be_read_does_not_cost_the_label()
    {
        var decoder = Decoder(null);
        var record = decoder.Decode("""{"model":"m","id":"p","label":"a","ts":"yesterday"}"""u8, default);
        Assert.Equal((RejectionReason.None, null), (record.Rejection, record.PayloadTimeMs));
        Assert.Equal(PredictionField.Timestamp, decoder.FallenBack);
    }

    [Fact]
    public void Cut_off_or_damaged_payloads_never_throw()
    {
        foreach (var labels in (string[])["""{"a":0.25,"b":0.75}""", """["a","b"]""", "[1,false,0.5]"])
        {
            DamageNeverThrows($$$"""{"model":"m","id":"p","ts":1767225605222,"labels":{{{labels}}},"probs":{"a":0.5,"b":0.5}}""");
        }
    }

    private static void DamageNeverThrows(string json)
    {
        var whole = Encoding.UTF8.GetBytes(json);
        var random = new Random(1);
        var decoder = Decoder(null);
        for (var trial = 0; trial < 20_000; trial++)
        {
            var bytes = whole.AsSpan(0, random.Next(whole.Length + 1)).ToArray();
            for (var changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            decoder.Decode(bytes, default);
        }
    }

    private static FeedbackRecord Decode(string json, string? modelOfTopic = null, string key = "") =>
        Decoder(modelOfTopic).Decode(Encoding.UTF8.GetBytes(json), Encoding.UTF8.GetBytes(key));

    private static FeedbackJsonDecoder Decoder(string? modelOfTopic)
    {
        var settings = new PredictionDecoderSettings();
        var models = new WatchedModels(10, 10, acceptUnknown: true);
        var bins = ScoreBins.OfQuantiles([0, 1], 1)!;
        models.Add("scores").Fix(new ModelClasses(bins.Space, ModelClasses.Configured, bins));
        return new FeedbackJsonDecoder(new PredictionDecoder(models, settings), settings, modelOfTopic);
    }
}
