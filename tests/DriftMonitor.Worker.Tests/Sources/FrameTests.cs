using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Sources;

/// <summary>What systems wrap around a payload: read where it is declared, else refused with what to do (case 16).</summary>
public sealed class FrameTests
{
    private const string Payload = """{"model":"fraud","id":"f0","probs":[0.25,0.75]}""";
    private const string Read = "0 fraud/- f0 - 0.25 0.75 0";

    private static readonly byte[] Message =
        new Prediction { Model = "fraud", Id = "f0", Probs = new Values { Values_ = { 0.25f, 0.75f } } }.ToByteArray();

    /// <summary>Frame, format, and the value.</summary>
    public static TheoryData<string, string, byte[]> Framed => new()
    {
        { "confluent", "json", [0, 0, 0, 0, 17, .. Encoding.UTF8.GetBytes(Payload)] },
        { "confluent", "protobuf", [0, 0, 0, 0, 17, 0, .. Message] }, // the schema's first message
        // the message of index 1, and one in it of a large index
        { "confluent", "protobuf", [0, 0, 0, 0, 17, 4, 2, 0xfe, 0xff, 3, .. Message] },
        { "connect", "json", Encoding.UTF8.GetBytes($$$"""{"schema":{"type":"struct"},"payload":{{{Payload}}}}""") },
        { "string", "json", Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(Payload)}\"") },
        { "gzip", "json", Gzip(Encoding.UTF8.GetBytes(Payload)) },
        { "gzip", "protobuf", Gzip(Message) },
        { "cloudevents", "json", Encoding.UTF8.GetBytes($$$"""{"specversion":"1.0","data":{{{Payload}}}}""") },
    };

    [Theory]
    [MemberData(nameof(Framed))]
    public void A_frame_that_is_declared_is_taken_off(string frame, string format, byte[] value) =>
        Assert.Equal([Read], SourceDescriptions.Reader($$"""{"Frame":"{{frame}}","Format":"{{format}}"}""").Read(value));

    [Theory]
    [MemberData(nameof(Framed))]
    public void A_frame_that_is_not_declared_is_named(string frame, string format, byte[] value)
    {
        var reader = SourceDescriptions.Reader($$"""{"Format":"{{format}}"}""");
        Assert.Equal(["undeclared_frame"], reader.Read(value));
        Assert.Equal(frame, SourceOptions.FrameName(reader.Undeclared!.Value));
    }

    [Fact]
    public void Frames_may_stand_in_each_other()
    {
        var inner = $$$"""{"schema":{},"payload":"{{{JsonEncodedText.Encode(Payload)}}}"}""";
        Assert.Equal(
            [Read], SourceDescriptions.Reader("""{"Frame":"gzip+connect+string"}""").Read(Gzip(Encoding.UTF8.GetBytes(inner))));
    }

    [Theory]
    [InlineData("confluent", "{}", "malformed")]
    [InlineData("confluent", "\0\0\0\0\0", "empty")]
    [InlineData("connect", "[]", "not_an_object")]
    [InlineData("connect", """{"schema":{}}""", "missing_output")]
    [InlineData("connect", """{"payload":null}""", "empty")]
    [InlineData("connect", """{"payload":{},"payload":{}}""", "duplicate_field")]
    [InlineData("connect", "{", "malformed")]
    [InlineData("string", "{}", "wrong_type")]
    [InlineData("string", "\"\\ud800\"", "malformed")]
    [InlineData("string", "\"{}\" x", "malformed")]
    [InlineData("gzip", "{}", "malformed")]
    [InlineData("cloudevents", "{}", "not_a_cloud_event")]
    public void What_has_not_the_declared_frame_has_its_reason(string frame, string value, string reason) =>
        Assert.Equal([reason], SourceDescriptions.Reader($$$"""{"Frame":"{{{frame}}}","Map":{"probs":"/p"}}""").Read(value, new Headers()));

    /// <summary>
    /// The attributes of a CloudEvent are headers or stand in its value; a file has no headers, and may have the data alone.
    /// </summary>
    [Fact]
    public void Filters_look_at_the_attributes_of_CloudEvents()
    {
        var reader = SourceDescriptions.Reader(
            """{"Frame":"cloudevents","Only":{"header:ce_type":"scored","header:at":"us"},"Model":"m"}""");
        foreach (var headers in new[] { null, new Headers { { "at", "us"u8.ToArray() } } })
        {
            string Event(string type) => $$$"""{"data":{"label":1},"id":"e",{{{type}}}"specversion":"1.0"}""";
            Assert.Equal(["ignored"], reader.Read(Event("\"type\":\"asked\","), headers));
            Assert.Equal(["ignored"], reader.Read(Event(""), headers));
            Assert.Equal(["0 m/- e - 0.25 0.75 0"], reader.Read(
                """{"specversion":"1.0","type":"scored","id":"e","data":{"probs":[0.25,0.75]}}""", headers));
        }

        Assert.Equal(
            ["ignored"], reader.Read("""{"specversion":"1.0","type":"scored","data":{"probs":[0.25,0.75]}}""", new Headers()));
        Assert.Equal(["0 m/-  - 0.25 0.75 0"], reader.Read("""{"probs":[0.25,0.75]}"""));
    }

    [Fact]
    public void A_value_does_not_become_larger_than_a_record_may_be() =>
        Assert.Equal(["too_large"], SourceDescriptions.Reader("""{"Frame":"gzip"}""").Read(Gzip(new byte[100 * 1024 * 1024])));

    private static byte[] Gzip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return zipped.ToArray();
    }
}
