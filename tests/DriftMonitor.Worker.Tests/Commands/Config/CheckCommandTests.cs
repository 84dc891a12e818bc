using System.Net;
using System.Net.Sockets;
using DriftMonitor.Worker.Broker;

namespace DriftMonitor.Worker.Tests.Commands.Config;

/// <summary><c>config check</c>: everything that is wrong at once, a line each.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public async Task A_valid_configuration_ends_with_0_and_may_name_its_schema()
    {
        var (code, output, error) = await CheckAsync("""{ "$schema": "settings.schema.json", "Kafka": { "GroupId": "mine" } }""");
        Assert.Equal((0, "The configuration is valid.\n", ""), (code, output, error));
    }

    [Fact]
    public async Task Mistakes_of_all_kinds_are_reported_together_with_their_origins()
    {
        var (code, output, error) = await CheckAsync(
            """
            {
              "Kafka": {
                "GruopId": "mine", "StartFrom": "erliest",
                "Client": { "sasl.password": "hunter2", "no.such": "1", "sasl.pasword": "hunter2" }
              },
              "Widnows": { "Spans": "5m/10s" },
              "Limits": { "Models": "many" },
              "Models": { "Name": "fraud" }
            }
            """,
            "stray", "--Windows:PublishInterval=often");
        Assert.Equal((1, ""), (code, output));
        string[] problems =
        [
            "stray: is neither an option of this command nor a setting; a setting has the form --Section:Name=value",
            $"Widnows: there is no such setting; did you mean Windows? (from {_file})",
            $"Kafka:GruopId: there is no such setting; did you mean Kafka:GroupId? (from {_file})",
            $"Limits:Models = 'many': must be a whole number (from {_file})",
            $"Models:Name: Models is a list: Models:0, Models:1, … without gaps (from {_file})",
            $"Kafka:StartFrom = 'erliest': must be earliest or latest (from {_file})",
            $"Kafka:Client:no.such: No such configuration property: \"no.such\" (from {_file})",
            "Kafka:Client:sasl.pasword: No such configuration property: \"sasl.pasword\"; did you mean Kafka:Client:sasl.password? "
                + $"(from {_file})",
        ];
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(problems, problem => Assert.Contains($"driftmonitor: {problem}", lines));
        Assert.Contains(
            lines, line => line.StartsWith("driftmonitor: Windows:PublishInterval = 'often': must be ", StringComparison.Ordinal)
                && line.EndsWith(" (from the command line)", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    /// <summary>Each is valid alone, and the service would not start.</summary>
    [Theory]
    [InlineData("""{ "group.protocol": "consumer", "session.timeout.ms": "10000" }""", "`session.timeout.ms` is not supported")]
    [InlineData("""{ "message.timeout.ms": "5", "linger.ms": "10" }""", "`message.timeout.ms` must be greater than `linger.ms`")]
    [InlineData("""{ "security.protocol": "ssl", "ssl.ca.location": "/no/such/file" }""", "ssl.ca.location")]
    public async Task Properties_of_clients_that_do_not_go_together_are_reported(string client, string problem)
    {
        var (code, output, error) = await CheckAsync($$"""{ "Kafka": { "Client": {{client}} } }""");
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"driftmonitor: Kafka:Client: {problem}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_consumers_and_with_producers_is_reported_together()
    {
        var (code, _, error) = await CheckAsync(
            """
            {
              "Kafka": {
                "Client": { "group.protocol": "consumer", "session.timeout.ms": "10000", "message.timeout.ms": "5", "linger.ms": "10" }
              }
            }
            """);
        Assert.Equal((1, 2), (code, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    /// <summary>A client asks for a token as soon as it is built, and waits for it when it ends.</summary>
    [Fact]
    public async Task An_identity_provider_is_not_asked()
    {
        using var provider = new TcpListener(IPAddress.Loopback, 0);
        provider.Start();
        var (code, output, error) = await CheckAsync(
            $$"""
            {
              "Kafka": {
                "Client": {
                  "security.protocol": "sasl_plaintext", "sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.method": "oidc",
                  "sasl.oauthbearer.client.id": "monitor", "sasl.oauthbearer.client.secret": "hunter2",
                  "sasl.oauthbearer.token.endpoint.url": "http://{{provider.LocalEndpoint}}/token"
                }
              }
            }
            """);
        Assert.Equal((0, "The configuration is valid.\n", ""), (code, output, error));
        Assert.False(provider.Pending());
    }

    [Fact]
    public async Task A_token_that_cannot_be_read_is_reported()
    {
        var (code, output, error) = await CheckAsync("""{ "Http": { "Tokens": [{ "Name": "ann", "File": "/no/such/token" }] } }""");
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith(
            "driftmonitor: Http:Tokens:0:File = '/no/such/token': must be a file that can be read", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topics_are_listed_when_the_brokers_are_asked_and_none_is_created()
    {
        using var broker = EmbeddedBroker.Start();
        Array.ForEach(["scored", "labels"], topic => broker.CreateTopic(topic, 2));
        Array.ForEach(["panes", "panes.rollups"], topic => broker.CreateTopic(topic, 3));
        for (var times = 0; times < 2; times++)
        {
            var (code, output, error) = await CheckAsync(
                """{ "Kafka": { "PredictionTopics": "scored", "PanesTopic": "panes" }, "Feedback": { "Topic": "labels" } }""",
                "--ask-brokers", $"--Kafka:BootstrapServers={broker.BootstrapServers}");
            Assert.Equal(0, code);
            Assert.Contains($"The brokers at {broker.BootstrapServers} answer.", output, StringComparison.Ordinal);
            Assert.Equal("exists, partitions: 2 (Kafka:PredictionTopics)", StateOf(output, "scored"));
            Assert.Equal("exists, partitions: 2 (Feedback:Topic)", StateOf(output, "labels"));
            Assert.Equal("exists, partitions: 3 (Kafka:PanesTopic)", StateOf(output, "panes.rollups"));
            Assert.Equal("will be created, partitions: 3 (Kafka:PanesTopic)", StateOf(output, "panes.status"));
            Assert.Contains("driftmonitor: warning: topic panes.references ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Topics_that_are_missing_or_do_not_go_together_are_all_reported()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("labels", 2);
        broker.CreateTopic("panes", 3);
        broker.CreateTopic("panes.rollups", 1);
        var (code, output, error) = await CheckAsync(
            """
            {
              "Kafka": { "PredictionTopics": "no.such, nor.this", "PanesTopic": "panes" },
              "Feedback": { "Topic": "labels", "Join": false }
            }
            """,
            "--ask-brokers", $"--Kafka:BootstrapServers={broker.BootstrapServers}");
        Assert.Equal(1, code);
        Assert.Equal("missing (Kafka:PredictionTopics)", StateOf(output, "no.such"));
        Assert.Contains("driftmonitor: topic no.such (Kafka:PredictionTopics) does not exist on ", error, StringComparison.Ordinal);
        Assert.Contains("driftmonitor: topic nor.this (Kafka:PredictionTopics) does not exist on ", error, StringComparison.Ordinal);
        Assert.Contains("that topic has 3 partitions and panes.rollups 1: it must have as many", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Brokers_that_do_not_answer_are_reported()
    {
        var (code, _, error) = await CheckAsync("{}", "--ask-brokers", "--Kafka:BootstrapServers=127.0.0.1:1");
        Assert.Equal(1, code);
        Assert.StartsWith(
            "driftmonitor: Kafka:BootstrapServers = '127.0.0.1:1': nothing was heard within ", error, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private Task<(int ExitCode, string Output, string Error)> CheckAsync(string settings, params string[] arguments)
    {
        File.WriteAllText(_file, settings);
        return DriftMonitorConsole.RunAsync(["config", "check", "--config", _file, .. arguments]);
    }

    private static string StateOf(string output, string topic)
    {
        var start = $"  {topic}: ";
        return output.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..];
    }
}
