using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Alarms;
using DriftMonitor.Display;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Which state the whole service exports of its models, by what they send.</summary>
public sealed class ModelStatePipelineTests : IDisposable
{
    private const string Good = "\"probs\":[0.25,0.75]";
    private const string Bad = "\"probs\":[0.25,\"?\"]";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-states-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly IProducer<Null, byte[]> _producer;

    public ModelStatePipelineTests()
    {
        _broker.CreateTopic("predictions", 1);
        _broker.CreateTopic("panes", 1);
        _broker.CreateTopic("panes.rollups", 1);
        _broker.CreateTopic("panes.status", 1);
        _broker.CreateTopic("panes.calibrations", 1);
        _broker.CreateTopic("panes.references", 1);
        _producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
    }

    [Fact]
    public async Task A_model_fills_its_windows_and_is_guarded()
    {
        Refer("m", "rare");
        await using var monitor = await StartAsync(("Alarms:KlCriticalNats", "0.5"));
        var seen = new List<string>();
        await UntilAsync(monitor, "m", "guarded", seen, ("m", Good), ("late-comer", Good));
        Assert.Equal(["filling", "guarded"], seen);
        Assert.Equal("no_reference", await StateAsync(monitor, "late-comer"));

        // One event in ten looks: a tenth of those that a window needs.
        await UntilAsync(monitor, "rare", "too_few_events", null, ("m", Good), ("rare/10", Good));
        await UntilAsync(monitor, "rare", "guarded", null, ("m", Good), ("rare", Good));
    }

    [Fact]
    public async Task Without_a_threshold_nothing_guards_a_model()
    {
        Refer("m");
        await using var monitor = await StartAsync(("Alarms:KlWarningNats", "0"), ("Alarms:KlCriticalNats", "0"));
        await UntilAsync(monitor, "m", "no_threshold", null, ("m", Good));
    }

    [Fact]
    public async Task A_model_whose_records_are_all_rejected_is_there_until_good_ones_come()
    {
        Refer("m");
        await using var monitor = await StartAsync(("Alarms:KlCriticalNats", "0.5"));
        await UntilAsync(monitor, "m", "rejected", null, ("m", Bad));
        Assert.True(double.IsNaN(await monitor.ValueAsync("driftmonitor_window_events", "model=\"m\"")));
        var answer = JsonNode.Parse(
            await (await monitor.GetAsync("/api/v1/models?search=m")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("rejected", (string?)Assert.Single(answer["items"]!.AsArray())!["state"]);

        await UntilAsync(monitor, "m", "guarded", null, ("m", Good));
        _time.Advance(TimeSpan.FromMinutes(16));
        await UntilAsync(monitor, "m", "silent", null);
    }

    /// <summary>One model stands in the first row of each record, the other in the second.</summary>
    [Fact]
    public async Task A_record_counts_for_each_model_that_its_rows_name()
    {
        await using var monitor = await RunningMonitor.StartAsync(_time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PanesTopic"] = "panes",
            ["Sources:0:Topic"] = "predictions",
            ["Sources:0:Rows"] = "/rows",
            ["Sources:0:Map:model"] = "/model",
            ["Sources:0:Map:ts"] = "/ts",
            ["Sources:0:Map:probs"] = "/probs",
            ["Windows:Spans"] = "10s/1s",
        });
        var (first, second) = (Line("first", Start, Good), Line("second", Start, Good));
        string[] records = [$"{first},{second}", $"{first},{second}", $"{first},{second},{second}", $"{Line("second", Start, Bad)}"];
        foreach (var rows in records)
        {
            Produce($$"""{"rows":[{{rows}}]}""");
        }

        await monitor.UntilAsync( // the last is counted as rejected before it is counted as read
            "all counted", async () => await CountAsync("second", "rejected") == 1 && await CountAsync("second", "accepted") == 3,
            () => _time.Advance(TimeSpan.FromMilliseconds(100)));

        Assert.Equal((3, 0), (await CountAsync("first", "accepted"), await CountAsync("first", "rejected")));

        Task<double> CountAsync(string model, string outcome) =>
            monitor.ValueAsync("driftmonitor_model_recent_records", $"model=\"{model}\"", $"outcome=\"{outcome}\"");
    }

    /// <summary>Its series are gone before the restart: only what was written down of them tells that there was such a model.</summary>
    [Fact]
    public async Task A_model_that_has_left_is_silent_after_a_restart()
    {
        Refer("m", "other");
        (string, string)[] settings =
        [
            ("Alarms:KlCriticalNats", "0.5"), ("Alarms:SilentAfter", "6m"),
            ("Kafka:Client:session.timeout.ms", "3000"), ("Kafka:Client:heartbeat.interval.ms", "500"), // a rebalance takes that long
        ];
        await using (var monitor = await StartAsync(settings))
        {
            await UntilAsync(monitor, "m", "guarded", null, ("m", Good), ("other", Good));
            _time.Advance(TimeSpan.FromMinutes(8)); // six at least until it is silent, twelve until it has retired
            var jumpedTo = _time.GetUtcNow().ToUnixTimeSeconds();
            await UntilAsync(monitor, "m", "silent", null, ("other", Good));
            await monitor.UntilAsync(
                "settled", async () => await monitor.ValueAsync("driftmonitor_settled_timestamp_seconds") > jumpedTo - 240,
                () => Send(("other", Good)));
            Assert.True(double.IsNaN(await monitor.ValueAsync("driftmonitor_window_events", "model=\"m\"")));
        }

        await using var successor = await StartAsync(settings);
        await UntilAsync(successor, "other", "guarded", null, ("other", Good));
        Assert.Equal("silent", await StateAsync(successor, "m"));
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
        _references.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private void Refer(params string[] models)
    {
        var file = Path.Combine(_references.FullName, "reference.jsonl");
        foreach (var model in models)
        {
            File.WriteAllLines(file, Enumerable.Range(0, 1_000).Select(i => Line(model, Start.AddSeconds(i - 2_000), Good)));
            ReferenceFile.Write(
                ReferenceFromPredictions.Build(file, null, null, 1, Start).Snapshots.Single(),
                Path.Combine(_references.FullName, $"{model}.json"));
        }

        File.Delete(file);
    }

    private Task<RunningMonitor> StartAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = "10s/1s",
            ["Divergence:MinimumEvents"] = "20",
            ["References:Directory"] = _references.FullName,
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return RunningMonitor.StartAsync(_time, all);
    }

    /// <summary>
    /// A tenth of a second passes between two looks, with a record of each of what is sent in it; of <c>MODEL/10</c> in one of ten. The
    /// states that were seen are listed in their order.
    /// </summary>
    private Task UntilAsync(
        RunningMonitor monitor, string model, string state, List<string>? seen, params (string Model, string Output)[] sent)
    {
        var looks = 0;
        return monitor.UntilAsync(
            $"{model} {state}",
            async () =>
            {
                var now = await StateAsync(monitor, model);
                if (now is not null && seen?.LastOrDefault() != now)
                {
                    seen?.Add(now);
                }

                return now == state;
            },
            () =>
            {
                looks++;
                Send([.. sent.Where(each => looks % 10 == 0 || !each.Model.EndsWith("/10", StringComparison.Ordinal))]);
            });
    }

    private void Send(params (string Model, string Output)[] records)
    {
        foreach (var (name, output) in records)
        {
            Produce(Line(name.Split('/')[0], _time.GetUtcNow(), output));
        }

        _producer.Flush(TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromMilliseconds(100));
    }

    private void Produce(string value) => _producer.Produce(
        "predictions",
        new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(value), Timestamp = new Timestamp(_time.GetUtcNow()) });

    private static string Line(string model, DateTimeOffset at, string output) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"model":"{{model}}","ts":{{at.ToUnixTimeMilliseconds()}},{{output}}}""");

    private static async Task<string?> StateAsync(RunningMonitor monitor, string model)
    {
        var scrape = await monitor.ScrapeAsync();
        return Enum.GetValues<ModelState>().Select(SnakeCaseName.Of).SingleOrDefault(state => scrape.Contains(
            $"driftmonitor_model_state{{model=\"{model}\",state=\"{state}\"}} 1", StringComparison.Ordinal));
    }
}
