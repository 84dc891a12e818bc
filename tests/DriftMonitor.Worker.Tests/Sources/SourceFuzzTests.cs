using System.IO.Compression;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Tests.Examples;
using DriftMonitor.Worker.Tests.Formats;
using Xunit.Sdk;

namespace DriftMonitor.Worker.Tests.Sources;

/// <summary>
/// Every frame and every preset, by the whole way of a record: whatever the bytes, predictions or a reason, never an exception, the same
/// again for the same bytes, and memory by their length. The inputs are accepted before they are mutated. <c>DRIFTMONITOR_FUZZ_INPUTS</c>
/// and
/// <c>DRIFTMONITOR_FUZZ_SEED</c> as in <see cref="PredictionFuzzTests"/>.
/// </summary>
public sealed class SourceFuzzTests(ITestOutputHelper output)
{
    private const string Own = """{"model":"m","id":"a","ts":1767225600000,"segment":"s","probs":[0.25,0.75]}""";
    private const string Label = """{"model":"m","id":"a","ts":1767225600000,"label":"1"}""";

    /// <summary>Frame or map → the source and payloads that it accepts.</summary>
    private static readonly Dictionary<string, (string Source, byte[][] Valid)> Framed = new()
    {
        ["gzip"] = ("""{"Frame":"gzip"}""", [Gzip(Own), Gzip(Own.Replace("m", "n", StringComparison.Ordinal))]),
        ["confluent"] = ("""{"Frame":"confluent"}""", [[0, 0, 0, 0, 7, .. Encoding.UTF8.GetBytes(Own)]]),
        ["connect"] = ("""{"Frame":"connect"}""", Bytes($$"""{"schema":{"type":"struct","fields":[]},"payload":{{Own}}}""")),
        ["string"] = ("""{"Frame":"string"}""", Bytes($"\"{Own.Replace("\"", "\\\"", StringComparison.Ordinal)}\"")),
        ["cloudevents"] = (
            """{"Frame":"cloudevents","Only":{"header:ce_type":"scored"}}""",
            Bytes($$"""{"specversion":"1.0","type":"scored","id":"e","time":"2026-01-01T00:00:00Z","data":{{Own}}}""")),
        ["gzip+connect"] = ("""{"Frame":"gzip+connect"}""", [Gzip($$"""{"schema":{},"payload":{{Own}}}""")]),
        ["rows"] = (
            """{"Rows":"/rows","Map":{"id":"^/id","ts":"/at","model":"^/m","segment":"/s","probs":"/p"},"Only":{"/v":"2"}}""",
            Bytes(
                """{"v":2,"id":"r","m":"m","rows":[{"p":[0.5,0.5],"at":1767225600000},{"p":[1,0],"s":"DE"}]}""",
                """{"rows":[{"p":[0.5,0.5]}],"m":"\u006d","v":"2"}""")),
        ["text"] = (
            """{"Rows":"/d//","Map":{"probs":"","id":"^/id"},"Model":"m"}""",
            Bytes("""{"d":"0.5,0.5\n0.25,0.75\n","id":7}""", """{"d":"W1swLjI1LDAuNzVdXQ==","id":"b"}""", """{"d":"[[0.25,0.75]]"}""")),
        ["labels"] = (
            """{"Kind":"labels","Frame":"cloudevents","Rows":"/rows","Map":{"id":"/i","label":"/y","ts":"^/at"},"Model":"m"}""",
            Bytes("""{"specversion":"1.0","data":{"at":1767225600000,"rows":[{"i":"a","y":true},{"i":2.0,"y":"1"}]}}""")),
        ["own labels"] = (
            """{"Kind":"labels"}""", Bytes(Label, Label.Replace("\"label\":\"1\"", "\"labels\":{\"a\":1}", StringComparison.Ordinal))),
    };

    public static TheoryData<string> Sources =>
    [
        .. Framed.Keys,
        .. Directory.GetFiles(RepositoryFiles.Example("presets"), "*.source.json")
            .Select(file => $"presets/{Path.GetFileName(file).Replace(".source.json", "", StringComparison.Ordinal)}")
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Mutated_records_have_predictions_or_a_reason(string name)
    {
        var (source, valid) = name.StartsWith("presets/", StringComparison.Ordinal) ? Preset(name) : With(Framed[name], headers: null);
        var read = Reader(source);
        Assert.All(valid, record => Assert.True(IsAccepted(read(record.Value, record.Headers)), Encoding.UTF8.GetString(record.Value)));
        var (random, accepted) = (new Random(Fuzzing.Seed), 0L);
        byte[][] values = [.. valid.Select(record => record.Value)];
        var isJson = Array.TrueForAll(values, value => value[0] is (byte)'{' or (byte)'"');
        for (var input = 0L; input < Fuzzing.Inputs / 4; input++)
        {
            var (value, headers) = valid[random.Next(valid.Length)];
            var bytes = isJson && random.Next(2) == 0 ? MutatedJson.Next(random, values) : MutatedBytes.Next(random, [value]);
            try
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var first = read(bytes, headers);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000 + (500L * bytes.Length));
                Assert.Equal(first, read(bytes, headers));
                accepted += IsAccepted(first) ? 1 : 0;
            }
            catch (Exception problem)
            {
                throw new XunitException($"{name}, input {input} of seed {Fuzzing.Seed}, {Convert.ToBase64String(bytes)}: {problem}");
            }
        }

        output.WriteLine($"{name}: {accepted} of {Fuzzing.Inputs / 4} are accepted");
        Assert.True(accepted > Fuzzing.Inputs / 1_000, // where a header counts bytes, few are
            "hardly any input is accepted");
    }

    /// <summary>A record of predictions, or of labels, to text.</summary>
    private static Func<byte[], Headers?, string> Reader(string source)
    {
        if (source.Contains("\"labels\"", StringComparison.Ordinal))
        {
            var labels = SourceDescriptions.Labels(source);
            return (bytes, headers) => string.Join('|', labels.Read(bytes, isNull: false, headers, "m"u8).Select(
                label =>
                    label.Rejection == RejectionReason.None ? $"0 {label.Row} {label.Id} {label.PayloadTimeMs}" : $"{label.Rejection}"));
        }

        var models = new WatchedModels(1_000, 1_000, acceptUnknown: true);
        var predictions = SourceDescriptions.Reader(source, models);
        return (bytes, headers) => string.Join('|', predictions.Read(bytes, headers, "m"));
    }

    private static bool IsAccepted(string read) => read.StartsWith("0 ", StringComparison.Ordinal) || read == "ignored";

    private static (string Source, (byte[] Value, Headers? Headers)[] Valid) Preset(string name)
    {
        var file = RepositoryFiles.Example(name);
        return (File.ReadAllText($"{file}.source.json"), [.. ExampleRecords.Of($"{file}.jsonl")]);
    }

    private static (string Source, (byte[] Value, Headers? Headers)[] Valid) With(
        (string Source, byte[][] Valid) framed, Headers? headers) =>
        (framed.Source, [.. framed.Valid.Select(value => (value, headers))]);

    private static byte[][] Bytes(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[] Gzip(string text)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return zipped.ToArray();
    }
}
