using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Commands;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>What somebody changes over HTTP is in the log and in the status topic, and holds for the next owner of the model.</summary>
public sealed class ChangePipelineTests : IDisposable
{
    private const string Token = "the token of who may change things";
    private const string Good = "0.25,0.75";
    private const string Bad = "0.75,0.25";
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-changes-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly IProducer<Null, byte[]> _producer;
    private readonly LogLines _log = new();
    private readonly HttpClient _http = new();

    public ChangePipelineTests()
    {
        string[] topics = ["predictions", "panes", "panes.rollups", "panes.status", "panes.calibrations", "panes.references"];
        Array.ForEach(topics, topic => _broker.CreateTopic(topic, 1));
        _producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        File.WriteAllText(TokenFile, Token);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    private string TokenFile => Path.Combine(_files.FullName, "token");

    private string References => _files.CreateSubdirectory("references").FullName;

    [Fact]
    public async Task A_promotion_sent_again_pushes_nothing_also_to_the_next_owner_and_can_be_undone_once()
    {
        var (firstMs, laterMs) = (Ms(_time.GetUtcNow()), Ms(_time.GetUtcNow().AddSeconds(30)));
        await using (var monitor = await StartAsync())
        {
            await SendUntilAsync(monitor, Good, "the first range is over", () => Task.FromResult(NowMs > laterMs));
            await SendUntilAsync(monitor, Bad, "the second is", () => Task.FromResult(NowMs > laterMs + 30_000));
            await OwnsAsync(monitor);
            Assert.Equal((1, 300), await PromoteAsync(monitor, firstMs, laterMs));
            Assert.Equal((1, 300), await PromoteAsync(monitor, firstMs, laterMs));
        }

        await using var next = await StartAsync();
        await OwnsAsync(next);
        Assert.Equal((1, 300), await PromoteAsync(next, firstMs, laterMs));
        Assert.Contains("nothing was pushed", (await PromotionAsync(next))!["lines"]!.ToJsonString(), Ordinal);
        await next.UntilAsync("version 1 is listed", async () => (await VersionsAsync(next)).SequenceEqual(["1 in_use ops "]), Tick);

        Assert.Equal((2, 300), await PromoteAsync(next, laterMs, laterMs + 30_000));
        await next.UntilAsync(
            "version 2 is in use", async () => (await VersionsAsync(next)).SequenceEqual(["2 in_use ops ", "1 superseded ops "]), Tick);
        await SaysAsync(next, "pushed", 2);

        Assert.Equal(HttpStatusCode.Conflict, (await UndoAsync(next, 1)).Status); // not the latest
        Assert.Equal(HttpStatusCode.Conflict, (await UndoAsync(next, 9)).Status); // none
        var undone = await UndoAsync(next, 2);
        Assert.Equal(HttpStatusCode.OK, undone.Status);
        Assert.Contains("in use: m version 1", (string)undone.Answer["in_use"]!, Ordinal);
        var again = await UndoAsync(next, 2);
        Assert.Equal((undone.Status, undone.Answer.ToJsonString()), (again.Status, again.Answer.ToJsonString()));
        await next.UntilAsync(
            "version 1 is in use again",
            async () => (await VersionsAsync(next)).SequenceEqual(["2 undone ops ops", "1 in_use ops "]), Tick);
        await SaysAsync(next, "undone", 2);
        Assert.Contains(_log.All, line => line.Contains("reference of m version 2: undone by ops", Ordinal));
        Assert.Contains(_log.All, line => line.StartsWith("Information: m version 2, id ", Ordinal) && line.EndsWith("for ops", Ordinal));

        // what was undone may be wanted after all, and what somebody else has pushed another one over
        Assert.Equal((3, 300), await PromoteAsync(next, laterMs, laterMs + 30_000));
        var pushed = await DriftMonitorConsole.RunAsync(
            "reference", "push", "--Kafka:PanesTopic=panes", $"--Kafka:BootstrapServers={_broker.BootstrapServers}", Snapshot(9));
        Assert.Equal((0, ""), (pushed.ExitCode, pushed.Error));
        await next.UntilAsync("the pushed one is in use", async () => (await VersionsAsync(next))[0].StartsWith("9 in_use", Ordinal), Tick);
        Assert.Equal((10, 300), await PromoteAsync(next, laterMs, laterMs + 30_000));
    }

    [Fact]
    public async Task An_acknowledgement_is_in_the_log_and_in_the_status_and_kept_by_the_next_owner()
    {
        File.Copy(Snapshot(1), Path.Combine(References, "m.json"));
        await using (var monitor = await StartAsync())
        {
            await SendUntilAsync(monitor, Bad, "an alarm", async () => await AlarmAsync(monitor) is not null);
            var alarm = (await AlarmAsync(monitor))!;
            string[] names = ["model", "segment", "kind", "severity", "began_ms"];
            var key = names.Select(name => (name, alarm[name])).Append(("window", alarm["first"]!["window"]));
            var query = string.Join('&', key.Select(pair => $"{pair.Item1}={Uri.EscapeDataString($"{pair.Item2}")}"));
            var (status, answer) = await SendAsync(
                monitor, HttpMethod.Put, $"/api/v1/alarm/acknowledgement?{query}",
                $$"""{"by":"Ann","why":"a new camera","until_ms":{{NowMs + 3_600_000}}}""");
            Assert.Equal((HttpStatusCode.OK, "a new camera"), (status, (string)answer["acknowledged"]!["why"]!));
            Assert.Contains(_log.All, line => line.StartsWith("Information: Critical alarm of m, ", Ordinal)
                && line.Contains("acknowledged by Ann (ops), until ", Ordinal) && line.EndsWith(": a new camera", Ordinal));
        }

        await using var next = await StartAsync();
        await next.UntilAsync(
            "the next owner has it",
            async () => (string?)(await AlarmAsync(next))?["acknowledged"]?["why"] == "a new camera", Tick);
        await OwnsAsync(next);
        var known = (await AlarmAsync(next))!["acknowledged"]!;
        Assert.Equal("Ann (ops)", (string)known["by"]!);
    }

    public void Dispose()
    {
        _http.Dispose();
        _producer.Dispose();
        _broker.Dispose();
        _files.Delete(recursive: true);
    }

    /// <summary>The file of a reference of an hour before the start.</summary>
    private string Snapshot(int version)
    {
        var lines = Path.Combine(_files.FullName, "reference.jsonl");
        File.WriteAllLines(lines, Enumerable.Range(0, 1_000).Select(i => Line(Start.AddSeconds(i - 2_000), Good)));
        var file = Path.Combine(_files.FullName, "snapshot.json");
        ReferenceFile.Write(ReferenceFromPredictions.Build(lines, null, null, version, Start).Snapshots.Single(), file);
        return file;
    }

    private long NowMs => Ms(_time.GetUtcNow());

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private void Tick() => _time.Advance(TimeSpan.FromMilliseconds(100));

    private async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(
        RunningMonitor monitor, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(monitor.Address, path));
        request.Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    private async Task<JsonNode> GetAsync(RunningMonitor monitor, string path) => (await SendAsync(monitor, HttpMethod.Get, path)).Answer;

    private Task OwnsAsync(RunningMonitor monitor) => monitor.UntilAsync(
        "it owns the model",
        async () => (await SendAsync(monitor, HttpMethod.Get, "/api/v1/model?model=m")).Status == HttpStatusCode.OK, Tick);

    private async Task<JsonNode?> AlarmAsync(RunningMonitor monitor) =>
        (await GetAsync(monitor, "/api/v1/alarms?on=true&severity=critical"))["items"]!.AsArray().FirstOrDefault();

    private async Task<JsonNode?> PromotionAsync(RunningMonitor monitor) => await GetAsync(monitor, "/api/v1/references/promotion?model=m");

    /// <summary>Asks for a promotion, and waits until it is done.</summary>
    /// <returns>The version that is in use then, and how many events it is of.</returns>
    private async Task<(int Version, int Events)> PromoteAsync(RunningMonitor monitor, long fromMs, long toMs)
    {
        var request = $$"""{"from_ms":{{fromMs}},"to_ms":{{toMs}}}""";
        var asked = await SendAsync(monitor, HttpMethod.Put, "/api/v1/references/promotion?model=m", request);
        Assert.Equal(HttpStatusCode.Accepted, asked.Status);
        await monitor.UntilAsync(
            "the promotion has ended", async () => (string?)(await PromotionAsync(monitor))!["state"] != "running", Tick);
        var ended = (await PromotionAsync(monitor))!;
        Assert.Equal("done", (string)ended["state"]!);
        var line = (string)ended["lines"]![0]!; // m version 1, id …, 300 events over 2 classes
        return ((int)ended["version"]!, int.Parse(line.Split(", ")[2].Split(' ')[0], CultureInfo.InvariantCulture));
    }

    private async Task<string[]> VersionsAsync(RunningMonitor monitor) =>
    [
        .. (await GetAsync(monitor, "/api/v1/references?model=m"))["items"]!.AsArray().Select(
            version => $"{version!["version"]} {version["state"]} {version["pushed"]?["by"]} {version["undone"]?["by"]}"),
    ];

    private Task<(HttpStatusCode Status, JsonNode Answer)> UndoAsync(RunningMonitor monitor, int version) => SendAsync(
        monitor, HttpMethod.Delete, $"/api/v1/references?model=m&version={version}");

    /// <summary>Waits until the status topic says of a change who made it.</summary>
    private async Task SaysAsync(RunningMonitor monitor, string what, int version)
    {
        using var consumer = new ConsumerBuilder<string, string>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "status" }).Build();
        consumer.Assign(new TopicPartitionOffset("panes.status", 0, Offset.Beginning));
        JsonNode? said = null;
        await monitor.UntilAsync(
            $"the status says that version {version} was {what}",
            () =>
            {
                while (consumer.Consume(TimeSpan.FromMilliseconds(10)) is { } record)
                {
                    said = JsonNode.Parse(record.Message.Value)!["reference_change"];
                }

                return Task.FromResult(
                    ((string?)said?["what"], (int?)said?["version"], (string?)said?["by"]) == (what, version, "ops"));
            },
            Tick);
    }

    private Task<RunningMonitor> StartAsync() => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Kafka:Client:group.protocol"] = "consumer", // a rebalance takes 0.1 s
            ["Windows:Spans"] = "1m/5s",
            ["Divergence:MinimumEvents"] = "20",
            ["References:Directory"] = References,
            ["Alarms:KlWarningNats"] = "0",
            ["Alarms:KlCriticalNats"] = "0.1",
            ["Logging:LogLevel:DriftMonitor"] = "Information",
            ["Http:Tokens:0:Name"] = "ops",
            ["Http:Tokens:0:Role"] = "change",
            ["Http:Tokens:0:File"] = TokenFile,
        },
        _log);

    /// <summary>A second passes between two looks, with ten records in it.</summary>
    private Task SendUntilAsync(RunningMonitor monitor, string probabilities, string what, Func<Task<bool>> isSo) =>
        monitor.UntilAsync(what, isSo, () =>
        {
            for (var i = 0; i < 10; i++)
            {
                var at = _time.GetUtcNow().AddMilliseconds(100 * i);
                _producer.Produce("predictions", new Message<Null, byte[]>
                {
                    Value = Encoding.UTF8.GetBytes(Line(at, probabilities)),
                    Timestamp = new Timestamp(at),
                });
            }

            _producer.Flush(TimeSpan.FromSeconds(30));
            _time.Advance(TimeSpan.FromSeconds(1));
        });

    private static string Line(DateTimeOffset at, string probabilities) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"model":"m","ts":{{at.ToUnixTimeMilliseconds()}},"probs":[{{probabilities}}]}""");
}
