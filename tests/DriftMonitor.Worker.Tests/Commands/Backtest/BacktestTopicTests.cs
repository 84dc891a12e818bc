using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.Commands.Backtest;

/// <summary>
/// <c>backtest --topic</c> through the real command line, and once as a process: a topic's range of time is the same as a file.
/// </summary>
public sealed class BacktestTopicTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const long T0 = 1_767_225_600_000; // the first event of the digits

    [Fact]
    public async Task A_topic_alerts_as_its_records_in_a_file_do()
    {
        var topic = await ProduceAsync(line => line);

        var (code, output, error) = await BacktestAsync(topic, "--from", "2026-01-01T00:00:00Z");
        var (_, expected, _) = await DriftMonitorConsole.RunAsync(
            ["backtest", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), .. Common]);

        Assert.True(code == 0, error);
        Assert.Equal(expected, output);
        Assert.Contains("\"alert\":\"critical\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_without_a_time_have_their_timestamp_and_those_outside_the_range_do_not_count()
    {
        var topic = await ProduceAsync(line => line.Replace("\"ts\":", "\"no\":", StringComparison.Ordinal));

        var (code, output, error) = await BacktestAsync(topic, "--from", Text(T0 + 300_000), "--to", "2026-01-01T00:15:00Z");

        Assert.True(code == 0, error);
        var windows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        Assert.Equal((T0 + 360_000, T0 + 900_000), (windows[0].GetProperty("to").GetInt64(), windows[^1].GetProperty("to").GetInt64()));
        Assert.All(
            windows.Where(window => window.GetProperty("ready").GetBoolean()),
            window => Assert.Equal(3_000, window.GetProperty("events").GetInt64()));
        Assert.Equal(600, windows[0].GetProperty("events").GetInt64()); // the first minute of the range
        Assert.Equal(6, windows.Count(window => window.GetProperty("ready").GetBoolean())); // from five minutes after its begin on
    }

    [Fact]
    public async Task Records_that_are_rejected_are_told_by_partition_and_offset()
    {
        var number = 0;
        var topic = await ProduceAsync(line => number++ % 5 == 1 ? "{}" : line);

        var (code, _, error) = await BacktestAsync(topic, "--from", "2026-01-01T00:00:00Z");

        Assert.Equal(1, code);
        Assert.Matches($@"{topic}-\d:\d+: missing_output: expected one of the output forms", error);
        Assert.Matches(@"\d+ of \d+ records were rejected", error);
    }

    [Theory]
    [InlineData("--client no.such=1", "--client no.such: ")]
    [InlineData("--topic-format xml", "--topic-format = 'xml': must be json")]
    [InlineData("--to 2025-01-01T00:00:00Z", "--to: must be later than --from")]
    [InlineData("--to yesterday", "--to = 'yesterday': must be a time")]
    public async Task A_wrong_option_is_told_in_a_line(string option, string said)
    {
        var (code, output, error) = await BacktestAsync("t", ["--from", "2026-01-01T00:00:00Z", .. option.Split(' ', 2)]);
        Assert.Equal((1, ""), (code, output.Trim()));
        Assert.Contains(said, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_told_by_name()
    {
        var (code, _, error) = await DriftMonitorProcess.RunAsync(
            ["backtest", "--topic", "no-such-topic", "--brokers", broker.BootstrapServers, .. Common, "--from", "2026-01-01T00:00:00Z"]);
        Assert.Equal(1, code);
        Assert.StartsWith(
            $"driftmonitor: topic no-such-topic does not exist on {broker.BootstrapServers}",
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static string[] Common => [
        "--reference", RepositoryFiles.Digits("reference.jsonl"), "--windows", "5m/1m", "--budget", "critical: 1 per 30d", "--format",
        "jsonl"];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Task<(int ExitCode, string Output, string Error)> BacktestAsync(string topic, params string[] more) =>
        DriftMonitorConsole.RunAsync(
            ["backtest", "--topic", topic, "--brokers", broker.BootstrapServers, "--client", "fetch.wait.max.ms=10", .. Common, .. more]);

    /// <summary>The digits over three partitions, in runs of several seconds, with their own times as timestamps.</summary>
    private async Task<string> ProduceAsync(Func<string, string> change)
    {
        const int partitions = 3;
        var topic = await broker.CreateTopicAsync("predictions", partitions);
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        var number = 0;
        foreach (var line
            in await File.ReadAllLinesAsync(RepositoryFiles.Digits("predictions.jsonl"), TestContext.Current.CancellationToken))
        {
            var at = new Timestamp(JsonDocument.Parse(line).RootElement.GetProperty("ts").GetInt64(), TimestampType.CreateTime);
            producer.Produce(
                new TopicPartition(topic, number++ / 70 % partitions), new Message<Null,
                byte[]>
                { Value = Encoding.UTF8.GetBytes(change(line)), Timestamp = at });
        }

        producer.Flush(TestContext.Current.CancellationToken);
        return topic;
    }
}
