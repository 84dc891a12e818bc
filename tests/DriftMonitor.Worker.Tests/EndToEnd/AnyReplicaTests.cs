using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>Whichever replica somebody asks: it lists the models of all, and shows those of others by asking them.</summary>
public abstract class AnyReplicaTests(TestBroker broker) : IDisposable
{
    private const int Models = 12;
    private const int Partitions = 4;
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly FakeTimeProvider _time = new(Start.AddSeconds(25));
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");

    public void Dispose()
    {
        _directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Each_of_two_replicas_shows_all_models()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        var secret = Path.Combine(_directory.FullName, "peers");
        await File.WriteAllTextAsync(secret, "what only these replicas know\n", TestContext.Current.CancellationToken);
        var predictions = await broker.CreateTopicAsync("predictions", Partitions);
        var panes = await broker.CreatePanesTopicAsync(Partitions);
        await using var first = await StartAsync(predictions, panes, secret);
        await using var second = await StartAsync(predictions, panes, secret);
        RunningMonitor[] group = [first, second];
        await first.UntilAsync(
            "each owns some of the partitions",
            async () => (await Task.WhenAll(group.Select(
                replica => replica.ValueAsync("driftmonitor_assigned_partitions", $"topic=\"{panes}\""))))
                .All(own => own == Partitions / 2),
            () => _time.Advance(TimeSpan.FromMilliseconds(5)));
        using (var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build())
        {
            for (var i = 0; i < 10 * Models; i++)
            {
                producer.Produce(new TopicPartition(predictions, i % Partitions), new Message<Null, byte[]>
                {
                    Value = Encoding.UTF8.GetBytes($$$"""{"model":"org/m:{{{i % Models}}}","probs":{"a":0.75,"b":0.25}}"""),
                    Timestamp = new Timestamp(Start.AddSeconds(1 + (i / Models)).UtcDateTime),
                });
            }

            producer.Flush(TimeSpan.FromSeconds(30));
        }

        await first.UntilAsync(
            "each replica lists all models",
            async () => (await Task.WhenAll(group.Select(replica => JsonAsync(replica, "/api/v1/models"))))
                .All(models => (int)models["total"]! == Models),
            () => _time.Advance(TimeSpan.FromMilliseconds(100)));
        var monitors = await Task.WhenAll(group.Select(replica => JsonAsync(replica, "/api/v1/monitor")));
        var owned = monitors.Select(monitor => monitor["replicas"]!.AsArray())
            .Select(replicas => replicas.Select(replica => (int)replica!["models"]!).ToArray()).ToArray();
        Assert.All(owned, models => Assert.Equal((2, Models), (models.Length, models.Sum())));
        Assert.All(owned, models => Assert.DoesNotContain(0, models)); // else nobody asks anybody
        foreach (var replica in group)
        {
            for (var model = 0; model < Models; model++)
            {
                using var answer = await replica.GetAsync($"/api/v1/model?model=org%2Fm%3A{model}");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                var shown = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
                Assert.Equal($"org/m:{model}", (string)shown["model"]!["model"]!);
                Assert.NotEmpty(shown["windows"]!.AsArray());
                using var page = await replica.GetAsync($"/model?model=org%2Fm%3A{model}");
                var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                Assert.Contains("20s", html, StringComparison.Ordinal);
            }
        }
    }

    private static async Task<JsonNode> JsonAsync(RunningMonitor replica, string path)
    {
        using var answer = await replica.GetAsync(path);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    private Task<RunningMonitor> StartAsync(string predictions, string panes, string secret) => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{panes}",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = panes,
            ["Kafka:Client:group.protocol"] = "consumer",
            ["Windows:Spans"] = "20s/10s",
            ["Windows:AllowedLateness"] = "1s",
            ["Windows:DisorderSlack"] = "1s",
            ["Http:PeerSecret:File"] = secret,
        });
}

public sealed class AnyReplicaOnDefaultBrokerTests(DefaultBroker broker) : AnyReplicaTests(broker), IClassFixture<DefaultBroker>;

public sealed class AnyReplicaOnDockerTests(DockerBroker broker) : AnyReplicaTests(broker), IClassFixture<DockerBroker>;
