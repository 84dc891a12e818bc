using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;

namespace DriftMonitor.Worker.Tests.Configuration;

/// <summary>
/// Secrets are nowhere to be read: not in what the real program writes, however its start fails, and not in <c>/metrics</c>.
/// </summary>
public sealed class SecretsTests : IDisposable
{
    private const string InFile = "hunter2-in-a-file";
    private const string Literal = "hunter2-as-it-is";

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Fact]
    public void What_is_secret_by_its_name_or_came_from_a_file_is_hidden_the_longest_first()
    {
        var secrets = new Secrets(
            new Dictionary<string, string>
            {
                ["sasl.password"] = "abc",
                ["ssl.key.password"] = "abcdef",
                ["ssl.ca.pem"] = "-\nPEM\n",
                ["group.instance.id"] = "from a file",
                ["client.id"] = "shown",
                ["ssl.keystore.password"] = "x",
            },
            new HashSet<string> { "group.instance.id" });
        Assert.Equal("*** *** *** shown x -***-", secrets.Hide("abcdef abc from a file shown x --\nPEM\n-"));
    }

    [Theory]
    // a mechanism that there is not: what is named is what is a secret elsewhere
    [InlineData("Kafka:Client:security.protocol=sasl_plaintext", "Kafka:Client:sasl.mechanism=hunter2-as-it-is")]
    [InlineData("Windows:Spans=5m", "Kafka:PanesPartitions=many", "Kafka:Client:no.such=1")]
    [InlineData("Kafka:Client:security.protocol=ssl", "Kafka:Client:ssl.key.location=/no/such/key")]
    [InlineData("Kafka:Client:security.protocol=ssl", "Kafka:Client:ssl.key.pem=hunter2-as-it-is")] // no key
    [InlineData("Kafka:Client:session.timeout.ms=3600000")] // which a consumer refuses, and nothing before it
    public Task A_start_that_fails_shows_none(params string[] settings) => ShowsNoneAsync(settings);

    /// <summary>Each waits until its patience with the brokers is at an end: all at the same time.</summary>
    [Fact]
    public Task Starts_that_nobody_answers_show_none() => Task.WhenAll(((string[][])[
        // who does not answer to that
        ["Kafka:Client:security.protocol=sasl_plaintext", "Kafka:Client:sasl.mechanism=PLAIN", "Kafka:Client:sasl.username=user"],
        [
            "Kafka:Client:security.protocol=sasl_plaintext", "Kafka:Client:sasl.mechanism=OAUTHBEARER",
            "Kafka:Client:enable.sasl.oauthbearer.unsecure.jwt=true", "Kafka:Client:sasl.oauthbearer.config=hunter2-as-it-is"],
        ["Kafka:BootstrapServers=127.0.0.1:1"],
    ]).Select(ShowsNoneAsync));

    /// <summary>
    /// With everything that librdkafka can log, its configuration among it, while it runs, while a broker is down, and to the end.
    /// </summary>
    [Fact]
    public async Task A_run_shows_none()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        using var monitor = Start(broker, ["Kafka:Client:debug=all", "Logging:LogLevel:Default=Trace"]);

        await monitor.UntilMetricsHoldAsync("driftmonitor_assigned_partitions{topic=\"predictions\"} 1");
        var scrape = await monitor.ScrapeAsync();
        broker.SetBrokerDown(1);
        await monitor.UntilAsync("unreachable", async () => !(await monitor.ScrapeAsync()).Contains(
            "driftmonitor_kafka_errors_total{client=\"predictions\",kind=\"unreachable\"} 0", StringComparison.Ordinal));
        broker.SetBrokerUp(1);
        await monitor.TerminateAsync();

        await monitor.EndAsync();
        Assert.Contains("sasl.password", monitor.Output, StringComparison.Ordinal); // it was the whole configuration
        Assert.DoesNotContain("hunter2", monitor.Output + scrape, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Delete(recursive: true);

    private async Task ShowsNoneAsync(string[] settings)
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        using var monitor = Start(broker, settings);

        Assert.Equal(1, await monitor.EndAsync());
        Assert.Contains("driftmonitor: ", monitor.Output, StringComparison.Ordinal); // a line, no stack trace
        Assert.DoesNotContain("   at ", monitor.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", monitor.Output, StringComparison.Ordinal);
    }

    private MonitorProcess Start(EmbeddedBroker broker, string[] settings)
    {
        var file = Path.Combine(_files.FullName, Path.GetRandomFileName());
        File.WriteAllText(file, InFile + "\n");
        return MonitorProcess.Start(
        [
            $"Kafka:BootstrapServers={broker.BootstrapServers}",
            "Kafka:PanesTopic=panes",
            $"Kafka:Client:sasl.password:File={file}",
            $"Kafka:Client:ssl.key.password={Literal}",
            .. settings,
        ]);
    }
}
