using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Sources;

/// <summary>Pointers, rows and filters of sources, by what a record of them gives.</summary>
public sealed class PredictionReaderTests
{
    private const string Rows =
        """{"Rows":"/payments","Map":{"id":"/id","ts":"/at","segment":"/country","model":"^/model","probs":"/score/p"},"TimeUnit":"s"}""";

    /// <summary>A softmax over some logits only would give them the probability of all.</summary>
    [Theory]
    [InlineData("""{"a":1,"b":2,"c":0}""", "0")]
    [InlineData("""{"a":1,"b":2}""", "wrong_arity")]
    [InlineData("""{"a":1,"b":2,"d":3}""", "0")]
    public void Logits_name_every_class(string logits, string expected)
    {
        var models = new WatchedModels(1, 1, acceptUnknown: true);
        models.Add("m").Fix(new ModelClasses(ClassSpace.Create(["a", "b", "c"]), ModelClasses.Configured));
        var read = SourceDescriptions.Reader("{}", models).Read($$"""{"model":"m","logits":{{logits}}}""");
        Assert.Equal(expected, Assert.Single(read).Split(' ')[0]);
    }

    /// <summary>A pointer that finds nothing is as wrong as a time that cannot be read.</summary>
    [Theory]
    [InlineData("""{"when":1764000000000,"p":[0.5,0.5]}""", false)]
    [InlineData("""{"p":[0.5,0.5]}""", true)]
    [InlineData("""{"when":null,"p":[0.5,0.5]}""", true)]
    public void A_mapped_time_that_is_not_there_is_counted(string json, bool isCounted)
    {
        var reader = SourceDescriptions.Reader("""{"Model":"m","Map":{"ts":"/when","probs":"/p"}}""");
        Assert.Single(reader.Read(json));
        Assert.Equal(isCounted ? PredictionField.Timestamp : PredictionField.Unknown, reader.FallenBack);
    }

    [Fact]
    public void A_map_finds_its_fields_wherever_they_stand()
    {
        var reader = SourceDescriptions.Reader(
            """{"Map":{"id":"/a/0/id","ts":"/when","model":"/m~1n/x~0y","segment":"/b","probs":"/a/1"},"Model":"none"}""");
        Assert.Equal(
            ["0 m/s 7 1767225600100 0.25 0.75 0"],
            reader.Read("""{"b":"s","skipped":[{"a":1}],"a":[{"id":7,"x":[]},[0.25,0.75],8],"m/n":{"x~y":"m"},"when":1767225600100}"""));
        Assert.Equal(["0 none/-  - 0.25 0.75 0"], reader.Read("""{"a":[0,[0.25,0.75]]}"""));
    }

    [Theory]
    [InlineData("""{"a":[0]}""", "missing_output")]
    [InlineData("[]", "missing_output")]
    [InlineData("""{"a":[0,{"x":1}],"a":[0,{"x":1}]}""", "duplicate_field")]
    [InlineData("""{"a":[0,[1,0]]""", "malformed")]
    [InlineData("""{"a":[0,[1,0]]} x""", "malformed")]
    [InlineData("""{"a":[0,[2,0]]}""", "probability_out_of_range")]
    [InlineData("", "empty")]
    public void What_a_map_cannot_read_has_its_reason(string value, string reason) =>
        Assert.Equal([reason], SourceDescriptions.Reader("""{"Map":{"probs":"/a/1"},"Model":"m"}""").Read(value));

    [Fact]
    public void Names_of_members_may_have_escapes() =>
        Assert.Equal(
            ["0 m/-  - 0.25 0.75 0"],
            SourceDescriptions.Reader("""{"Map":{"probs":"/p/ä"},"Model":"m"}""").Read("""{"\u0070":{"\u00e4":[0.25,0.75]}}"""));

    [Fact]
    public void A_string_is_read_as_the_document_that_it_holds()
    {
        var reader = SourceDescriptions.Reader("""{"Map":{"id":"/data//id","probs":"/data//p//0"},"Model":"m"}""");
        Assert.Equal(["0 m/- a\"b - 0.25 0.75 0"], reader.Read("""{"data":"{\"id\":\"a\\\"b\",\"p\":\"[[0.25,0.75]]\"}"}"""));
        Assert.Equal(["malformed"], reader.Read("""{"data":"{\"p\":\"[[0.25,0.75]\"}"}"""));
        Assert.Equal(["malformed"], reader.Read("""{"data":"\ud800"}"""));
        Assert.Equal(["missing_output"], reader.Read("""{"data":{"p":"[[0.25,0.75]]"}}"""));
    }

    [Fact]
    public void Each_row_is_an_event_with_what_the_record_says_of_all()
    {
        var reader = SourceDescriptions.Reader(Rows);
        Assert.Equal(
            ["0 m/DE a 1767225600100 0.25 0.75 0", "1 m/FR r#1 1767225601000 0.5 0.5 0"],
            reader.Read(
                """{"at":1767225601,"country":"FR","payments":[{"at":1767225600.1,"id":"a","score":{"p":[0.25,0.75]},"country":"DE"},{"score":{"p":[0.5,0.5]}}],"id":"r","model":"m"}"""));
        Assert.Equal(["0 m/- 8#0 - 0.5 0.5 0"], reader.Read("""{"payments":[{"score":{"p":[0.5,0.5]}}],"id":8.0,"model":"m"}"""));
    }

    [Theory]
    [InlineData("""{"model":"m","payments":[{"score":{"p":[0.5,0.5]}},{"score":{"p":[0.5,0.6]}}]}""", "sum_not_one")]
    [InlineData("""{"model":"m","payments":[{"score":{"p":[0.5,0.5]}},{"score":{"p":[1,0,0]}}]}""", "wrong_arity")]
    [InlineData("""{"model":"m","payments":[{"score":{"p":[0.5,0.5]}},7]}""", "missing_output")]
    [InlineData("""{"model":"m","score":{"p":[0.5,0.5]}}""", "missing_output")]
    [InlineData("""{"model":"m","payments":{}}""", "wrong_type")]
    [InlineData("""{"model":"m","payments":[],"payments":[]}""", "duplicate_field")]
    [InlineData("""{"model":"m","payments":[]}""", "ignored")]
    public void All_of_a_records_rows_or_none(string value, string reason)
    {
        var models = new WatchedModels(10, 10, acceptUnknown: true);
        Assert.Equal([reason], SourceDescriptions.Reader(Rows, models).Read(value));
        Assert.Equal(reason == "wrong_arity" ? 1 : 0, models.Count); // its rows only disagree with each other
    }

    [Fact]
    public void An_output_of_the_record_is_none_of_its_rows() =>
        Assert.Equal(
            ["missing_output"],
            SourceDescriptions.Reader("""{"Rows":"/r","Map":{"probs":"/p"},"Model":"m"}""").Read("""{"p":[0.5,0.5],"r":[{}]}"""));

    [Fact]
    public void Rows_may_be_our_own_JSON_and_the_record_an_array()
    {
        var reader = SourceDescriptions.Reader("""{"Rows":"^"}""");
        Assert.Equal(
            ["0 a/- x - 0.25 0.75 0", "1 b/-  - 0 1 0"],
            reader.Read("""[{"model":"a","id":"x","probs":[0.25,0.75]},{"model":"b","probs":[0,1]}]"""));
    }

    [Fact]
    public void Records_may_have_so_many_rows_and_no_more()
    {
        var reader = SourceDescriptions.Reader("""{"Rows":"^","Map":{"probs":""},"Model":"m"}""");
        Assert.Equal(65_536, reader.Read($"[{string.Join(',', Enumerable.Repeat("[1,0]", 65_536))}]").Length);
        Assert.Equal(["too_large"], reader.Read($"[{string.Join(',', Enumerable.Repeat("[1,0]", 65_537))}]"));
    }

    [Fact]
    public void What_a_filter_does_not_let_through_is_ignored()
    {
        var reader = SourceDescriptions.Reader(
            """{"Only":{"header:type":["scored","rescored"],"/v":"2","/kind":"a\"b","/ok":"true"},"Map":{"probs":"/p"},"Model":"m"}""");
        var headers = new Headers { { "type", "scored"u8.ToArray() } };
        const string Good = """{"v":2,"kind":"a\u0022b","ok":true,"p":[0.5,0.5]}""";
        Assert.Equal(["0 m/-  - 0.5 0.5 0"], reader.Read(Good, headers));
        Assert.Equal(["ignored"], reader.Read(Good, new Headers { { "type", "refund"u8.ToArray() } }));
        Assert.Equal(["ignored"], reader.Read(Good, []));
        Assert.Equal(["ignored"], reader.Read(Good.Replace(":2", ":3", StringComparison.Ordinal), headers));
        Assert.Equal(["ignored"], reader.Read(Good.Replace("\"v\":2,", "", StringComparison.Ordinal), headers));
        Assert.Equal(["ignored"], reader.Read("""{"v":null,"p":7}""", headers));
        Assert.Equal(["malformed"], reader.Read("""{"v":3""", headers));
    }

    [Fact]
    public void Our_own_JSON_may_be_filtered_without_a_map()
    {
        var reader = SourceDescriptions.Reader("""{"Only":{"/type":"response"}}""");
        Assert.Equal(["ignored"], reader.Read("""{"type":"request","model":"m","probs":[0.5,0.5]}"""));
        Assert.Equal(["0 m/-  - 0.5 0.5 0"], reader.Read("""{"type":"response","model":"m","probs":[0.5,0.5]}"""));
    }

    [Fact]
    public void A_null_value_is_ignored_and_an_empty_one_is_not()
    {
        var reader = SourceDescriptions.Reader("{}");
        reader.Begin([], isNull: true, null, "m"u8);
        Assert.True(reader.TryNext());
        Assert.True(reader.Record.IsIgnored);
        Assert.False(reader.TryNext());
        Assert.Equal(["empty"], reader.Read(""));
        Assert.Equal(["0 m/-  - 0.5 0.5 0"], reader.Read("""{"probs":[0.5,0.5]}""", key: "m"));
    }

    [Fact]
    public void A_source_names_the_model_and_the_segment_of_records_that_name_none()
    {
        var reader = SourceDescriptions.Reader("""{"Model":"m","Segment":"s"}""");
        Assert.Equal(["0 m/s  - 0.5 0.5 0"], reader.Read("""{"probs":[0.5,0.5]}"""));
        Assert.Equal(["0 other/t  - 0.5 0.5 0"], reader.Read("""{"model":"other","segment":"t","probs":[0.5,0.5]}"""));
    }

    [Fact]
    public void Labels_have_rows_and_maps_too()
    {
        var reader = SourceDescriptions.Labels(
            """{"Kind":"labels","Rows":"/refunds","Map":{"id":"/payment","label":"/is_fraud","ts":"^/at"},"Model":"fraud","TimeUnit":"s","Only":{"/v":"1"}}""");
        var labels = reader.Read(
            """{"v":1,"refunds":[{"payment":"a","is_fraud":true},{"payment":12.0,"is_fraud":0}],"at":1767225600}"""u8, false, null,
            default);
        Assert.Equal(
            [(0, "fraud", "a", "true", 1767225600000L), (1, "fraud", "12", "0", 1767225600000L)],
            labels.Select(label => (label.Row, label.Model, label.Id!, label.Label.Class!, label.PayloadTimeMs!.Value)));
        Assert.True(Assert.Single(reader.Read("""{"v":2,"refunds":[{"payment":"a"}]}"""u8, false, null, default)).IsIgnored);
        Assert.Equal(
            RejectionReason.MissingOutput,
            Assert.Single(
                reader.Read("""{"v":1,"refunds":[{"payment":"a","is_fraud":1},{"payment":"b"}]}"""u8, false, null, default)).Rejection);
    }

    /// <summary>Whatever the bytes: no exception (the reader's are told), and the same again.</summary>
    [Fact]
    public void Damaged_records_never_throw()
    {
        byte[][] whole =
        [
            """{"v":"2","data":"{\"rows\":[{\"id\":\"a\",\"p\":[0.25,0.75]},{\"p\":[0.5,0.5]}]}","id":"r\u0031","at":"1767225600.5"}"""u8.ToArray(),
            """{"data":"{\"rows\":[{\"id\":1.0,\"p\":[1,0]}]}","v":2,"id":8}"""u8.ToArray(),
        ];
        var reader = SourceDescriptions.Reader(
            """{"Only":{"/v":"2"},"Rows":"/data//rows","Map":{"id":"/id","ts":"^/at","probs":"/p"},"Model":"m","TimeUnit":"s"}""");
        Assert.Equal([2, 1], whole.Select(value => reader.Read(value).Length));
        var random = new Random(1);
        var (accepted, trials) = (0, 100_000);
        for (var trial = 0; trial < trials; trial++)
        {
            var bytes = (byte[])whole[trial % whole.Length].Clone();
            for (var changes = random.Next(3); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(random.Next(2) == 0 ? 128 : 256);
            }

            bytes = random.Next(10) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            var read = reader.Read(bytes);
            Assert.Equal(read, reader.Read(bytes));
            accepted += char.IsAsciiDigit(read[0][0]) ? 1 : 0;
        }

        Assert.InRange(accepted, trials / 4, trials);
    }
}
