using System.Text.Json;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Tests;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>What a real Prometheus has kept of a real monitor, and the times of which there are pictures.</summary>
/// <remarks>
/// Two models get recorded digits, with labels; then one of them gets those of a camera that turns; then the monitor is killed. The
/// rules are those that are shipped, to the letter. Prometheus scrapes and evaluates them every 3 seconds instead of 15.
/// </remarks>
internal sealed record Recording(string Data, IReadOnlyDictionary<string, Recording.Moment> Moments)
{
    private const int Quicker = 5;
    private const long ScrapeSeconds = 15 / Quicker;
    private const string Drifting = "digits-lr";
    private const string Steady = "digits-steady";

    private static readonly string[] Topics =
    [
        "predictions", "feedback", "driftmonitor.panes", "driftmonitor.panes.rollups", "driftmonitor.panes.status",
        "driftmonitor.panes.feedback", "driftmonitor.panes.calibrations", "driftmonitor.panes.references",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Fill = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Drift = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Dead = TimeSpan.FromMinutes(7);
    private static readonly TimeSpan Shown = TimeSpan.FromMinutes(15);

    /// <summary>The time that a picture shows, and what is seen in it.</summary>
    internal sealed record Moment(long FromSeconds, long ToSeconds, string Caption)
    {
        public TimeGrid Grid => new(FromSeconds, ToSeconds, ScrapeSeconds);
    }

    /// <summary>Starts a Prometheus that has what was recorded, and scrapes nothing.</summary>
    public async Task<Server> ServeAsync()
    {
        var configuration = Path.Combine(Path.GetDirectoryName(Data)!, "nothing.yml");
        await File.WriteAllTextAsync(configuration, "");
        return await Server.PrometheusAsync(configuration, Data);
    }

    /// <summary>Records in a directory, or takes what was recorded there.</summary>
    public static async Task<Recording> OfAsync(DirectoryInfo directory)
    {
        var moments = Path.Combine(directory.FullName, "moments.json");
        if (!File.Exists(moments))
        {
            var made = await MakeAsync(directory);
            await File.WriteAllTextAsync(moments, JsonSerializer.Serialize(made));
        }

        return new Recording(
            DataOf(directory), JsonSerializer.Deserialize<Dictionary<string, Moment>>(await File.ReadAllTextAsync(moments))!);
    }

    private static string DataOf(DirectoryInfo directory) => Path.Combine(directory.FullName, "prometheus");

    private static async Task<Dictionary<string, Moment>> MakeAsync(DirectoryInfo directory)
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"));
        var references = directory.CreateSubdirectory("references");
        foreach (var model in (string[])[Drifting, Steady])
        {
            await PromoteAsync(references, model);
        }

        await using var broker = await DefaultBroker.StartEmbeddedAsync(1);
        foreach (var topic in Topics)
        {
            await broker.CreateAsync(topic, 2);
        }

        await using var drifting = new DigitsTraffic(broker.BootstrapServers, "predictions", "feedback", lines[..6_000], perBeat: 1);
        await using var steady = new DigitsTraffic(
            broker.BootstrapServers, "predictions", "feedback", Renamed([.. lines[3_000..6_000], .. lines[..3_000]]), perBeat: 1);
        using var monitor = MonitorProcess.Start(
            $"Kafka:BootstrapServers={broker.BootstrapServers}", "Kafka:PredictionTopics=predictions",
            "Kafka:PanesTopic=driftmonitor.panes", "Kafka:Client:fetch.wait.max.ms=50",
            "Windows:Spans=30s/5s, 1m/5s", "Windows:AllowedLateness=10s", "Windows:DisorderSlack=1s", "Windows:PublishInterval=5s",
            "Windows:EvaluationDelay=1s", "Feedback:Topic=feedback", "Feedback:Horizon=5m",
            $"Models:0:Name={Drifting}", "Models:0:Owner=vision", $"Models:1:Name={Steady}", "Models:1:Owner=vision",
            $"References:Directory={references.FullName}");
        await monitor.UntilAsync("it listens", () => Task.FromResult(monitor.Address is not null));
        var configuration = PrometheusFile.For(monitor.Address!, "127.0.0.1:9", directory, Quicker);
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "driftmonitor.rules.yml"), AlertRules.Text);
        using var prometheus = await Server.PrometheusAsync(configuration, DataOf(directory));

        var filled = await AfterAsync(prometheus, WallClock.NowMs / 1_000, Fill);
        var quiet = await AfterAsync(prometheus, filled, Quiet);
        drifting.Play(lines[6_000..]);
        var drifted = await AfterAsync(prometheus, quiet, Drift);
        await monitor.KillAsync();
        var dead = await AfterAsync(prometheus, drifted, Dead);
        return new()
        {
            ["quiet"] = new(filled, quiet, "Ten quiet minutes: two models, both guarded."),
            ["alarm"] = new(
                drifted - (long)Shown.TotalSeconds, drifted,
                "The camera of digits-lr has been turning for five minutes; that of digits-steady has not."),
            ["dead"] = new(dead - (long)Shown.TotalSeconds, dead, "The monitor was killed seven minutes ago, while digits-lr drifted."),
        };
    }

    /// <summary>Waits until Prometheus' clock is so much later.</summary>
    private static async Task<long> AfterAsync(Server prometheus, long since, TimeSpan time)
    {
        var end = since + (long)time.TotalSeconds;
        await new PrometheusQueries(prometheus).UntilAsync(FormattableString.Invariant($"vector(time()) > {end}"), Patience);
        return end;
    }

    private static string[] Renamed(IEnumerable<string> lines) =>
        [.. lines.Select(line => line.Replace(Drifting, Steady, StringComparison.Ordinal))];

    private static async Task PromoteAsync(DirectoryInfo references, string model)
    {
        async Task<PredictionFiles> FileAsync(string name)
        {
            var path = Path.Combine(references.Parent!.FullName, $"{model}-{name}");
            var lines = await File.ReadAllLinesAsync(RepositoryFiles.Digits(name));
            await File.WriteAllLinesAsync(path, model == Steady ? Renamed(lines) : lines);
            return new PredictionFiles([new RecordedFile(new FileInfo(path))], RecordedSource.OwnJson.Source);
        }

        var labels = new ReferenceFromPredictions.Labels(
            await FileAsync("reference-feedback.jsonl"), RecordedSource.OwnJson, TimeSpan.FromMinutes(5));
        var reference = ReferenceFromPredictions.Build(
            await FileAsync("reference.jsonl"), null, null, 1, DateTimeOffset.FromUnixTimeMilliseconds(WallClock.NowMs), labels: labels)
            .Snapshots.Single();
        ReferenceFile.Write(reference, Path.Combine(references.FullName, $"{model}.json"));
    }
}
