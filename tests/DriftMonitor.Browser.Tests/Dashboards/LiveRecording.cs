using DriftMonitor.Worker.Tests;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>An alarm and a death, as a real Prometheus that scrapes the real program keeps them.</summary>
/// <remarks>
/// Two models get recorded digits, with labels; then one of them gets those of a camera that turns; then the program is killed. The
/// rules are those that are shipped, to the letter. Prometheus scrapes and evaluates them every 3 seconds instead of 15.
/// </remarks>
internal static class LiveRecording
{
    private const int Quicker = 5;
    private const long ScrapeSeconds = 15 / Quicker;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Fill = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Drift = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Dead = TimeSpan.FromMinutes(7);
    private static readonly TimeSpan Shown = TimeSpan.FromMinutes(15);

    /// <summary>Records in a directory, in real time.</summary>
    public static async Task<Moment[]> RecordAsync(DirectoryInfo directory)
    {
        Tool.Need("prometheus");
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"));
        var references = directory.CreateSubdirectory("references");
        DigitsModels.WriteReferences(references, WallClock.NowMs, lineMs: null);
        await using var broker = await DefaultBroker.StartEmbeddedAsync(1);
        foreach (var topic in DigitsModels.Topics)
        {
            await broker.CreateAsync(topic, 2);
        }

        await using var drifting = new DigitsTraffic(broker.BootstrapServers, "predictions", "feedback", lines[..6_000], perBeat: 1);
        await using var steady = new DigitsTraffic(
            broker.BootstrapServers, "predictions", "feedback", DigitsModels.Steadily([.. lines[3_000..6_000], .. lines[..3_000]]),
            perBeat: 1);
        using var monitor = MonitorProcess.Start(
            $"Kafka:BootstrapServers={broker.BootstrapServers}", "Kafka:PredictionTopics=predictions",
            "Kafka:PanesTopic=driftmonitor.panes", "Kafka:Client:fetch.wait.max.ms=50",
            "Windows:Spans=30s/5s, 1m/5s", "Windows:AllowedLateness=10s", "Windows:DisorderSlack=1s", "Windows:PublishInterval=5s",
            "Windows:EvaluationDelay=1s", "Feedback:Topic=feedback", "Feedback:Horizon=5m",
            $"Models:0:Name={DigitsModels.Drifting}", "Models:0:Owner=vision",
            $"Models:1:Name={DigitsModels.Steady}", "Models:1:Owner=vision",
            $"References:Directory={references.FullName}");
        await monitor.UntilAsync("it listens", () => Task.FromResult(monitor.Address is not null));
        var configuration = PrometheusFile.For(monitor.Address!, "127.0.0.1:9", directory, Quicker);
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "driftmonitor.rules.yml"), AlertRules.Text);
        using var prometheus = await Server.PrometheusAsync(configuration, Path.Combine(directory.FullName, Recording.Data));

        var filled = await AfterAsync(prometheus, WallClock.NowMs / 1_000, Fill);
        var quiet = await AfterAsync(prometheus, filled, Quiet);
        drifting.Play(lines[6_000..]);
        var drifted = await AfterAsync(prometheus, quiet, Drift);
        await monitor.KillAsync();
        var dead = await AfterAsync(prometheus, drifted, Dead);
        var shown = (long)Shown.TotalSeconds;
        return
        [
            new(
                "alarm", drifted - shown, drifted, ScrapeSeconds,
                "The camera of digits-lr has been turning for five minutes; that of digits-steady has not."),
            new("dead", dead - shown, dead, ScrapeSeconds, "The monitor was killed seven minutes ago, while digits-lr drifted."),
        ];
    }

    /// <summary>Waits until Prometheus' clock is so much later.</summary>
    private static async Task<long> AfterAsync(Server prometheus, long since, TimeSpan time)
    {
        var end = since + (long)time.TotalSeconds;
        await new PrometheusQueries(prometheus).UntilAsync(FormattableString.Invariant($"vector(time()) > {end}"), Patience);
        return end;
    }
}
