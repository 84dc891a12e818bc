using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using DriftMonitor.Alarms;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Status;

/// <summary>What the page of the status topic promises whoever reads it: its examples, as they stand there, and the schema.</summary>
public sealed partial class StatusReaderTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Topic = "panes.status";

    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Status");
    private static readonly string Page = File.ReadAllText(Path.Combine(Folder, "README.md"));

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly IProducer<string, byte[]> _producer;

    public StatusReaderTests()
    {
        _broker.CreateTopic(Topic, 2);
        _producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
    }

    [Fact]
    public void The_gate_in_CSharp_lets_pass_what_is_guarded_and_has_no_critical_alarm()
    {
        var here = File.ReadAllText(Path.Combine(
            RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Status", "StatusReaderTests.cs"));
        var method = here[here.LastIndexOf("    private static int Gate(", StringComparison.Ordinal)..];
        var body = method[(method.IndexOf("    {\n", StringComparison.Ordinal) + 6)..method.IndexOf("\n    }\n", StringComparison.Ordinal)];
        Assert.Equal(body.Replace("\n        ", "\n", StringComparison.Ordinal).TrimStart(), Example("csharp"));

        foreach (var (model, expected) in Cases())
        {
            Assert.Equal((model, expected), (model, Gate([_broker.BootstrapServers, Topic, model])));
        }
    }

    [Fact]
    public async Task The_gate_in_Python_lets_pass_what_is_guarded_and_has_no_critical_alarm()
    {
        Assert.SkipUnless(
            File.Exists(Python) && (await Tool.RunAsync(Python, "-c", "import confluent_kafka")).ExitCode == 0,
            "python3-confluent-kafka is not installed");
        var script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script, Example("python"), TestContext.Current.CancellationToken);
        foreach (var (model, expected) in Cases())
        {
            var (code, output) = await Tool.RunAsync(Python, script, _broker.BootstrapServers, Topic, model);
            Assert.Equal((model, expected), (model, code));
            Assert.Equal(model == "drifting", output.Contains("4 is chosen more often", StringComparison.Ordinal));
        }

        File.Delete(script);
    }

    [Fact]
    public void The_schema_names_what_is_written()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "status.schema.json")))!;
        var status = Of("m", ModelState.Guarded, 1, Drift(AlarmSeverity.Critical));
        var written = JsonNode.Parse((status with { ReferenceChange = new(ReferenceAct.Undone, 2, "ops", 3) }).ToJson())!.AsObject();
        Assert.Equal(written.Select(field => field.Key), Names(schema["properties"]!));
        var required = schema["required"]!.AsArray().Select(name => (string)name!); // what is added later cannot be
        Assert.Equal(written.Select(field => field.Key).Where(name => name != "reference_change"), required);
        var change = schema["properties"]!["reference_change"]!["properties"]!;
        Assert.Equal(written["reference_change"]!.AsObject().Select(field => field.Key), Names(change));
        Assert.Contains((string)written["reference_change"]!["what"]!, change["what"]!["enum"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(written["alarms"]![0]!.AsObject().Select(field => field.Key), Names(schema["$defs"]!["alarm"]!["properties"]!));
        Assert.Equal(
            written["reported"]![0]!.AsObject().Select(field => field.Key),
            Names(schema["properties"]!["reported"]!["items"]!["properties"]!));
        Assert.Equal(
            Enum.GetValues<ModelState>().Select(DriftMonitor.Display.SnakeCaseName.Of).Order(StringComparer.Ordinal),
            schema["properties"]!["state"]!["enum"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal));

        Assert.Equal(
            Enum.GetValues<AlarmKind>().Select(DriftMonitor.Display.SnakeCaseName.Of),
            schema["$defs"]!["alarm"]!["properties"]!["kind"]!["enum"]!.AsArray().Select(name => (string)name!));

        static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(field => field.Key);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
    }

    private static string Example(string language) =>
        Fence().Matches(Page).Single(fence => fence.Groups["language"].Value == language).Groups["code"].Value;

    [GeneratedRegex("```(?<language>\\w+)\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    /// <summary>What a gate has to say of each model: 0 lets pass.</summary>
    private (string Model, int Code)[] Cases()
    {
        Say(Of("good", ModelState.Guarded, 2));
        Say(Of("good", ModelState.Silent, 1)); // by whom has lost it
        Say(Of("warned", ModelState.Guarded, 1, Drift(AlarmSeverity.Warning)));
        Say(Of("drifting", ModelState.Guarded, 1, Drift(AlarmSeverity.Critical)));
        Say(Of("filling", ModelState.Filling, 1));
        Say(Of("left alone", ModelState.Guarded, 1) with { WrittenMs = WallClock.NowMs - 600_000 });
        _producer.Flush(TimeSpan.FromSeconds(30));
        return [("good", 0), ("warned", 0), ("drifting", 1), ("filling", 1), ("left alone", 1), ("unheard of", 1)];
    }

    private void Say(ModelStatus status) =>
        _producer.Produce(Topic, new Message<string, byte[]> { Key = status.Model, Value = status.ToJson() });

    private static ModelStatus Of(string model, ModelState state, long epoch, params ImmutableArray<StatusAlarm> alarms) => new(
        ModelStatus.CurrentVersion, model, epoch, DecidedToMs: 1_000, WallClock.NowMs, new StatusOwner("a", "http://a:9464"), state, 900,
        950, new StatusReference("r", 1), alarms, [], [new("_all", AlarmKind.OutputDrift, AlarmSeverity.Critical, "5m", 1, null)],
        JsonDocument.Parse("{}").RootElement);

    private static StatusAlarm Drift(AlarmSeverity pagesAs) => new(
        "_all", AlarmKind.OutputDrift, AlarmSeverity.Critical, "budget", Pages: true, "4 is chosen more often", 900, null, 800,
        OnsetIsAtLeast: false, "5m", Measure.KlLiveVsReference, 0.3, 0.1, 3, 900, ["5m"], "r", pagesAs);

    private static int Gate(string[] args)
    {
        var (brokers, topic, model) = (args[0], args[1], args[2]);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = brokers }).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics[0].Partitions;
        var settings = new ConsumerConfig
        {
            BootstrapServers = brokers,
            GroupId = "gate",
            EnablePartitionEof = true,
            EnableAutoCommit = false,
        };
        using var consumer = new ConsumerBuilder<string, string>(settings).Build();
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(topic, p.PartitionId, Offset.Beginning)));
        JsonNode? status = null;
        var readWhole = new HashSet<Partition>();
        while (readWhole.Count < partitions.Count)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException("the brokers do not answer");
            if (record.IsPartitionEOF)
            {
                readWhole.Add(record.Partition);
            }
            else if (record.Message.Key == model && JsonNode.Parse(record.Message.Value) is { } read
                && (status is null || Order(read).CompareTo(Order(status)) >= 0))
            {
                status = read;
            }
        }

        var isWatched = status is not null && (long)status["written_ms"]! > DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 300_000;
        var critical = status?["alarms"]!.AsArray()
            .Where(alarm => (string?)(alarm!["pages_as"] ?? alarm["severity"]) == "critical" && (bool)alarm["pages"]!).ToList();
        critical?.ForEach(alarm => Console.WriteLine(alarm!["summary"]));
        return isWatched && critical is [] && (string?)status!["state"] == "guarded" ? 0 : 1;

        static (long, long) Order(JsonNode status) => ((long)status["epoch"]!, (long)status["decided_to_ms"]!);
    }
}
