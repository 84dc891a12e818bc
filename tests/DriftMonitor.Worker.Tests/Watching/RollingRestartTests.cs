using System.Text.Json.Nodes;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// Three replicas are replaced one after the other, as an orchestrator rolls a release out, while an alert fires: nobody hears of it. Real
/// processes, a real Prometheus and Alertmanager with the shipped files (<see cref="Durations"/> says what is changed), and a webhook. The
/// alarm moves at least once, and the alert is the same from its page to its recovery.
/// </summary>
[Collection(nameof(WatchedModelTests))] // not at once: both run real programs against short times
public sealed class RollingRestartTests(ITestOutputHelper output) : IDisposable
{
    private const string Model = "digits-lr";
    private const string Active = "driftmonitor_alarm_active{";
    private const int Killed = 1; // by SIGKILL, as by an orchestrator that loses its patience; the others are asked to end
    private const int Quicker = 15; // replicas start as slowly as ever: 5 minutes become 20 seconds
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-rolling-");
    private readonly string[] _lines = File.ReadAllLines(RepositoryFiles.Digits("predictions.jsonl"));
    private readonly List<MonitorProcess> _replicas = [];

    [Fact]
    public async Task A_rolling_restart_under_a_firing_alert_sends_no_notification()
    {
        Tool.Need("prometheus", "prometheus-alertmanager");
        await using var broker = await DefaultBroker.StartAsync();
        var (predictions, feedback) = (await broker.CreateTopicAsync("predictions", 3), await broker.CreateTopicAsync("feedback", 3));
        var references = _directory.CreateSubdirectory("references").FullName;
        ReferenceFile.Write(
            ReferenceFromPredictions.Build(RepositoryFiles.Digits("reference.jsonl"), null, null, 1, DateTimeOffset.UtcNow)
                .Snapshots.Single(),
            Path.Combine(references, "digits.json"));
        string[] settings =
        [
            $"Kafka:BootstrapServers={broker.BootstrapServers}", $"Kafka:PredictionTopics={predictions}",
            $"Kafka:PanesTopic={await broker.CreatePanesTopicAsync(3)}", "Kafka:Client:group.protocol=consumer",
            "Kafka:Client:fetch.wait.max.ms=50", "Windows:Spans=4s/400ms, 8s/800ms", "Windows:AllowedLateness=1s",
            "Windows:DisorderSlack=1s", "Windows:PublishInterval=400ms", "Windows:EvaluationDelay=1s",
            "Alarms:KlWarningNats=0", "Alarms:KlCriticalNats=0.125", "Alarms:Budget:Critical=none",
            "Alarms:Budget:Warning=none", $"References:Directory={references}",
        ];
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await Server.AlertmanagerAsync(
            AlertmanagerFile.For(webhook, _directory, Quicker), Path.Combine(_directory.FullName, "alertmanager"));
        await using var traffic = new DigitsTraffic(broker.BootstrapServers, predictions, feedback, _lines[..6_000]);
        while (_replicas.Count < 3)
        {
            _replicas.Add(await StartAsync(settings));
        }

        using var prometheus = await Server.PrometheusAsync(
            PrometheusFile.For(_replicas[0].Address!, alertmanager.Address, _directory, Quicker),
            Path.Combine(_directory.FullName, "prometheus"));
        Discover();
        var queries = new PrometheusQueries(prometheus);
        await queries.UntilAsync($"driftmonitor_window_ready{{model=\"{Model}\",segment=\"_all\",window=\"4s\"}} == 1", Patience);
        traffic.Play(_lines[10_500..]);
        await webhook.ExpectAsync("the page", alert => Is(alert, "firing"), Patience);

        var owners = new List<int>();
        for (var i = 0; i < _replicas.Count; i++)
        {
            owners.Add(await OwnerAsync());
            if (i == Killed)
            {
                _replicas[i].Dispose();
            }
            else
            {
                await _replicas[i].TerminateAsync();
                Assert.Equal(0, await _replicas[i].EndAsync());
            }

            _replicas[i] = await StartAsync(settings);
            Discover();
            await _replicas[i].UntilMetricsHoldAsync("driftmonitor_state_restored{} 1");
            await queries.UntilAsync($"count(up{{job=\"driftmonitor\"}} == 1) == {_replicas.Count}", Patience);
        }

        // As long as an alert outlives its alarm, it is on without a gap: it fires for that, and not for what was before.
        await OwnerAsync();
        await queries.UntilAsync($"count_over_time(max(driftmonitor_alarm_active{{model=\"{Model}\"}})[22s:1s]) >= 22", Patience);
        traffic.Play(_lines[..6_000]);
        await webhook.ExpectAsync("the recovery", alert => Is(alert, "resolved"), Patience);
        var (began, ended) = (
            webhook.Alerts.First(told => Is(told.Alert, "firing")), webhook.Alerts.Last(told => Is(told.Alert, "resolved")));
        Assert.Equal(
            ((string?)began.Alert["startsAt"], (string?)began.Alert["fingerprint"]),
            ((string?)ended.Alert["startsAt"], (string?)ended.Alert["fingerprint"]));
        output.WriteLine($"owners before each restart: {string.Join(", ", owners)}\n{string.Join('\n', webhook.Notifications)}");
        Assert.Equal(
            [$"page firing: {Model}, 1 critical", $"page resolved: {Model}, 1 critical"],
            webhook.Notifications.Where(told => told.Receiver == "page" || told.Alerts.Any(labels => labels["model"] is not null))
                .Select(told => $"{told}"));
    }

    public void Dispose()
    {
        _replicas.ForEach(replica => replica.Dispose());
        _directory.Delete(recursive: true);
    }

    private static bool Is(JsonNode alert, string status) =>
        (string)alert["labels"]!["alertname"]! == "ModelOutputDriftCritical" && (string)alert["status"]! == status;

    private static async Task<MonitorProcess> StartAsync(string[] settings)
    {
        var replica = MonitorProcess.Start(settings);
        await replica.UntilAsync("it listens", () => Task.FromResult(replica.Address is not null));
        return replica;
    }

    private void Discover() => PrometheusFile.Discover(_replicas.Select(replica => replica.Address!), _directory);

    /// <summary>The one replica that exports the alarm.</summary>
    private async Task<int> OwnerAsync()
    {
        var owners = Array.Empty<int>();
        await _replicas[0].UntilAsync("one replica exports the alarm", async () =>
        {
            var scrapes = await Task.WhenAll(_replicas.Select(replica => replica.ScrapeAsync()));
            owners =
            [
                .. scrapes.Index().Where(scrape => scrape.Item.Contains(Active, StringComparison.Ordinal)).Select(scrape => scrape.Index),
            ];
            return owners.Length == 1;
        });
        return owners[0];
    }
}
