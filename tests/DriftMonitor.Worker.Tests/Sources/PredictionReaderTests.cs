using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
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
        Assert.Equal(["0 m/-  - 0.25 0.75 0"], reader.Read("""{"data":{"p":"[[0.25,0.75]]"}}""")); // not in a string after all
    }

    /// <summary>As SageMaker captures what a container answers: JSON, comma-separated values, or base64 of either.</summary>
    [Theory]
    [InlineData("/d//", "", "[0.25,0.75]", "0.25 0.75")]
    [InlineData("/d//", "", "0.25,0.75", "0.25 0.75")]
    [InlineData("/d//", "", " 0.25, 0.75\r\n", "0.25 0.75")]
    [InlineData("/d//p", "", """{"p":[0.25,0.75]}""", "0.25 0.75")]
    [InlineData("", "/d//", "0.25,0.75\n", "0.25 0.75")]
    [InlineData("", "/d//", "0.25,0.75\n1,0\n", "0.25 0.75|1 0")]
    [InlineData("", "/d//", "[[0.25,0.75],[1,0]]", "0.25 0.75|1 0")]
    [InlineData("/d//", "", "0.25,0.75\n1,0\n", "wrong_type")]
    [InlineData("/d//", "", "0.25,", "malformed")]
    [InlineData("/d//", "", "0.25;0.75", "malformed")]
    [InlineData("/d//", "", "Infinity", "malformed")]
    [InlineData("/d//", "", "WzAuMjUsMC43NV", "malformed")]
    public void A_string_may_hold_values_or_base64(string at, string rows, string text, string expected)
    {
        var reader = SourceDescriptions.Reader(
            JsonSerializer.Serialize(new { Rows = rows, Map = new { probs = at }, Model = "m" }));
        string[] read = [.. expected.Split('|').Select((row, i) => row.Contains(' ') ? $"{i} m/-  - {row} 0" : row)];
        foreach (var form in new[] { text, Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) })
        {
            Assert.Equal(read, reader.Read(JsonSerializer.Serialize(new { d = form })));
        }
    }

    /// <summary>One number is one, and with rows it is one row.</summary>
    [Theory]
    [InlineData("""{"Map":{"probability":"/d//"},"Model":"m"}""")]
    [InlineData("""{"Rows":"/d//","Map":{"probability":""},"Model":"m"}""")]
    public void A_string_may_hold_one_number(string source) =>
        Assert.Equal(["0 m/-  - 0.75 0.25 0"], SourceDescriptions.Reader(source).Read("""{"d":"0.25\n"}"""));

    [Fact]
    public void Each_row_is_an_event_with_what_the_record_says_of_all()
    {
        var reader = SourceDescriptions.Reader(Rows);
        Assert.Equal(
            ["0 m/DE a 1767225600100 0.25 0.75 0", "1 m/FR r#1 1767225601000 0.5 0.5 0"],
            reader.Read(
                """{"at":1767225601,"country":"FR","payments":[{"at":1767225600.1,"id":"a","score":{"p":[0.25,0.75]},"country":"DE"},{"score":{"p":[0.5,0.5]}}],"id":"r","model":"m"}"""));
        Assert.Equal(["0 m/- 8 - 0.5 0.5 0"], reader.Read("""{"payments":[{"score":{"p":[0.5,0.5]}}],"id":8.0,"model":"m"}"""));
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
        Assert.Equal(0, models.Count);
    }

    [Theory]
    [InlineData("""{"Map":{"ts":"/at","probs":"/p"}""", """{"at":"2026-01-01T01:00:00","p":[0.5,0.5]}""")]
    [InlineData("""{"Format":"cloudevents+json" """, """{"specversion":"1.0","time":"2026-01-01T01:00:00","data":{"probs":[0.5,0.5]}}""")]
    [InlineData(
        """{"Frame":"cloudevents","Map":{"probs":"/p"}""", """{"specversion":"1.0","time":"2026-01-01T01:00:00","data":{"p":[0.5,0.5]}}""")]
    public void A_time_without_an_offset_is_in_the_zone_of_its_source(string source, string value)
    {
        Assert.Equal(
            ["0 m/-  1767225600000 0.5 0.5 0"],
            SourceDescriptions.Reader(source + ""","TimeZone":"Europe/Berlin","Model":"m"}""").Read(value));
        Assert.Equal(["0 m/-  1767229200000 0.5 0.5 0"], SourceDescriptions.Reader(source + ""","Model":"m"}""").Read(value));
    }

    [Fact]
    public void Labels_too_have_times_in_the_zone_of_their_source()
    {
        var reader = SourceDescriptions.Labels("""{"Kind":"labels","TimeZone":"Asia/Tokyo"}""");
        var label = Assert.Single(reader.Read(
            """{"model":"m","id":"1","label":"a","ts":"2026-01-01T09:00:00"}"""u8, isNull: false, headers: null, key: []));
        Assert.Equal(1_767_225_600_000, label.PayloadTimeMs);
    }

    [Theory]
    [InlineData("Europe/Atlantis")]
    [InlineData("+01:00")]
    [InlineData("")]
    public void A_zone_that_is_none_is_told(string zone) => Assert.Contains(
        "must be a zone of the IANA database",
        Assert.Throws<InvalidConfigurationException>(() => SourceDescriptions.Source($$"""{"TimeZone":"{{zone}}"}""")).Problems.Single(),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"model":"known","payments":[{"score":{"p":[0.5,0.6]}}]}""", "known", "/score/p")]
    [InlineData("""{"payments":[{"score":{"p":["x"]}}],"model":"known"}""", "known", "/score/p")]
    [InlineData("""{"model":"known","payments":[{}]}""", "known", "/score/p")]
    [InlineData("""{"model":"unheard of","payments":[{"score":{"p":[0.5,0.6]}}]}""", null, "/score/p")]
    [InlineData("""{"payments":[{"score":{"p":[0.5,0.5]}}]}""", null, "^/model")]
    [InlineData("""{""", null, null)]
    public void A_record_that_is_rejected_tells_whose_it_is_if_the_model_is_admitted_and_where(string value, string? model, string? where)
    {
        var models = new WatchedModels(10, 10, acceptUnknown: true);
        models.Add("known");
        var reader = SourceDescriptions.Reader(Rows, models);
        reader.Read(value);
        Assert.Equal((model, where), (reader.Model?.Name, reader.Where));
        Assert.Equal(1, models.Count);
    }

    [Fact]
    public void Own_json_tells_whose_it_is_wherever_the_model_stands()
    {
        var models = new WatchedModels(10, 10, acceptUnknown: true);
        models.Add("known");
        var reader = SourceDescriptions.Reader("{}", models);
        Assert.Equal(["wrong_type"], reader.Read("""{"probs":[[1]],"x":{"model":"other"},"model":"known"}"""));
        Assert.Equal(("known", "/probs"), (reader.Model?.Name, reader.Where));
        Assert.Equal(["wrong_type"], reader.Read("""{"probs":[[1]]}""", key: "known"));
        Assert.Equal("known", reader.Model?.Name);
        Assert.Equal(["0 known/-  - 0.5 0.5 0"], reader.Read("""{"probs":[0.5,0.5]}""", key: "known"));
        Assert.Equal(("known", null), (reader.Model?.Name, reader.Where));
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

    /// <summary>What a record says of itself can be told wherever it is damaged, and goes before what is wrong with it.</summary>
    [Theory]
    [InlineData("""{"Only":{"/ok":true},"Map":{"probs":"/p"}}""", """{"ok":true,"p":[0.5,0.5]}""", "0 m/-  - 0.5 0.5 0")]
    [InlineData("""{"Only":{"/ok":true},"Map":{"probs":"/p"}}""", """{"ok":false,"p":[0.5,0.5]}""", "ignored")]
    [InlineData("""{"Format":"inference-table"}""", """{"status_code":503,"response":"upstream connect error"}""", "ignored")]
    [InlineData("""{"Format":"inference-table"}""", """{"response":"","status_code":500}""", "ignored")]
    [InlineData("""{"Format":"inference-table"}""", """{"status_code":200,"response":"upstream connect error"}""", "malformed")]
    [InlineData("""{"Only":{"/d//ok":true},"Map":{"probs":"/d//p"}}""", """{"d":"{\"ok\":false,"}""", "ignored")]
    [InlineData("""{"Only":{"/d//ok":true},"Map":{"probs":"/d//p"}}""", """{"d":"{\"p\":,"}""", "malformed")]
    [InlineData("""{"Map":{"id":"/a/i","probs":"/a/p"}}""", """{"a":{"i":1},"a":{"p":[0.5,0.5]}}""", "duplicate_field")]
    [InlineData("""{"Rows":"/r","Map":{"id":"^/id","probs":"/p"}}""", """{"id":true,"r":[{"p":[0.5,0.5]}]}""", "0 m/-  - 0.5 0.5 0")]
    [InlineData(
        """{"Format":"sagemaker-capture","Map":{"id":"^/eventMetadata/inferenceId","probability":"/score"}}""",
        """{"captureData":{"endpointOutput":{"data":"{\"predictions\":[{\"score\":0.25},{\"score\":0.5}]}"}},"eventMetadata":{"inferenceId":"i","eventId":"e"}}""",
        "0 m/- i#0 - 0.75 0.25 0|1 m/- i#1 - 0.5 0.5 0")]
    [InlineData(
        """{"Format":"inference-table-gateway"}""",
        """{"databricks_request_id":"a","request_time":"2026-01-01T00:00:00Z","status_code":200,"response":"{\"predictions\":[[0.5,0.5]]}"}""",
        "0 m/- a 1767225600000 0.5 0.5 0")]
    public void Filters_and_presets_in_real_life(string source, string record, string expected) => Assert.Equal(
        expected.Split('|'), SourceDescriptions.Reader(source.Insert(1, "\"Model\":\"m\",")).Read(record));

    [Fact]
    public void What_rows_say_together_is_bounded()
    {
        var name = new string('n', 1_000);
        var reader = SourceDescriptions.Reader("""{"Rows":"/r","Map":{"id":"^/id","model":"^/id","segment":"^/id","label":""}}""");
        Assert.Equal(["too_large"], reader.Read($$"""{"id":"{{name}}","r":[{{string.Join(',', Enumerable.Repeat("1", 65_000))}}]}"""));
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

    /// <summary>A row has its own label, whatever the record has; a CloudEvent says when and of which model.</summary>
    [Theory]
    [InlineData("""{"Rows":"/r","Map":{"id":"/id","label_index":"/y"}}""", """{"y":3,"r":[{"id":"a"}]}""", "MissingOutput")]
    [InlineData("""{"Rows":"/r","Map":{"id":"/id","labels":"/y"}}""", """{"y":{"a":1},"r":[{"id":"a"}]}""", "MissingOutput")]
    [InlineData("{}", """{"id":"a","id":"b","label":1}""", "DuplicateField")]
    [InlineData(
        """{"Frame":"cloudevents"}""",
        """{"specversion":"1.0","time":"2026-01-01T00:00:00Z","inferenceservicename":"of","data":{"id":"a","label":1}}""",
        "of a 1767225600000")]
    [InlineData("""{"Frame":"cloudevents"}""", """{"specversion":"1.0","time":"soon","data":{"id":"a","label":1}}""", "m a ")]
    public void Labels_are_not_misread(string source, string record, string expected)
    {
        var reader = SourceDescriptions.Labels(source.Insert(1, "\"Kind\":\"labels\",\"Model\":\"m\"" + (source == "{}" ? "" : ",")));
        var label = Assert.Single(reader.Read(Encoding.UTF8.GetBytes(record), false, null, default));
        Assert.Equal(
            expected,
            label.Rejection == RejectionReason.None ? $"{label.Model} {label.Id} {label.PayloadTimeMs}" : label.Rejection.ToString());
        Assert.Equal(
            record.Contains("soon", StringComparison.Ordinal), reader.FallenBack.Contains(PredictionField.Timestamp));
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
