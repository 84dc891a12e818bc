using System.Reactive.Concurrency;
using DriftMonitor.Model;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.References;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
