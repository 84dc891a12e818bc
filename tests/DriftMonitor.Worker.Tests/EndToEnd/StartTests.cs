using System.Net;
using System.Net.Sockets;
using System.Reactive.Concurrency;
using DriftMonitor.Model;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.References;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>What holds before the first record is read.</summary>
public sealed class StartTests : IDisposable
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-test-");

    public StartTests()
    {
        _broker.CreateTopic("predictions", 1);
        _broker.CreateTopic("driftmonitor.panes", 1);
        _broker.CreateTopic("driftmonitor.panes.rollups", 1);
        _broker.CreateTopic("driftmonitor.panes.status", 1);
        _broker.CreateTopic("driftmonitor.panes.calibrations", 1);
        _broker.CreateTopic("driftmonitor.panes.references", 1);
    }

    /// <summary>Read in classes of its own, the first prediction would count in other windows than the reference's.</summary>
    [Fact]
    public async Task References_are_in_use_before_a_stage_runs_or_is_given_a_partition()
    {
        var reference = ReferenceFromPredictions.Build(
            RepositoryFiles.Digits("reference.jsonl"), null, null, 1, DateTimeOffset.UnixEpoch.AddYears(50)).Snapshots.Single();
        ReferenceFile.Write(reference, Path.Combine(_references.FullName, "digits.json"));
        await using var app = await BuildAsync(("References:Directory", _references.FullName));
        Assert.Null(app.Services.GetRequiredService<WatchedModels>().Find("digits-lr"));

        _ = app.Services.GetServices<IHostedService>().ToList(); // as the host does before it starts the first of them

        Assert.Equal(reference.ClassSpace, app.Services.GetRequiredService<WatchedModels>().Find("digits-lr")?.Classes?.Space);
    }

    [Fact]
    public async Task Health_and_metrics_have_an_address_of_their_own_where_one_is_set()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var metrics = $"http://{listener.LocalEndpoint}";
        listener.Stop();
        await using var app = await BuildAsync(
            ("Urls", "http://127.0.0.1:0"), ("Http:MetricsUrl", metrics), ("Alarms:Budget:Warning", "none"),
            ("Alarms:Budget:Critical", "none"));
        await MonitorApp.StartAsync(app, TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        var pages = app.Urls.Single(url => url != metrics);
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.OK],
            await AskAsync(pages, "/health/live", "/metrics", "/monitor"));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound],
            await AskAsync(metrics, "/health/live", "/metrics", "/monitor"));
        await app.StopAsync(CancellationToken.None);

        async Task<HttpStatusCode[]> AskAsync(string address, params string[] paths)
        {
            var statuses = new List<HttpStatusCode>();
            foreach (var path in paths)
            {
                using var answer = await http.GetAsync(new Uri(address + path), TestContext.Current.CancellationToken);
                statuses.Add(answer.StatusCode);
            }

            return [.. statuses];
        }
    }

    /// <summary>Whether the process is alive is answered while its stages join their groups.</summary>
    [Fact]
    public async Task A_stage_begins_when_the_server_listens()
    {
        await using var app = await BuildAsync();
        var begun = new TaskCompletionSource();
        using var stage = new ConsumerService(
            _ => begun.SetResult(), "it", app.Services.GetRequiredService<IHostApplicationLifetime>(),
            NullLogger<ConsumerService>.Instance);
        await stage.StartAsync(TestContext.Current.CancellationToken);
        Assert.Null(stage.ExecuteTask);
        await stage.StartedAsync(TestContext.Current.CancellationToken);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("nonsense", "1")]
    [InlineData("security.protocol", "bogus")]
    public async Task A_wrong_librdkafka_property_is_named(string property, string value)
    {
        var problem = await Assert.ThrowsAsync<InvalidConfigurationException>(() => BuildAsync(($"Kafka:Client:{property}", value)));
        Assert.Contains(property, Assert.Single(problem.Problems), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _broker.Dispose();
        _references.Delete(recursive: true);
    }

    private Task<WebApplication> BuildAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(
            settings.Append(("Kafka:BootstrapServers", _broker.BootstrapServers)).ToDictionary(
                setting => setting.Item1, setting => (string?)setting.Item2));
        return MonitorApp.BuildAsync(
            builder, new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), new HistoricalScheduler());
    }
}
