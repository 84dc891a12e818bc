using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Commands;

namespace DriftMonitor.Worker.Tests.Tables;

/// <summary>A reference is the same whatever its rows are written in. See README.md in this folder for the files.</summary>
public sealed class SameReferenceTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private const string Mapped =
        """{"Map":{"model":"/model","id":"/id","ts":"/ts","segment":"/segment","probability":"/p"},"Model":"other"}""";

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    private static JsonElement[] Rows { get; } =
        [.. File.ReadLines(Given("jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_table_of_a_topic_and_of_lines(bool isMapped)
    {
        string[] how = isMapped ? ["--source", Write("source.json", Mapped)] : [];
        var fromLines = await BuildAsync(["--predictions", Given("jsonl"), .. how]);
        Assert.Equal((Rows.Length, isMapped ? 2 : 3), (fromLines.All.Events, fromLines.ClassSpace.ClassCount));
        Assert.Equal(Rows.Average(row => row.GetProperty("p").GetDouble()), fromLines.All.Shares[isMapped ? 1 : 0], 1e-9);
        Assert.Equal(
            Rows.Count(row => row.TryGetProperty("segment", out var segment) && segment.GetString() == "café"),
            fromLines.Segments["café"].Events);

        var topic = await ProduceAsync();
        string[][] others =
        [
            ["--predictions", Given("parquet"), .. how],
            ["--predictions", Given("csv"), .. how],
            ["--predictions", Compress("csv"), .. how],
            ["--predictions", Compress("jsonl"), .. how],
            ["--predictions", "-", .. how],
            [
                "--topic", topic, "--from", "2026-01-01T00:00:00Z", "--brokers", broker.BootstrapServers, "--client",
                "fetch.wait.max.ms=10", .. how,
            ],
        ];
        foreach (var other in others)
        {
            Assert.Equal((other[1], fromLines.Id), (other[1], (await BuildAsync(other)).Id));
        }
    }

    [Fact]
    public async Task Tables_are_replayed_and_labels_are_read_from_them()
    {
        var labels = Write(
            "labels.csv", string.Join('\n', Rows.Select(row => $"{row.GetProperty("id")},{row.GetProperty("ts")},iris,1")
                .Prepend("id,ts,model,label").Append("00000,1767225600000,iris,"))); // not known yet
        string[] command = ["replay", "--feedback", labels, "--window", "10m", "--format", "jsonl", "--predictions"];
        var (code, fromLines, told) = await DriftMonitorConsole.RunAsync([.. command, Given("jsonl")]);
        var (_, fromTable, _) = await DriftMonitorConsole.RunAsync([.. command, Given("parquet")]);

        Assert.Equal((0, fromLines), (code, fromTable));
        Assert.Contains("241 labels, 240 matched, 1 ignored", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_is_rejected_is_found()
    {
        var (code, _, error) = await DriftMonitorConsole.RunAsync(
            "reference", "build", "--output", _files.FullName, "--predictions",
            Write("p.csv", "model,probs\nm,\"[0.5, 0.5]\"\nm,[0.25 0.75]\n"));
        Assert.Equal(1, code);
        Assert.Contains("p.csv:3: wrong_type at /probs: expected", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--predictions, --feedback: standard input (-) can be given once only", "--predictions", "-", "--feedback", "-")]
    [InlineData("nothing.csv: has no line of column names", "--predictions", "nothing.csv")]
    [InlineData("nothing.parquet: cannot be read as Parquet", "--predictions", "nothing.parquet")]
    [InlineData("nothing.csv: a table has no Frame and no Format", "--predictions", "nothing.csv", "--source", "gzip.json")]
    public async Task What_cannot_be_read_is_told_in_a_line(string expected, params string[] options)
    {
        string[] files = [Write("nothing.csv", ""), Write("nothing.parquet", "PAR1"), Write("gzip.json", """{"Frame":"gzip"}""")];
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
        [
            "reference", "build", "--output", _files.FullName,
            .. options.Select(option => files.FirstOrDefault(path => Path.GetFileName(path) == option) ?? option),
        ]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(expected, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static string Given(string kind) => Path.Combine(
        RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Tables", "pandas", $"predictions.{kind}");

    private string Compress(string kind)
    {
        var path = Path.Combine(_files.FullName, $"p.{kind}.gz");
        using var file = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        file.Write(File.ReadAllBytes(Given(kind)));
        return path;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_files.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<DriftMonitor.References.ReferenceSnapshot> BuildAsync(string[] options)
    {
        var output = Path.Combine(_files.FullName, Guid.NewGuid().ToString("N"));
        await using var input = File.OpenRead(Given("jsonl"));
        var (code, _, error) = await DriftMonitorConsole.RunAsync(input, ["reference", "build", "--output", output, .. options]);
        Assert.Equal((0, ""), (code, error));
        return ReferenceFile.Read(Assert.Single(Directory.GetFiles(output)));
    }

    private async Task<string> ProduceAsync()
    {
        var topic = await broker.CreateTopicAsync("tables", 1);
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        foreach (var row in Rows)
        {
            producer.Produce(topic, new Message<Null, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(row.GetRawText()),
                Timestamp = new Timestamp(row.GetProperty("ts").GetInt64(), TimestampType.CreateTime),
            });
        }

        producer.Flush(TestContext.Current.CancellationToken);
        return topic;
    }
}
