using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Tests.Watching;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>
/// A day of the whole service, in minutes: its clock is ours, goes on by a minute once all records of a minute have been read, and stands
/// while the service is scraped.
/// </summary>
/// <remarks>
/// No Prometheus can scrape that. promtool makes a database of what was scraped, and of what the shipped recording rules make of it. It
/// evaluates no alert; on this day no alarm is on, which is checked.
/// </remarks>
internal static class QuietDay
{
    private const long StartMs = 1_767_218_400_000; // 2025-12-31T22:00:00Z: two hours for windows to fill, then the day
    private const int FillingMinutes = 2 * 60;
    private const int Minutes = FillingMinutes + (24 * 60);
    private const int PerMinute = 15;
    private const int MinuteMs = 60_000;

    private static readonly (string Name, int SlideMinutes)[] Windows = [("15m", 1), ("1h", 5)];

    /// <summary>Records in a directory.</summary>
    public static async Task<Moment[]> RecordAsync(DirectoryInfo directory)
    {
        Tool.Need("promtool", "prometheus");
        var references = directory.CreateSubdirectory("references");
        DigitsModels.WriteReferences(references, StartMs, lineMs: MinuteMs / PerMinute);
        var scraped = Path.Combine(directory.FullName, "day.om");
        await ScrapeAsync(references, scraped);

        var data = Path.Combine(directory.FullName, Recording.Data);
        await RunAsync("tsdb", "create-blocks-from", "openmetrics", scraped, data);
        for (var pass = 0; pass < 2; pass++) // some rules are made of others
        {
            using var prometheus = await Recording.ServeAsync(directory);
            await RunAsync(
                "tsdb", "create-blocks-from", "rules", $"--url=http://{prometheus.Address}", $"--output-dir={data}", "--eval-interval=60s",
                $"--start={Seconds(0)}", $"--end={Seconds(Minutes)}", Path.Combine(AlertRules.Directory, "driftmonitor.rules.yml"));
        }

        return
        [
            new(
                "quiet", Seconds(FillingMinutes), Seconds(Minutes), MinuteMs / 1_000,
                "A quiet day, of a service whose clock was made to run: two models, both guarded."),
        ];
    }

    private static long Seconds(int minutes) => (StartMs / 1_000) + (minutes * 60L);

    private static async Task RunAsync(params string[] arguments)
    {
        var (exitCode, output) = await Tool.RunAsync("promtool", arguments);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>Writes what was scraped in all minutes, as OpenMetrics.</summary>
    private static async Task ScrapeAsync(DirectoryInfo references, string path)
    {
        using var broker = EmbeddedBroker.Start();
        Array.ForEach(DigitsModels.Topics, topic => broker.CreateTopic(topic, 1));
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(StartMs));
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:Client:fetch.wait.max.ms"] = "10",
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "driftmonitor.panes",
            ["Feedback:Topic"] = "feedback",
            ["Feedback:Horizon"] = "1h",
            ["Windows:Spans"] = string.Join(',', Windows.Select(window => $"{window.Name}/{window.SlideMinutes}m")),
            ["References:Directory"] = references.FullName,
            ["Alarms:Budget:Warning"] = "1 per 7d",
            ["Alarms:Budget:Critical"] = "1 per 30d",
            ["Models:0:Name"] = DigitsModels.Drifting,
            ["Models:0:Owner"] = "vision",
            ["Models:1:Name"] = DigitsModels.Steady,
            ["Models:1:Owner"] = "vision",
        });
        void Nudge() => time.Advance(TimeSpan.FromMilliseconds(1)); // what waits or is paused looks at the time, too
        await monitor.UntilAsync("it is restored", async () => await monitor.ValueAsync("driftmonitor_state_restored") == 1, Nudge);
        await using var file = new StreamWriter(path);
        var traffic = new DayTraffic(producer);
        for (var minute = 1; minute <= Minutes; minute++)
        {
            var endMs = StartMs + ((long)minute * MinuteMs);
            time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(endMs - 1_000));
            traffic.Produce(endMs - MinuteMs, MinuteMs / PerMinute, PerMinute);
            await monitor.UntilAsync(
                $"minute {minute} is read",
                async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == traffic.Predictions
                    && await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"feedback\"") == traffic.Labels,
                Nudge);
            time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(endMs + 20));
            var scrape = "";
            await monitor.UntilAsync(
                $"minute {minute} is evaluated", async () => IsEvaluated(scrape = await monitor.ScrapeAsync(), minute), Nudge);
            Assert.DoesNotContain(
                scrape.Split('\n'),
                line => line.StartsWith("driftmonitor_alarm_active{", StringComparison.Ordinal)
                    && line.Contains("} 1", StringComparison.Ordinal));
            await file.WriteAsync(Timed(scrape, Seconds(minute)));
        }

        await file.WriteAsync("# EOF\n");
    }

    /// <summary>Whether all windows that end with a minute have been evaluated, by thresholds that are worked out.</summary>
    private static bool IsEvaluated(string scrape, int minute)
    {
        var lines = scrape.Split('\n');
        bool Holds(string start) => lines.Any(line => line.StartsWith(start, StringComparison.Ordinal));
        var windows = Windows.Where(window => minute % window.SlideMinutes == 0).Select(window => window.Name);
        return Holds("driftmonitor_calibrations_pending{} 0") && DigitsModels.All.All(model => windows.All(window => Holds(
            "driftmonitor_window_end_timestamp_seconds"
            + $"{{model=\"{model}\",segment=\"_all\",window=\"{window}\"}} {Seconds(minute).ToString(CultureInfo.InvariantCulture)}")));
    }

    /// <summary>A scrape as Prometheus would keep it: with the labels of its target, and its time.</summary>
    private static string Timed(string scrape, long seconds)
    {
        const string Target = "instance=\"monitor:9464\",job=\"driftmonitor\"";
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"up{{{Target}}} 1 {seconds}\n");
        foreach (var line in scrape.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var labels = line.IndexOf('{', StringComparison.Ordinal) + 1;
            var value = line.LastIndexOf('}') + 2;
            text.Append(line, 0, labels).Append(Target).Append(line[labels] == '}' ? "" : ",").Append(line, labels, value - labels)
                .Append(line[value..].Split(' ')[0])
                .Append(CultureInfo.InvariantCulture, $" {seconds}\n");
        }

        return text.ToString();
    }
}
