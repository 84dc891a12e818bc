using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.References;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// Everything of a model is on one replica: outputs and labels, all of its segments. So three replicas explain every alarm as one does that
/// reads everything.
/// </summary>
public abstract partial class ModelOwnerTests(TestBroker broker) : IDisposable
{
    private const int Models = 200;
    private const int Partitions = 4;
    private const int PanesPartitions = 16;
    private const int SlideSeconds = 10;
    private const int Slides = 13; // a fixed threshold must have been exceeded for twice the window
    private const int FirstComplete = 5; // 40 s from the first pane that was seen whole
    private const int EventsASlide = 2 * 2 * Models; // two in each segment
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private static readonly string[] Segments = ["de", "fr"];

    private readonly FakeTimeProvider _time = new(Start);
    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-test-");

    public void Dispose()
    {
        _references.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Three_replicas_explain_every_alarm_as_one_does()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        for (var model = 0; model < Models; model++)
        {
            ReferenceFile.Write(SmallSnapshot.Of($"m{model}", 1, null, 0.9, 0.9), Path.Combine(_references.FullName, $"m{model}.json"));
        }

        var (predictions, labels) = (
            await broker.CreateTopicAsync("predictions", Partitions), await broker.CreateTopicAsync("labels", Partitions));
        await using var alone = await StartAsync(predictions, labels, await broker.CreatePanesTopicAsync(PanesPartitions), "alone");
        var panes = await broker.CreatePanesTopicAsync(PanesPartitions);
        await using var first = await StartAsync(predictions, labels, panes, "group");
        await using var second = await StartAsync(predictions, labels, panes, "group");
        await using var third = await StartAsync(predictions, labels, panes, "group");
        RunningMonitor[] group = [first, second, third];
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        foreach (var replica in group)
        {
            await replica.UntilAsync(
                "restored", async () => await replica.ValueAsync("driftmonitor_state_restored") == 1,
                () => _time.Advance(TimeSpan.FromMilliseconds(5)));
        }

        for (var slide = 1; slide <= Slides; slide++)
        {
            Produce(producer, predictions, labels, slide);
            await ReadAsync(alone, [alone], slide);
            await ReadAsync(alone, group, slide);
            _time.SetUtcNow(Start.AddSeconds((slide * SlideSeconds) + 1)); // the windows end there, and nobody moves on before all agree
            await AgreeAsync(alone, group, Start.AddSeconds(slide * SlideSeconds), slide >= FirstComplete);
        }

        var expected = await AlarmsAsync(alone);
        var told = await Task.WhenAll(group.Select(AlarmsAsync));
        Assert.InRange(expected.Count(alarm => (string?)alarm["alarm"]!["kind"] == "output_drift"), Models / 2, int.MaxValue);
        Assert.Contains(expected, alarm => (string?)alarm["alarm"]!["kind"] == "cross_entropy");
        Assert.All(expected, alarm => Assert.NotEqual("no_labels", (string?)alarm["explanation"]!["labels"]!["verdict"]));
        Assert.All(told, alarms => Assert.NotEmpty(alarms)); // each has its share
        Assert.Equal(
            expected.Select(Explanation).Order(StringComparer.Ordinal),
            told.SelectMany(alarms => alarms).Select(Explanation).Order(StringComparer.Ordinal));
        Assert.All(
            told.SelectMany((alarms, replica) => alarms.Select(alarm => (Model: (string)alarm["alarm"]!["model"]!, Replica: replica)))
                .GroupBy(alarm => alarm.Model),
            ofModel => Assert.Single(ofModel.Select(alarm => alarm.Replica).Distinct()));
    }

    private static readonly (string Of, string Name)[] SaysSinceWhen =
    [
        ("alarm", "first"), ("alarm", "began_ms"), ("alarm", "onset_ms"), ("alarm", "onset_is_at_least"), ("alarm", "summary"),
        ("alarm", "peak_ratio"), ("alarm", "peak_ms"), ("alarm", "windows"), ("explanation", "peak"), ("explanation", "text"),
        ("explanation", "link"),
    ];

    private static readonly string[] Key = ["model", "segment", "kind", "severity", "began_ms"];

    /// <summary>Which of the two attributions is above first, and from when on, depends on the order in which labels come.</summary>
    private static string Explanation(JsonObject alarm)
    {
        var compared = alarm.DeepClone().AsObject();
        compared.Remove("others");
        if ((string?)alarm["alarm"]!["kind"] == "cross_entropy")
        {
            foreach (var part in SaysSinceWhen)
            {
                var (of, name) = (compared[part.Of]!.AsObject(), part.Name);
                Assert.True(of.Remove(name), name);
            }

            var explained = compared["explanation"]!;
            JsonNode?[] standings = [explained["now"], .. explained["windows"]!.AsArray(), .. explained["segments"]!.AsArray()];
            foreach (var standing in standings.OfType<JsonObject>())
            {
                standing.Remove("above_since_ms");
            }
        }

        return compared.ToJsonString();
    }

    /// <summary>The alarms of the models that a replica owns, each explained by it.</summary>
    private static async Task<JsonObject[]> AlarmsAsync(RunningMonitor monitor)
    {
        var explained = new List<JsonObject>();
        for (var (page, pages) = (1, 1); page <= pages; page++)
        {
            var list = await JsonAsync($"/api/v1/alarms?on=true&per_page=500&page={page}");
            pages = (int)list["pages"]!;
            foreach (var alarm in list["items"]!.AsArray())
            {
                var of = string.Join('&', Key.Select(name => $"{name}={alarm![name]}"));
                using var answer = await monitor.GetAsync($"/api/v1/alarm?{of}&window={alarm!["first"]!["window"]}&on=true");
                if (answer.IsSuccessStatusCode) // else another replica's, and they do not ask each other here
                {
                    explained.Add(
                        JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject());
                }
            }
        }

        return [.. explained];

        async Task<JsonNode> JsonAsync(string path) => JsonNode.Parse(
            await (await monitor.GetAsync(path)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Two events a model and slide in each of its segments: every other model has drifted. Their labels come at once.</summary>
    private static void Produce(IProducer<string, byte[]> producer, string predictions, string labels, int slide)
    {
        for (var model = 0; model < Models; model++)
        {
            for (var i = 0; i < 2 * Segments.Length; i++)
            {
                var (id, partition) = ($"{slide}-{i}", (model + i + slide) % Partitions); // no producer keys by the model
                var timeMs = Start.AddSeconds(((slide - 1) * SlideSeconds) + i + 1).ToUnixTimeMilliseconds();
                var p = model % 2 == 0 ? 0.4 : 0.9;
                Send(predictions, string.Create(
                    CultureInfo.InvariantCulture,
                    $$$"""{"model":"m{{{model}}}","id":"{{{id}}}","segment":"{{{Segments[i % 2]}}}","probs":{"a":{{{p}}},"b":{{{1 - p}}}}}"""));
                Send(labels, $$"""{"model":"m{{model}}","id":"{{id}}","label":"{{(model % 3 == 0 ? "b" : "a")}}"}""");

                void Send(string topic, string json) => producer.Produce(new TopicPartition(topic, partition), new Message<string, byte[]>
                {
                    Value = Encoding.UTF8.GetBytes(json),
                    Timestamp = new Timestamp(timeMs, TimestampType.CreateTime),
                });
            }
        }

        producer.Flush(TimeSpan.FromMinutes(1));
    }

    private Task<RunningMonitor> StartAsync(string predictions, string labels, string panes, string group) => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"{group}-{panes}",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = panes,
            ["Kafka:Client:group.protocol"] = "consumer",
            ["Windows:Spans"] = "40s/10s",
            ["Windows:AllowedLateness"] = "5s",
            ["Windows:DisorderSlack"] = "1s",
            ["Feedback:Topic"] = labels,
            ["Feedback:Horizon"] = "1m",
            ["Divergence:MinimumEvents"] = "4",
            ["References:Directory"] = _references.FullName,
            ["Alarms:CrossEntropyWarningNats"] = "0.7",
            ["Alarms:CrossEntropyCriticalNats"] = "1.5",
            ["Limits:Models"] = "1000",
        });

    /// <summary>Waits until all that was produced has been read: what is read after the clock has moved on is another case.</summary>
    private Task ReadAsync(RunningMonitor waiting, IReadOnlyList<RunningMonitor> group, int slides) => waiting.UntilAsync(
        "all is read",
        async () =>
        {
            var bodies = await Task.WhenAll(group.Select(replica => replica.ScrapeAsync()));
            return bodies.Sum(body => Read(body, "predictions")) >= slides * EventsASlide
                && bodies.Sum(body => Read(body, "labels")) >= slides * EventsASlide;
        },
        () => _time.Advance(TimeSpan.FromMilliseconds(5)));

    private static double Read(string body, string topic) => ReadLine().Matches(body)
        .Where(match => match.Groups["topic"].Value == topic)
        .Sum(match => double.Parse(match.Groups["records"].Value, CultureInfo.InvariantCulture));

    [
        GeneratedRegex(
            """^driftmonitor_records_consumed_total\{topic="(?<topic>predictions|labels)-[^"]*"\} (?<records>.*)$""",
            RegexOptions.Multiline)]
    private static partial Regex ReadLine();

    /// <summary>
    /// Waits until every window ends at a time and, once windows are complete, shows on one of the group what it shows alone. Before, a
    /// window may be shown that one source partition fed first.
    /// </summary>
    private async Task AgreeAsync(RunningMonitor alone, IReadOnlyList<RunningMonitor> group, DateTimeOffset end, bool complete)
    {
        var ended = end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        await alone.UntilAsync(
            $"all show what one shows at {end:T}",
            async () =>
            {
                var one = Lines(await alone.ScrapeAsync());
                var bodies = await Task.WhenAll(group.Select(replica => replica.ScrapeAsync()));
                string[] all = [.. bodies.SelectMany(Lines).Order(StringComparer.Ordinal)];
                return HaveEnded(one) && HaveEnded(all) && (!complete || one.SequenceEqual(all));
            },
            () => _time.Advance(TimeSpan.FromMilliseconds(20))); // for beats, one in a second, and far less than a slide in all

        bool HaveEnded(string[] lines) => lines.Count(
            line => line.StartsWith("driftmonitor_window_end", StringComparison.Ordinal) && line.EndsWith(ended, StringComparison.Ordinal))
            == Models * (1 + Segments.Length);
    }

    private static string[] Lines(string body) => [.. Line().Matches(body).Select(match => match.Value).Order(StringComparer.Ordinal)];

    [GeneratedRegex(
        @"^driftmonitor_(window_events|window_ready|window_end_timestamp_seconds|entropy_nats|feedback_(events|cross_entropy_nats))\{.*$",
        RegexOptions.Multiline)]
    private static partial Regex Line();
}

public sealed class ModelOwnerOnDefaultBrokerTests(DefaultBroker broker) : ModelOwnerTests(broker), IClassFixture<DefaultBroker>;

public sealed class ModelOwnerOnDockerTests(DockerBroker broker) : ModelOwnerTests(broker), IClassFixture<DockerBroker>;
