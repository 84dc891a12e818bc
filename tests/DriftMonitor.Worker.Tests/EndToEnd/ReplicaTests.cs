using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// One to four replicas of a group that come and go while traffic flows, beside a single one of another group that reads everything:
/// together they show the same windows, and each series at one replica only.
/// </summary>
public abstract partial class ReplicaTests(TestBroker broker)
{
    private const int Partitions = 4;
    private const int PanesPartitions = 8;
    private const int Models = 12;
    private const int EventsASecond = 40;

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new(Start);
    private int _produced;

    [Theory]
    [InlineData("consumer")]
    [InlineData("classic")]
    public async Task Replicas_show_what_one_shows_and_each_series_once(string protocol)
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        var predictions = await broker.CreateTopicAsync("predictions", Partitions);
        var group = await MembersOf(predictions, protocol);
        await using var alone = await (await MembersOf(predictions, protocol))(null);
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        var replicas = new List<RunningMonitor>();
        try
        {
            foreach (var members in new[] { 1, 2, 4, 3, 1 })
            {
                while (replicas.Count < members)
                {
                    replicas.Add(await group(null));
                    ProduceASecond(producer, predictions); // while the group moves its partitions
                }

                while (replicas.Count > members)
                {
                    await replicas[0].DisposeAsync(); // the oldest, so that in the end none is left that was there at the start
                    replicas.RemoveAt(0);
                    ProduceASecond(producer, predictions);
                }

                await AgreeAsync(alone, replicas, members);
            }
        }
        finally
        {
            foreach (var replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Replica by replica, to a build that knows one format more, and writes it once all do; and back. A planted format stands for it.
    /// </summary>
    [Fact]
    public async Task A_group_is_rolled_forward_and_back_between_two_versions()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        const int first = RecordFormat.Current;
        var (old, next, nextOn) = (
            new RecordFormat(first, first), new RecordFormat(first + 1, first), new RecordFormat(first + 1, first + 1));
        var predictions = await broker.CreateTopicAsync("predictions", Partitions);
        var group = await MembersOf(predictions, "consumer");
        await using var alone = await (await MembersOf(predictions, "consumer"))(old);
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        var replicas = new Queue<RunningMonitor>();
        try
        {
            //                     forward ──► and back ──► forward again, and it writes what it knows ──► no more
            foreach (var build in (RecordFormat[])[old, old, next, next, old, old, next, next, nextOn, nextOn, next, next])
            {
                replicas.Enqueue(await group(build));
                ProduceASecond(producer, predictions);
                if (replicas.Count > 2)
                {
                    await replicas.Dequeue().DisposeAsync();
                    ProduceASecond(producer, predictions);
                }

                await AgreeAsync(alone, [.. replicas], replicas.Count);
            }
        }
        finally
        {
            foreach (var replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }

    /// <summary>What starts a member of a new group with topics of its own.</summary>
    private async Task<Func<RecordFormat?, Task<RunningMonitor>>> MembersOf(string predictions, string protocol)
    {
        var panes = await broker.CreatePanesTopicAsync(PanesPartitions);
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = panes,
            ["Kafka:Client:group.protocol"] = protocol,
            ["Windows:Spans"] = "1m/1s, 30m/5s",
            ["Windows:AllowedLateness"] = "5s",
            ["Windows:DisorderSlack"] = "1s",
            ["Windows:PublishInterval"] = "100ms",
        };
        if (protocol == "classic")
        {
            // with 2,000 members fell out of the group on a busy machine
            settings["Kafka:Client:session.timeout.ms"] = $"{broker.SessionTimeoutMs(embedded: 3_000)}";
            settings["Kafka:Client:heartbeat.interval.ms"] = "500";
        }

        return format => RunningMonitor.StartAsync(_time, settings, services: services =>
        {
            if (format is not null)
            {
                services.AddSingleton(provider => new RecordCodec(
                    provider.GetRequiredService<MonitorSettings>().Plan, null, provider.GetRequiredService<SourcePartitions>(), format));
            }
        });
    }

    /// <summary>A model in every partition, and others that have one each.</summary>
    private void ProduceASecond(IProducer<string, byte[]> producer, string topic)
    {
        for (var i = 0; i < EventsASecond; i++, _produced++)
        {
            var model = i % 2 == 0 ? 0 : 1 + (_produced % (Models - 1));
            var partition = model == 0 ? _produced / 2 % Partitions : model % Partitions;
            var timeMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
            var p = (1 + (_produced % 7)) / 8.0;
            producer.Produce(new TopicPartition(topic, partition), new Message<string, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $$"""{"model":"m{{model}}","ts":{{timeMs}},"probs":[{{p}},{{1 - p}}]}""")),
                Timestamp = new Timestamp(timeMs, TimestampType.CreateTime),
            });
        }

        producer.Flush(Patience);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>
    /// Waits until the group is stable, all is read, and every series stands at one replica with the very values that the single one shows.
    /// </summary>
    private async Task AgreeAsync(RunningMonitor alone, IReadOnlyList<RunningMonitor> replicas, int members)
    {
        string last = "";
        await alone.UntilAsync(
            $"{members} replicas show what one shows",
            async () =>
            {
                var one = Windows(await alone.ScrapeAsync());
                var bodies = await Task.WhenAll(replicas.Select(replica => replica.ScrapeAsync()));
                var all = bodies.SelectMany(Windows).Order(StringComparer.Ordinal).ToArray();
                last = $"{one.Length} against {all.Length}";
                return one.Length > 0
                    && Events(one) == _produced
                    && one.Order(StringComparer.Ordinal).SequenceEqual(all)
                    && bodies.All(body => body.Contains("driftmonitor_state_restored{} 1", StringComparison.Ordinal));
            },
            () => _time.Advance(TimeSpan.FromMilliseconds(40))); // twice as long as looks are apart: the longest slide takes five seconds
        Assert.NotEqual("", last);
    }

    private static string[] Windows(string body) => [.. WindowLine().Matches(body).Select(match => match.Value)];

    private static double Events(string[] lines) => lines
        .Where(
            line => line.StartsWith("driftmonitor_window_events", StringComparison.Ordinal)
                && line.Contains("window=\"30m\"", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^driftmonitor_(window_events|window_ready|window_end_timestamp_seconds|entropy_nats)\{.*$", RegexOptions.Multiline)]
    private static partial Regex WindowLine();
}

public sealed class ReplicasOnDefaultBrokerTests(DefaultBroker broker) : ReplicaTests(broker), IClassFixture<DefaultBroker>;

public sealed class ReplicasOnDockerTests(DockerBroker broker) : ReplicaTests(broker), IClassFixture<DockerBroker>;
