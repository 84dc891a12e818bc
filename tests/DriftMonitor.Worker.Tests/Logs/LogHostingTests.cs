using System.Text.Json;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace DriftMonitor.Worker.Tests.Logs;

public sealed class LogHostingTests
{
    [Theory]
    [InlineData(null, "json")]
    [InlineData("simple", "simple")]
    public void Lines_are_JSON_unless_another_format_is_named(string? named, string used)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddConsole().AddJsonLines());
        services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = named);
        using var provider = services.BuildServiceProvider();

        Assert.Equal(used, provider.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
    }

    /// <summary>From the first line, which is about a topic before there is a host, to the last.</summary>
    [Fact]
    public async Task Real_program_writes_nothing_else()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        using var monitor = MonitorProcess.Start(
            $"Kafka:BootstrapServers={broker.BootstrapServers}", "Kafka:PanesTopic=panes", "Logging:Console:FormatterName=json",
            "Logging:Console:FormatterOptions:TimestampFormat=");

        await monitor.UntilAsync(
            "both groups joined", () => Task.FromResult(monitor.Output.Split("\"EventId\":1108,").Length > 2));
        await monitor.TerminateAsync();

        var code = await monitor.EndAsync();
        Assert.True(code == 0, monitor.Output);
        var entries = monitor.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(entries, entry => Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entry.GetProperty("Timestamp").GetString()));
        Assert.Equal(
            (1004, "Information", "TopicSetup"), // the embedded broker does not tell
            (IdOf(entries[0]), Text(entries[0], "LogLevel"), Text(entries[0], "Category")));
        Assert.Equal("panes", Text(entries[0].GetProperty("State"), "Topic"));
        var kept = Assert.Single(entries, entry => IdOf(entry) == 1005);
        Assert.Equal(1, kept.GetProperty("State").GetProperty("Partitions").GetInt32());
        Assert.Contains(entries, entry => IdOf(entry) == 1109); // released

        static int IdOf(JsonElement entry) => entry.GetProperty("EventId").GetInt32();

        static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
    }
}
