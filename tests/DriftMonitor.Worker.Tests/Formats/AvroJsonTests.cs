using System.Text;
using System.Text.Json;
using Avro.Generic;
using Avro.IO;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Values that Apache's own library writes.</summary>
public sealed class AvroJsonTests
{
    private const string Scored = """
        {"type":"record","name":"Scored","namespace":"shop","fields":[
          {"name":"model","type":"string"},
          {"name":"id","type":["null","string"]},
          {"name":"ts","type":{"type":"long","logicalType":"timestamp-micros"}},
          {"name":"probs","type":{"type":"array","items":"double"}},
          {"name":"country","type":{"type":"enum","name":"Country","symbols":["DE","FR"]}}]}
        """;

    private readonly AvroJson _json = new();

    [Fact]
    public void A_record_becomes_the_JSON_of_a_prediction()
    {
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(Scored);
        var record = new GenericRecord(schema);
        record.Add("model", "m");
        record.Add("id", "p1");
        record.Add("ts", new DateTime(2026, 1, 1, 0, 0, 1, 250, DateTimeKind.Utc));
        record.Add("probs", new object[] { 0.5, 0.25, 0.25 });
        record.Add("country", new GenericEnum((Avro.EnumSchema)schema["country"].Schema, "FR"));

        var json = Write(Scored, record);
        Assert.Equal("""{"model":"m","id":"p1","ts":"2026-01-01T00:00:01.2500000Z","probs":[0.5,0.25,0.25],"country":"FR"}""", json);
        var decoding = new Decoding("a", "b", "c");
        Decoding.AssertClose([0.5, 0.25, 0.25, 0], decoding.Cells(json));
        Assert.Equal((1_767_225_601_250, "p1"), (decoding.Record.PayloadTimeMs, decoding.Record.Id.ToString()));

        record.Add("id", null);
        Assert.Contains("\"id\":null", Write(Scored, record), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"int\"", -5, "-5")]
    [InlineData("\"long\"", long.MinValue, "-9223372036854775808")]
    [InlineData("\"long\"", long.MaxValue, "9223372036854775807")]
    [InlineData("\"float\"", 0.1f, "0.1")]
    [InlineData("\"double\"", 0.1, "0.1")]
    [InlineData("\"double\"", 1e22, "1E+22")]
    [InlineData("\"double\"", double.NaN, "\"NaN\"")]
    [InlineData("\"float\"", float.PositiveInfinity, "\"Infinity\"")]
    [InlineData("\"double\"", double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData("\"boolean\"", true, "true")]
    [InlineData("\"null\"", null, "null")]
    [InlineData("\"string\"", "a\"b\\\n\u00e4\u0001", "\"a\\u0022b\\u005c\\u000a\u00e4\\u0001\"")]
    [InlineData("\"string\"", "", "\"\"")]
    [InlineData("[\"null\",\"double\"]", 0.5, "0.5")]
    [InlineData("[\"null\",\"double\"]", null, "null")]
    public void Values_of_each_type(string schema, object? value, string json) => Assert.Equal(json, Write(schema, value));

    [Fact]
    public void Bytes_arrays_maps_and_fixed()
    {
        Assert.Equal("\"AQL/\"", Write("\"bytes\"", new byte[] { 1, 2, 255 }));
        Assert.Equal(
            "[[1,2],[]]", Write(
                """{"type":"array","items":{"type":"array","items":"int"}}""",
                new object[] { new object[] { 1, 2 }, Array.Empty<object>() }));
        Assert.Equal(
            """{"a":1,"b":2}""", Write("""{"type":"map","values":"int"}""", new Dictionary<string, object> { ["a"] = 1, ["b"] = 2 }));
        Assert.Equal("{}", Write("""{"type":"map","values":"int"}""", new Dictionary<string, object>()));
        const string two = """{"type":"fixed","name":"Two","size":2}""";
        Assert.Equal("\"AQI=\"", Write(two, new GenericFixed((Avro.FixedSchema)Avro.Schema.Parse(two), [1, 2])));
        const string empty = """{"type":"record","name":"Empty","fields":[]}""";
        Assert.Equal("{}", Write(empty, new GenericRecord((Avro.RecordSchema)Avro.Schema.Parse(empty))));
    }

    [Theory]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}""", "00bc614e", "12345678e-2")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}""", "ff", "-1e-2")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":9,"scale":0}""", "0a", "10")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}""", "00", "0")]
    [InlineData("""{"type":"bytes","logicalType":"decimal","precision":9}""", "", "\"\"")]
    public void Decimals_are_numbers(string schema, string hex, string json)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal((RejectionReason.None, json), Read([(byte)(2 * bytes.Length), .. bytes], schema));
    }

    /// <summary>Zigzag varints by hand: 1 767 225 601 250 ms.</summary>
    [Fact]
    public void Times_are_text_unless_they_are_beyond_the_calendar()
    {
        const string millis = """{"type":"long","logicalType":"timestamp-millis"}""";
        Assert.Equal("\"2026-01-01T00:00:01.2500000Z\"", Read(Varint(1_767_225_601_250), millis).Json);
        Assert.Equal("\"1969-12-31T23:59:59.9990000Z\"", Read(Varint(-1), millis).Json);
        Assert.Equal("9223372036854775807", Read(Varint(long.MaxValue), millis).Json);
        Assert.Equal("-9223372036854775808", Read(Varint(long.MinValue), millis).Json);
        Assert.Equal("7", Read(Varint(7), """{"type":"long","logicalType":"local-timestamp-millis"}""").Json);
    }

    [Fact]
    public void Blocks_may_say_their_size()
    {
        const string ints = """{"type":"array","items":"int"}""";
        Assert.Equal("[1,2]", Read([3, 4, 2, 4, 0], ints).Json); // −2 items, 2 bytes
        Assert.Equal("[1,2]", Read([2, 2, 2, 4, 0], ints).Json); // two blocks of one
    }

    [Theory]
    [InlineData("\"int\"", "")]
    [InlineData("\"int\"", "80")]
    [InlineData("\"int\"", "0000")] // something behind it
    [InlineData("\"boolean\"", "02")]
    [InlineData("\"double\"", "00000000000000")]
    [InlineData("\"string\"", "0461")]
    [InlineData("\"string\"", "01")] // −1 bytes
    [InlineData("\"string\"", "feffffffffffffffff01")]
    [InlineData("[\"null\",\"int\"]", "04")]
    [InlineData("[\"null\",\"int\"]", "01")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", "02")]
    [InlineData("""{"type":"array","items":"int"}""", "0202")]
    [InlineData("""{"type":"array","items":"int"}""", "ffffffffffffffffff01 00")]
    [InlineData("""{"type":"fixed","name":"F","size":4}""", "000000")]
    public void What_is_no_value_is_malformed(string schema, string hex) => Assert.Equal(
        (RejectionReason.Malformed, ""), Read(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), schema));

    /// <summary>Items that take no byte, and a list that goes on within itself.</summary>
    [Fact]
    public void Little_bytes_make_no_large_text()
    {
        Assert.Equal((RejectionReason.TooLarge, ""), Read([.. Varint(long.MaxValue), 0], """{"type":"array","items":"null"}"""));
        const string list = """{"type":"record","name":"L","fields":[{"name":"n","type":["null","L"]}]}""";
        Assert.Equal("""{"n":{"n":null}}""", Read([2, 0], list).Json);
        Assert.Equal(RejectionReason.Malformed, Read([.. Enumerable.Repeat((byte)2, 100_000), 0], list).Reason);
    }

    [Fact]
    public void Referenced_types_are_known()
    {
        var node = AvroNode.Parse(
            """{"type":"record","name":"R","namespace":"a","fields":[{"name":"s","type":"b.S"}]}""",
            ["""{"type":"record","name":"S","namespace":"b","fields":[{"name":"p","type":"double"}]}"""]);
        Assert.Equal(RejectionReason.None, _json.Write(BitConverter.GetBytes(0.25), node!, out var json));
        Assert.Equal("""{"s":{"p":0.25}}""", Encoding.UTF8.GetString(json));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("\"strin\"")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"s","type":"b.S"}]}""")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("[]x")]
    [InlineData("7")]
    public void What_is_no_schema(string schema) => Assert.Null(AvroNode.Parse(schema, []));

    private static byte[] Varint(long value)
    {
        using var stream = new MemoryStream();
        new BinaryEncoder(stream).WriteLong(value);
        return stream.ToArray();
    }

    private (RejectionReason Reason, string Json) Read(byte[] value, string schema)
    {
        var reason = _json.Write(value, AvroNode.Parse(schema, [])!, out var json);
        return (reason, Encoding.UTF8.GetString(json));
    }

    private string Write(string schema, object? value)
    {
        using var stream = new MemoryStream();
        new GenericDatumWriter<object?>(Avro.Schema.Parse(schema)).Write(value, new BinaryEncoder(stream));
        var (reason, json) = Read(stream.ToArray(), schema);
        Assert.Equal(RejectionReason.None, reason);
        using var document = JsonDocument.Parse(json);
        return json;
    }
}
