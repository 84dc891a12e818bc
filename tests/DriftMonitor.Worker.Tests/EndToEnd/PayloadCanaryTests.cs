using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>No page, no answer of the API and no metric shows what records hold beside what is counted.</summary>
public sealed class PayloadCanaryTests : IDisposable
{
    private const string Canary = "c4nary";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private static readonly string[] Addresses =
    [
        "/", "/models", "/model?model=m", "/references", "/references?model=m", "/rejected", "/rejected?model=m", "/monitor",
        "/api/v1/alarms", "/api/v1/models", "/api/v1/model?model=m", "/api/v1/history?model=m&window=1m", "/api/v1/references",
        "/api/v1/rejections", "/api/v1/monitor", "/metrics", "/alarm?model=m", "/api/v1/alarm?model=m",
    ];

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-canary-");

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Start);

    [Fact]
    public async Task What_records_hold_is_nowhere_to_be_seen()
    {
        string[] topics =
        [
            "predictions", "labels", "panes", "panes.rollups", "panes.status", "panes.calibrations", "panes.references", "panes.feedback",
        ];
        Array.ForEach(topics, topic => _broker.CreateTopic(topic, 1));
        var ms = Start.ToUnixTimeMilliseconds();
        var lines = Path.Combine(_files.FullName, "reference.jsonl");
        File.WriteAllLines(lines, Enumerable.Range(-100, 100).Select(
            second => $$"""{"model":"m","ts":{{ms + (1_000 * second)}},"probs":[0.25,0.75],"{{Canary}}":"{{Canary}}"}"""));
        var references = _files.CreateSubdirectory("references").FullName;
        ReferenceFile.Write(
            ReferenceFromPredictions.Build(lines, null, null, 1, Start).Snapshots.Single(), Path.Combine(references, "m.json"));
        string[] records =
        [
            $$"""{"model":"m","ts":{{ms}},"probs":[0.25,0.75],"note":"{{Canary}}","id":"{{Canary}}"}""", // unknown fields: it counts
            $$"""{"model":"m","ts":"{{Canary}}","probs":[0.25,0.75]}""",
            $$"""{"model":"m","ts":{{ms}},"probs":["{{Canary}}"]}""",
            $$"""{"model":"m","ts":{{ms}},"probs":[0.25,0.85],"note":"{{Canary}}"}""",
            $$"""{"model":"m","ts":{{ms}},"note":{{Canary}}""", // no JSON
            $$"""{"ts":{{ms}},"probs":[0.25,0.75],"note":"{{Canary}}"}""",
            $$"""{"{{Canary}}":{"{{Canary}}":[1]},"model":"m","ts":{{ms}},"probs":[0.25,0.75]}""", // so does it
            $$"""{"{{Canary}}":1,"model":"m","ts":{{ms}},"probs":[0.25,0.85]}""",
            $$"""{"model":"m","ts":{{ms}},"{{Canary}}":[0.25,0.75]}""",
            $$"""{"{{Canary}}":{"model":"m"},"ts":{{ms}}}""",
            $$"""{"{{Canary}}":{{Canary}}}""",
            Canary,
        ];
        string[] labels =
        [
            $$"""{"model":"m","id":"{{Canary}}","label_index":1,"ts":{{ms}},"{{Canary}}":"{{Canary}}"}""", // it counts
            $$"""{"model":"m","id":"{{Canary}}","label":"{{Canary}}","ts":{{ms}}}""",
            $$"""{"model":"m","id":"{{Canary}}","label_index":"{{Canary}}"}""",
            $$"""{"model":"m","id":"{{Canary}}","label_index":1,"ts":"{{Canary}}"}""",
            $$"""{"model":"m","{{Canary}}":1}""",
            $$"""{"{{Canary}}":"m","label_index":1}""",
            $$"""{"{{Canary}}":{{Canary}}}""",
            Canary,
        ];
        Send("predictions", records);
        Send("labels", labels);
        await using var monitor = await RunningMonitor.StartAsync(_time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Feedback:Topic"] = "labels",
            ["Feedback:Horizon"] = "1m",
            ["Windows:Spans"] = "1m/5s",
            ["Divergence:MinimumEvents"] = "4",
            ["References:Directory"] = references,
            ["Alarms:KlWarningNats"] = "0",
            ["Alarms:KlCriticalNats"] = "0.1",
        });
        await monitor.UntilAsync(
            "all are read",
            async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == records.Length
                && await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"labels\"") == labels.Length,
            () => _time.Advance(TimeSpan.FromMilliseconds(1)));
        await monitor.UntilAsync(
            "an alarm is on",
            async () => (await AlarmsAsync(monitor)).Count > 0,
            () =>
            {
                var nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
                Send("predictions", [$$"""{"model":"m","ts":{{nowMs}},"probs":[0.95,0.05],"{{Canary}}":"{{Canary}}"}"""]);
                _time.Advance(TimeSpan.FromSeconds(1));
            });

        foreach (var address in Addresses)
        {
            using var answer = await monitor.GetAsync(address);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"{address}: {text}");
            Assert.DoesNotContain(Canary, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(
                Canary, string.Join('\n', answer.Headers.SelectMany(header => header.Value)), StringComparison.OrdinalIgnoreCase);
        }

        var read = (await JsonAsync(monitor, "/api/v1/rejections"))["replicas"]![0]!["topics"]!.AsArray();
        Assert.Equal(
            [("labels", true), ("predictions", true)], // so the canaries were there to be shown
            read.Select(topic => ((string)topic!["topic"]!, (long)topic["rejected"]! >= 4)).Order());
    }

    public void Dispose()
    {
        _broker.Dispose();
        _files.Delete(recursive: true);
    }

    private static async Task<JsonArray> AlarmsAsync(RunningMonitor monitor) =>
        (await JsonAsync(monitor, "/api/v1/alarms?on=true"))["items"]!.AsArray();

    private static async Task<JsonNode> JsonAsync(RunningMonitor monitor, string address)
    {
        using var answer = await monitor.GetAsync(address);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>With a header that holds it, and a key that does, where that does not name the model.</summary>
    private void Send(string topic, string[] records)
    {
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        foreach (var record in records)
        {
            producer.Produce(topic, new Message<string, byte[]>
            {
                Key = record.Contains("\"model\"", StringComparison.Ordinal) ? Canary : "m",
                Value = Encoding.UTF8.GetBytes(record),
                Headers = new Headers { { "note", Encoding.UTF8.GetBytes(Canary) } },
                Timestamp = new Timestamp(_time.GetUtcNow()),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
