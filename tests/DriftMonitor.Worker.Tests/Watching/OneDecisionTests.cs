using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using DriftMonitor.Recorded;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Tests.Recorded;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// One decision: the alerts that <c>backtest</c> finds in a recorded stream begin and end when those of the service do, and when the
/// shipped rules fire.
/// </summary>
/// <remarks>
/// The stream goes through an embedded broker into the whole service. Its clock is ours and stops at the end of each slide until all
/// windows have been evaluated, when it is scraped, so hours pass in seconds. For the same reason no Prometheus scrapes: promtool is given
/// what it would have seen, a sample a slide, and evaluates the shipped rules with Prometheus' own engine. Only the text of the alerts is
/// left out.
/// <see cref="WatchedModelTests"/> has a real Prometheus, in real time.
/// </remarks>
public sealed partial class OneDecisionTests : IDisposable
{
    private const int DelayMs = 20;

    /// <summary>How long an alert outlives its alarm: the rules' <c>keep_firing_for</c>.</summary>
    private static readonly TimeSpan Outlives = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-decision-");
    private readonly ITestOutputHelper _output;

    public OneDecisionTests(ITestOutputHelper output) => _output = output;

    // 10 events a minute: the shortest window never has enough of them.
    //   normal          drifted         normal
    // ├───────────────┤├─────────────┤├──────────────┤
    // 0              124            204             260 min
    [Fact]
    public Task Of_10_events_a_minute() => AgreeAsync(new RecordedStream(
        "8m/2m, 40m/2m, 2h/10m", SlideMs: 120_000, EventsOfSlide: 20, ReferenceEventsOfSlide: 20, DriftsFrom: 62, DriftsTo: 102,
        Slides: 130));

    // 1,000 events a second.
    //   normal          drifted         normal
    // ├───────────────┤├─────────────┤├──────────────┤
    // 0               65            120             160 s
    [Fact]
    public Task Of_1_000_events_a_second() => AgreeAsync(new RecordedStream(
        "10s/1s, 1m/2s", SlideMs: 1_000, EventsOfSlide: 1_000, ReferenceEventsOfSlide: 50, DriftsFrom: 65, DriftsTo: 120, Slides: 160));

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task AgreeAsync(RecordedStream stream)
    {
        Tool.Need("promtool");
        var references = stream.References();
        var expected = stream.Backtest(references).Select(alert => OfBacktest(alert, stream)).Order().ToList();
        foreach (var snapshot in references.ByModel.Values)
        {
            ReferenceFile.Write(snapshot, Path.Combine(_directory.FullName, $"{snapshot.Model}.json"));
        }

        var samples = await ScrapeAsync(stream);
        var found = samples.SelectMany(sample => OfSamples(sample.Key, sample.Value)).Order().ToList();
        _output.WriteLine($"backtest\n{string.Join('\n', expected)}\nservice\n{string.Join('\n', found)}");

        foreach (var model in RecordedStream.Models)
        {
            Assert.Contains(expected, alert => alert.Model == model && alert.Severity == "critical" && alert.To < stream.Slides);
        }

        // A scrape comes right after its slide, so this is the slide and no more.
        Assert.Equal(expected, found);
        await FireAsync(stream, samples, expected);
    }

    /// <summary>The service's alarms at the end of each slide.</summary>
    /// <returns>For each series of <c>driftmonitor_alarm_active</c>, by its labels, the slides at whose ends it is 1.</returns>
    private async Task<SortedDictionary<string, SortedSet<int>>> ScrapeAsync(RecordedStream stream)
    {
        using var broker = EmbeddedBroker.Start();
        string[] topics = ["predictions", "panes", "panes.rollups", "panes.status", "panes.calibrations", "panes.references"];
        Array.ForEach(topics, topic => broker.CreateTopic(topic, 1));
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(Replayed.T0));
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:Client:fetch.wait.max.ms"] = "10",
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = stream.Spans,
            ["References:Directory"] = _directory.FullName,
            ["Alarms:Budget:Warning"] = RecordedStream.WarningBudget,
            ["Alarms:Budget:Critical"] = RecordedStream.CriticalBudget,
            ["Models:0:Name"] = RecordedStream.Fixed,
            ["Models:0:KlWarningNats"] = RecordedStream.WarningNats.ToString(CultureInfo.InvariantCulture),
            ["Models:0:KlCriticalNats"] = RecordedStream.CriticalNats.ToString(CultureInfo.InvariantCulture),
        });

        var samples = new SortedDictionary<string, SortedSet<int>>(StringComparer.Ordinal);
        for (var slide = 1; slide <= stream.Slides; slide++)
        {
            var endMs = Replayed.T0 + ((long)slide * stream.SlideMs);
            time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(endMs - 1));
            Produce(producer, stream.Lines(slide - 1));
            var records = RecordedStream.Models.Length * stream.EventsOfSlide * slide;
            await monitor.UntilAsync(
                $"{records} records are read",
                async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == records,
                () => { });
            time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(endMs + DelayMs));
            var scrape = "";
            await monitor.UntilAsync(
                $"slide {slide} is evaluated",
                async () => IsEvaluated(scrape = await monitor.ScrapeAsync(), stream, endMs),
                () => { });
            scrape = await monitor.ScrapeAsync(); // a report is shown just before its alarms are
            foreach (var labels in Active().Matches(scrape).Select(match => match.Groups[1].Value))
            {
                if (!samples.TryGetValue(labels, out var slides))
                {
                    samples[labels] = slides = [];
                }

                slides.Add(slide);
            }
        }

        return samples;
    }

    private static void Produce(IProducer<Null, byte[]> producer, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            producer.Produce("predictions", new Message<Null, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(line),
                Timestamp = new Timestamp(
                    long.Parse(Time().Match(line).Groups[1].ValueSpan, CultureInfo.InvariantCulture), TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }

    /// <summary>Whether all windows that end with a slide hold all of their events, and every threshold has been worked out.</summary>
    private static bool IsEvaluated(string scrape, RecordedStream stream, long endMs)
    {
        var samples = Sample().Matches(scrape).ToDictionary(
            match => match.Groups[1].Value, match => double.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
        return samples.GetValueOrDefault("driftmonitor_calibrations_pending{}") == 0
            && RecordedStream.Models.All(model => stream.Windows.Where(window => (endMs - Replayed.T0) % window.SlideMs == 0).All(window =>
            {
                double Of(string metric) => samples.GetValueOrDefault(
                    $"driftmonitor_window_{metric}{{model=\"{model}\",segment=\"_all\",window=\"{window.Name}\"}}");
                var slides = (Math.Min(window.LengthMs, endMs - Replayed.T0)) / stream.SlideMs;
                return Of("end_timestamp_seconds") * 1_000 == endMs && Of("events") == slides * stream.EventsOfSlide;
            }));
    }

    /// <summary>The shipped rules fire while these alerts are on, and for as long after as they say.</summary>
    private async Task FireAsync(RecordedStream stream, SortedDictionary<string, SortedSet<int>> samples, List<Alert> expected)
    {
        var interval = TimeSpan.FromMilliseconds(stream.SlideMs);
        var rules = AlertRules.Names.Where(name => !name.StartsWith("ModelOutputDrift", StringComparison.Ordinal))
            .SelectMany(AlertRules.Of)
            .Aggregate(AlertRules.Text, (text, rule) => text.Replace(rule, "", StringComparison.Ordinal));
        await File.WriteAllTextAsync(
            Path.Combine(_directory.FullName, "rules.yml"), Annotations().Replace(rules, ""), TestContext.Current.CancellationToken);

        var outlives = (int)Math.Ceiling(Outlives / interval);
        var last = stream.Slides + outlives + 2; // sample 0 is before the first slide
        var tests = new StringBuilder(
            FormattableString.Invariant(
                $"""
                rule_files: [rules.yml]
                evaluation_interval: {stream.SlideMs}ms
                tests:
                  - interval: {stream.SlideMs}ms
                    input_series:

                """));
        foreach (var (labels, slides) in samples)
        {
            // a series that is gone from a scrape is stale at once
            var values = Enumerable.Range(0, last + 1).Select(
                slide => slides.Contains(slide) ? "1" : slides.Contains(slide - 1) ? "stale" : "_");
            tests.Append(
                $$"""
                      - series: 'driftmonitor_alarm_active{{{labels}},job="driftmonitor",instance="a:9464"}'
                        values: '{{string.Join(' ', values)}}'

                """);
        }

        tests.Append("    promql_expr_test:\n");
        for (var slide = 0; slide <= last; slide++)
        {
            tests.Append(
                FormattableString.Invariant(
                    $"""
                          - expr: group by (alertname, model, segment, severity, basis, window) (ALERTS)
                            eval_time: {slide * stream.SlideMs}ms
                            exp_samples:

                    """));
            foreach (var alert in expected
                .Where(alert => slide >= alert.From && slide < Math.Min(alert.To, stream.Slides + 1) + outlives)
                .Select(alert => alert with { From = 0, To = 0 })
                .Distinct())
            {
                tests.Append(
                    $$"""
                              - labels: '{{{alert.Labels}}}'
                                value: 1

                    """);
            }
        }

        var path = Path.Combine(_directory.FullName, "tests.yml");
        await File.WriteAllTextAsync(path, tests.ToString(), TestContext.Current.CancellationToken);
        var (exitCode, output) = await Tool.RunAsync("promtool", "test", "rules", path);
        Assert.True(exitCode == 0, output);
    }

    private static Alert OfBacktest(FoundAlert alert, RecordedStream stream)
    {
        int Slide(long ms) => (int)((ms - Replayed.T0) / stream.SlideMs);
        var alarm = alert.Alarm;
        return new Alert(
            alarm.Series.Model, $"{alarm.Severity}".ToLowerInvariant(), alarm.Calibrated ? "budget" : "fixed", alarm.FirstWindow.Name,
            Slide(alarm.BeganMs), alarm.EndedMs is { } ended ? Slide(ended) : stream.Slides + 1);
    }

    /// <summary>From the first of consecutive slides to that after the last.</summary>
    private static IEnumerable<Alert> OfSamples(string labels, SortedSet<int> slides)
    {
        var values = Label().Matches(labels).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        return slides.Where(slide => !slides.Contains(slide - 1)).Select(from =>
        {
            var to = from;
            while (slides.Contains(to))
            {
                to++;
            }

            return new Alert(values["model"], values["severity"], values["basis"], values["window"], from, to);
        });
    }

    [GeneratedRegex("\"ts\":([0-9]+)")]
    private static partial Regex Time();

    [GeneratedRegex("^driftmonitor_alarm_active\\{(.*)\\} 1(?: |$)", RegexOptions.Multiline)]
    private static partial Regex Active();

    [
        GeneratedRegex(
            "^(driftmonitor_(?:window_end_timestamp_seconds|window_events|calibrations_pending)\\{.*\\}) (\\S+)", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("(\\w+)=\"([^\"]*)\"")]
    private static partial Regex Label();

    [GeneratedRegex(@"^        annotations:\n(?:          .*\n)*", RegexOptions.Multiline)]
    private static partial Regex Annotations();

    /// <summary>An alert from the end of a slide until that of another.</summary>
    private sealed record Alert(string Model, string Severity, string Basis, string Window, int From, int To) : IComparable<Alert>
    {
        /// <summary>Those of the shipped alert.</summary>
        public string Labels =>
            $"alertname=\"ModelOutputDrift{char.ToUpperInvariant(Severity[0])}{Severity[1..]}\",model=\"{Model}\",segment=\"_all\","
            + $"severity=\"{Severity}\",basis=\"{Basis}\",window=\"{Window}\"";

        public int CompareTo(Alert? other) => string.CompareOrdinal($"{this}", $"{other}");
    }
}
