using System.Text.Json;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Logs;

public sealed class JsonLogFormatterTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 60, TimeSpan.FromHours(2)));

    [Fact]
    public void Line_has_time_event_text_and_fields()
    {
        var line = Assert.Single(Lines(log => log.RecordsLost("predictions [[3]]", 7, null, 9, 10)));

        Assert.Equal(
            """{"Timestamp":"2026-01-02T01:04:05.060Z","EventId":1115,"EventName":"RecordsLost","LogLevel":"Warning","Category":"c","""
            + "\"Message\":\"predictions [[3]]: 7 records, offsets (null) to 9, were deleted before they were read: the topic's retention "
            + "is shorter than what this reader was behind. It is read from offset 10; windows that reach back to before that are not "
            + "ready\","
            + "\"State\":" + """{"Partition":"predictions [[3]]","Lost":7,"Asked":null,"Last":9,"Next":10}}""", line);
    }

    [Fact]
    public void Whatever_is_logged_is_one_line_of_JSON()
    {
        var lines = Lines(log =>
        {
            log.RequestFailed(new InvalidOperationException("é\r\n\"x\""), "/a\nb\ud800");
            log.ClassesUnnamed("m", double.NaN, "5m", "__other__");
            log.ClassesOutvoted("m", "x → y", 1, 2, Time.GetUtcNow());
        });

        var entries = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(3, entries.Count);
        Assert.Contains("é\r\n\"x\"", entries[0].GetProperty("Exception").GetString(), StringComparison.Ordinal);
        Assert.Equal("NaN", entries[1].GetProperty("State").GetProperty("Percent").GetString());
        Assert.Equal(Time.GetUtcNow(), entries[2].GetProperty("State").GetProperty("Time").GetDateTimeOffset());
        Assert.Contains("x → y", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "json")]
    [InlineData("simple", "simple")]
    public void It_is_used_unless_another_is_named(string? named, string used)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddConsole().AddJsonLines(Time));
        services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = named);
        using var provider = services.BuildServiceProvider();

        Assert.Equal(used, provider.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
        Assert.IsType<JsonLogFormatter>(provider.GetServices<ConsoleFormatter>().First(formatter => formatter.Name == "json"));
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
            $"Kafka:BootstrapServers={broker.BootstrapServers}", "Kafka:PanesTopic=panes", "Logging:Console:FormatterName=json");

        await monitor.UntilAsync(
            "both groups joined", () => Task.FromResult(monitor.Output.Split("\"EventName\":\"PartitionsAssigned\"").Length > 2));
        await monitor.TerminateAsync();

        Assert.Equal(0, await monitor.EndAsync());
        var entries = monitor.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(entries, entry => Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entry.GetProperty("Timestamp").GetString()));
        Assert.Equal(
            (1004, "TopicSettingsUnknown", "Information", "TopicSetup"), // the embedded broker does not tell
            (entries[0].GetProperty("EventId").GetInt32(), Text(entries[0], "EventName"), Text(entries[0], "LogLevel"),
                Text(entries[0], "Category")));
        Assert.Equal("panes", Text(entries[0].GetProperty("State"), "Topic"));
        var kept = Assert.Single(entries, entry => Text(entry, "EventName") == "TopicPartitionsKept");
        Assert.Equal(1, kept.GetProperty("State").GetProperty("Partitions").GetInt32());
        Assert.Contains(entries, entry => Text(entry, "EventName") == "PartitionsReleased");

        static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
    }

    private static List<string> Lines(Action<ILogger> write)
    {
        using var output = new StringWriter { NewLine = "\n" };
        write(new Formatted(new JsonLogFormatter(Time), output));
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private sealed class Formatted(JsonLogFormatter formatter, TextWriter output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> text) =>
            formatter.Write(new LogEntry<TState>(logLevel, "c", eventId, state, exception, text), null, output);
    }
}
