using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.Commands;

/// <summary>Topics of predictions and of labels give every command what the same records in files give it.</summary>
public sealed class RecordedTopicsTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private const int Partitions = 2;

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    public void Dispose() => _files.Delete(recursive: true);

    [Theory]
    [InlineData("replay --window 1m --format jsonl")]
    [InlineData("backtest --reference {0} --windows 5m/1m --format jsonl")]
    [InlineData("reference build --output OUT")]
    public async Task Topics_and_files_are_the_same(string command)
    {
        var (predictions, labels) = (await ProduceAsync("predictions.jsonl"), await ProduceAsync("feedback.jsonl"));

        var fromTopics = await RunAsync(
            command, "topics", "--topic", predictions, "--feedback-topic", labels, "--from", "2026-01-01T00:00:00Z", "--brokers",
            broker.BootstrapServers, "--client", "fetch.wait.max.ms=10");
        var fromFiles = await RunAsync(
            command, "files", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--feedback",
            RepositoryFiles.Digits("feedback.jsonl"));

        Assert.Equal(fromFiles, fromTopics);
        Assert.Contains(
            fromFiles,
            text => text.Contains("cross_entropy", StringComparison.Ordinal) || text.Contains("\"losses\":{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Labels_of_a_topic_without_a_time_have_their_records_and_those_after_the_range_and_the_horizon_do_not_count()
    {
        var labels = await ProduceAsync("feedback.jsonl", line => line.Replace("\"ts\":", "\"no\":", StringComparison.Ordinal));

        string[] ofLabels =
        [
            "replay", "--predictions", RepositoryFiles.Digits("predictions.jsonl"), "--feedback-topic", labels, "--from",
            "2026-01-01T00:00:00Z", "--brokers", broker.BootstrapServers, "--client", "fetch.wait.max.ms=10", "--format", "jsonl",
        ];
        var (code, _, whole) = await DriftMonitorConsole.RunAsync(ofLabels);
        var (_, _, part) = await DriftMonitorConsole.RunAsync([.. ofLabels, "--to", "2026-01-01T00:05:00Z", "--horizon", "1m"]);

        Assert.Equal(0, code);
        Assert.Contains("3667 labels, 3667 matched", whole, StringComparison.Ordinal);
        var early = File.ReadLines(RepositoryFiles.Digits("feedback.jsonl")).Count(line => TimeOf(line) < 1_767_225_600_000 + 360_000);
        Assert.Contains($"{early} labels, ", part, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay", "--predictions, --topic: give exactly one of the two")]
    [InlineData("replay --predictions {0} --to 2026-01-01T00:00:00Z", "--to: goes with --topic or --feedback-topic only")]
    [InlineData("replay --topic t --brokers b", "--from: must be given with a topic")]
    [InlineData("replay --predictions {0} --feedback {0} --feedback-topic t --from 1767225600000 --brokers b",
        "--feedback, --feedback-topic: one of the two must be left out")]
    [InlineData("replay --predictions {0} --topic-format json", "--topic-format: goes with --topic only")]
    public async Task What_does_not_go_together_is_told_in_a_line(string command, string said)
    {
        var (code, output, error) = await DriftMonitorConsole.RunAsync(Words(command));
        Assert.Equal((1, ""), (code, output.Trim()));
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    private static long TimeOf(string line) => JsonDocument.Parse(line).RootElement.GetProperty("ts").GetInt64();

    private static string[] Words(string command) => string.Format(
        CultureInfo.InvariantCulture, command, RepositoryFiles.Digits("reference.jsonl")).Split(' ');

    /// <summary>What a command prints, or writes.</summary>
    private async Task<string[]> RunAsync(string command, string name, params string[] inputs)
    {
        var output = Path.Combine(_files.FullName, $"{name}-{Guid.NewGuid():N}");
        var (code, printed, error) = await DriftMonitorConsole.RunAsync(
            [.. Words(command).Select(word => word == "OUT" ? output : word), .. inputs]);
        Assert.True(code == 0, error);
        return Directory.Exists(output)
            ? [.. Directory.EnumerateFiles(output).Select(path => JsonDocument.Parse(File.ReadAllText(path)).RootElement)
                .Select(root => string.Join('\n', root.EnumerateObject().Where(field => field.Name is not "created_at")))]
            : printed.Split('\n');
    }

    private async Task<string> ProduceAsync(string file, Func<string, string>? change = null)
    {
        var topic = await broker.CreateTopicAsync("recorded", Partitions);
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        var number = 0;
        foreach (var line in await File.ReadAllLinesAsync(RepositoryFiles.Digits(file), TestContext.Current.CancellationToken))
        {
            producer.Produce(new TopicPartition(topic, number++ / 70 % Partitions), new Message<Null, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(change is null ? line : change(line)),
                Timestamp = new Timestamp(TimeOf(line), TimestampType.CreateTime),
            });
        }

        producer.Flush(TestContext.Current.CancellationToken);
        return topic;
    }
}
