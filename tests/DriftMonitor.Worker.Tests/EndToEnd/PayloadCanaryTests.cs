using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
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
        "/api/v1/rejections", "/api/v1/monitor", "/metrics",
    ];

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Start);

    [Fact]
    public async Task What_records_hold_is_nowhere_to_be_seen()
    {
        string[] topics = ["predictions", "panes", "panes.rollups", "panes.status", "panes.calibrations", "panes.references"];
        Array.ForEach(topics, topic => _broker.CreateTopic(topic, 1));
        var ms = Start.ToUnixTimeMilliseconds();
        string[] records =
        [
            $$"""{"model":"m","ts":{{ms}},"probs":[0.25,0.75],"note":"{{Canary}}","id":"{{Canary}}"}""", // unknown fields: it counts
            $$"""{"model":"m","ts":"{{Canary}}","probs":[0.25,0.75]}""",
            $$"""{"model":"m","ts":{{ms}},"probs":["{{Canary}}"]}""",
            $$"""{"model":"m","ts":{{ms}},"probs":[0.25,0.85],"note":"{{Canary}}"}""",
            $$"""{"model":"m","ts":{{ms}},"note":{{Canary}}""", // no JSON
            $$"""{"ts":{{ms}},"probs":[0.25,0.75],"note":"{{Canary}}"}""",
            Canary,
        ];
        Send(records);
        await using var monitor = await RunningMonitor.StartAsync(_time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = "1m/5s",
        });
        await monitor.UntilAsync(
            "all are read",
            async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == records.Length,
            () => _time.Advance(TimeSpan.FromMilliseconds(1)));
        await monitor.UntilAsync(
            "a window has them",
            async () => await monitor.ValueAsync("driftmonitor_window_events", "model=\"m\"") >= 1,
            () => _time.Advance(TimeSpan.FromSeconds(1)));

        foreach (var address in Addresses)
        {
            using var answer = await monitor.GetAsync(address);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"{address}: {text}");
            Assert.DoesNotContain(Canary, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(
                Canary, string.Join('\n', answer.Headers.SelectMany(header => header.Value)), StringComparison.OrdinalIgnoreCase);
        }

        using var rejections = await monitor.GetAsync("/api/v1/rejections"); // so the canaries were there to be shown
        Assert.Matches(
            "\"rejected\":[4-6],", await rejections.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => _broker.Dispose();

    /// <summary>With a header that holds it, and a key that does, where that does not name the model.</summary>
    private void Send(string[] records)
    {
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        foreach (var record in records)
        {
            producer.Produce("predictions", new Message<string, byte[]>
            {
                Key = record.Contains("\"model\"", StringComparison.Ordinal) ? Canary : "m",
                Value = Encoding.UTF8.GetBytes(record),
                Headers = new Headers { { "note", Encoding.UTF8.GetBytes(Canary) } },
                Timestamp = new Timestamp(Start),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
