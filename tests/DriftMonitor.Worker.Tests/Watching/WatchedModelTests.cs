using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// From an event to a pager, for real: the monitor as a process, an embedded broker, Prometheus and Alertmanager with the shipped files
/// (<see cref="Durations"/> says what is changed), and a webhook. The same Prometheus is then asked every query of every dashboard.
/// </summary>
[Collection(nameof(WatchedModelTests))] // not at once: both run real programs against short times
public sealed class WatchedModelTests(DefaultBroker broker, ITestOutputHelper output) : IClassFixture<DefaultBroker>, IDisposable
{
    private const string Model = "digits-lr";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-watched-");
    private readonly string[] _lines = File.ReadAllLines(RepositoryFiles.Digits("predictions.jsonl"));

    [Fact]
    public async Task Drift_is_told_to_the_pager_and_ends_with_a_new_reference()
    {
        Tool.Need("prometheus", "prometheus-alertmanager");
        var predictions = await broker.CreateTopicAsync("predictions", 1);
        var feedback = await broker.CreateTopicAsync("feedback", 1);
        var references = _directory.CreateSubdirectory("references");
        Promote(references, RepositoryFiles.Digits("reference.jsonl"), version: 1);
        using var monitor = MonitorProcess.Start(
            $"Kafka:BootstrapServers={broker.BootstrapServers}", $"Kafka:PredictionTopics={predictions}",
            $"Kafka:PanesTopic={await broker.CreatePanesTopicAsync(2)}",
            "Kafka:Client:group.protocol=consumer", "Kafka:Client:fetch.wait.max.ms=50",
            "Windows:Spans=4s/400ms, 8s/800ms", "Windows:AllowedLateness=1s", "Windows:DisorderSlack=1s", "Windows:PublishInterval=400ms",
            "Windows:EvaluationDelay=1s",
            $"Feedback:Topic={feedback}", "Feedback:Horizon=1m",
            "Alarms:Budget:Warning=1 per 7d", "Alarms:KlCriticalNats=0.125", "Alarms:CrossEntropyWarningNats=5",
            "Alarms:PolicyKlWarningNats=5",
            $"References:Directory={references.FullName}", "References:PollInterval=1s");
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await Server.AlertmanagerAsync(
            AlertmanagerFile.For(webhook, _directory), Path.Combine(_directory.FullName, "alertmanager"));
        await using var traffic = new DigitsTraffic(broker.BootstrapServers, predictions, feedback, _lines[..6_000]);
        await monitor.UntilAsync("it listens", () => Task.FromResult(monitor.Address is not null));
        using var prometheus = await Server.PrometheusAsync(
            PrometheusFile.For(monitor.Address!, alertmanager.Address, _directory), Path.Combine(_directory.FullName, "prometheus"));
        var queries = new PrometheusQueries(prometheus);

        await queries.UntilAsync(
            $"min_over_time(driftmonitor_window_ready{{model=\"{Model}\",segment=\"_all\",window=\"4s\"}}[12s]) == 1", Patience);
        Assert.Empty(webhook.Alerts);
        Assert.Empty(await queries.AnswerAsync("ALERTS{subject=\"model\"}"));

        var sinceDrift = Stopwatch.StartNew();
        traffic.Play(_lines[10_500..]);
        var (receiver, page) = await webhook.ExpectAsync("the page", alert => Is(alert, "ModelOutputDriftCritical", "firing"), Patience);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"from the first drifted event to the notification: {sinceDrift.Elapsed.TotalSeconds:0.0} s, with windows of 4 s and 8 s"));
        Assert.Equal("page", receiver);
        IsFilled(page, monitor.Address!, prometheus);
        using var http = new HttpClient();
        Task<string> LinkedAsync(string annotation) =>
            http.GetStringAsync(new Uri((string)page["annotations"]![annotation]!), TestContext.Current.CancellationToken);
        Assert.Contains($"<bdi class=\"name\">{Model}</bdi></a></h1>", await LinkedAsync("monitor_url"), StringComparison.Ordinal);
        Assert.Contains("ModelOutputDriftCritical</h1>", await LinkedAsync("runbook_url"), StringComparison.Ordinal);

        var drifted = Path.Combine(_directory.FullName, "drifted.jsonl");
        await File.WriteAllLinesAsync(drifted, _lines[10_500..], TestContext.Current.CancellationToken);
        Promote(references, drifted, version: 2);
        await webhook.ExpectAsync("its end", alert => Is(alert, "ModelOutputDriftCritical", "resolved"), Patience);
        Assert.Empty(
            webhook.Alerts.Select(alert => alert.Alert["labels"]!).Where(labels => (string)labels["subject"]! == "monitor")
                .Select(labels => labels.ToJsonString()));
        await queries.UntilAsync("max(driftmonitor:kl_divergence_threshold:ratio) < 1", Patience);

        await monitor.TerminateAsync();
        await webhook.ExpectAsync("the page of the monitor's absence", alert => Is(alert, "MonitorAbsent", "firing"), Patience);
        await HaveDataAsync(queries);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>The queries of what only references with labels have, and windows of which alarms by a budget have reported some.</summary>
    private static readonly string[] NotHere =
    [
        """max(driftmonitor_reference_cross_entropy_nats{model="$model"})""",
        """max(driftmonitor_reference_accuracy_ratio{model="$model"})""",
        """
        max by (severity, attribution) (driftmonitor_feedback_accuracy_threshold_ratio{model="$model",segment="$segment",window="$window"})
        """,
        "max by (severity) (driftmonitor_alarm_decided_value{"
        + """model="$model",segment="$segment",window="$window",kind="output_drift",measure="kl_live_vs_reference"})""",
        """max by (kind, severity) (driftmonitor_alarm_left_out_seconds{model="$model",segment="$segment",window="$window"})""",
    ];

    [Fact]
    public void What_has_no_data_here_is_a_query_of_a_dashboard_to_the_letter() =>
        Assert.Empty(NotHere.Except(Dashboards.All.SelectMany(all => Dashboards.Queries(all.Value)).Select(query => query.Query)));

    /// <summary>Every query of every dashboard, over the whole test.</summary>
    private static async Task HaveDataAsync(PrometheusQueries queries)
    {
        var empty = new List<string>();
        foreach (var (name, dashboard) in Dashboards.All)
        {
            foreach (var (where, query) in Dashboards.Queries(dashboard))
            {
                var substituted = query
                    .Replace("$model", Model, StringComparison.Ordinal)
                    .Replace("$segment", "_all", StringComparison.Ordinal)
                    .Replace("$window", "4s", StringComparison.Ordinal)
                    .Replace("$topic", ".+", StringComparison.Ordinal)
                    .Replace("$__rate_interval", "5s", StringComparison.Ordinal);
                if (!NotHere.Contains(query) && await queries.RangeAsync(substituted) is [])
                {
                    empty.Add($"{name}, {where}: {substituted}");
                }
            }
        }

        Assert.Empty(empty);
    }

    private static bool Is(JsonNode alert, string name, string status) =>
        (string)alert["labels"]!["alertname"]! == name && (string)alert["status"]! == status;

    private static void Promote(DirectoryInfo references, string predictions, int version) => ReferenceFile.Write(
        ReferenceFromPredictions.Build(
            predictions, null, null, version, DateTimeOffset.FromUnixTimeMilliseconds(WallClock.NowMs)).Snapshots.Single(),
        Path.Combine(references.FullName, $"digits-v{version}.json"));

    private static void IsFilled(JsonNode page, string monitor, Server prometheus)
    {
        string Label(string name) => (string)page["labels"]![name]!;
        string Annotation(string name) => (string)page["annotations"]![name]!;
        Assert.Equal(
            (Model, "_all", "4s", "fixed", "critical", "driftmonitor"),
            (Label("model"), Label("segment"), Label("window"), Label("basis"), Label("severity"), Label("job")));
        Assert.StartsWith("The distribution", Annotation("summary"), StringComparison.Ordinal);
        const string Time = @"20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ";
        Assert.Matches(
            $@"^Model {Model}, segment _all: \d is predicted \d+\.\d % of the time instead of \d+\.\d %"
            + @"(, \d \d+\.\d % instead of \d+\.\d %){2}; "
            + $@"effect 0\.\d+ nats \(it matters from 0\.001 nats on\); "
            + $@"(at least )?since {Time}, alarm since {Time}\. Peak: \d[\d.]* times its threshold at {Time}\. "
            + @"Now: KL divergence \(\w+\) over [48]s is 0\.\d{1,3} nats, threshold 0\.125, so \d[\d.]* times that \(fixed\), "
            + @"[1-9]\d{1,3} events\. "
            + @"Windows beyond their thresholds: [48]s(, [48]s)?(; not ready: [48]s)?\. "
            + @"Segments: none is beyond its threshold by itself\. Pace: (sudden|it came|unknown).*\. Labels: .+\.$",
            Annotation("description"));
        Assert.Matches(
            @$"^{Regex.Escape(monitor)}/alarm\?model={Model}&segment=_all&window=4s&kind=output_drift&severity=critical"
            + $"&from={Time.Replace(' ', 'T')}$",
            Annotation("monitor_url"));
        Assert.Equal($"{monitor}/runbooks/ModelOutputDriftCritical", Annotation("runbook_url"));
        Assert.DoesNotContain("error", prometheus.Output, StringComparison.OrdinalIgnoreCase);
    }
}
