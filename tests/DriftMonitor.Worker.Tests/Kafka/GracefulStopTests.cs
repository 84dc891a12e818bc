using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>The real program as a child process: SIGTERM, and everything it had read is published and committed before it goes.</summary>
public sealed class GracefulStopTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const int Events = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Sigterm_publishes_and_commits_what_was_read_within_ten_seconds()
    {
        await StopsAsync(broker.BootstrapServers, await broker.CreateTopicAsync("predictions", 1), await broker.CreateTopicAsync("panes", 1));
    }

    private static async Task StopsAsync(string brokers, string predictions, string panes)
    {
        Produce(brokers, predictions);
        using var worker = Start(brokers, predictions, panes);
        var output = new StringBuilder();
        worker.OutputDataReceived += (_, line) => Keep(output, line.Data);
        worker.ErrorDataReceived += (_, line) => Keep(output, line.Data);
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();

        // Panes are published once an hour here, so what the topic holds after the stop, the stop has published.
        await HasReadAllAsync(worker, output);
        var stopping = Stopwatch.StartNew();
        using (var kill = Process.Start("kill", $"-TERM {worker.Id.ToString(CultureInfo.InvariantCulture)}"))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await worker.WaitForExitAsync(patience.Token);
        Assert.True(stopping.Elapsed < StopWithin, $"it took {stopping.Elapsed}");
        Assert.True(worker.ExitCode == 0, $"exit code {worker.ExitCode}:\n{Text(output)}");
        using var published = new PublishedPanes(brokers, panes, partitions: 1, TimeSpan.FromHours(1));
        published.Read();
        Assert.Equal(Events, published.Events);
        Assert.Equal(0, Committed(brokers, predictions).Value); // the open pane began with the first record: a successor reads it again
    }

    private static void Keep(StringBuilder output, string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }

    private static string Text(StringBuilder output)
    {
        lock (output)
        {
            return output.ToString();
        }
    }

    private static async Task HasReadAllAsync(Process worker, StringBuilder output)
    {
        using var http = new HttpClient();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            Assert.False(worker.HasExited, $"it ended by itself:\n{Text(output)}");
            Assert.False(patience.IsCancellationRequested, $"it never read the events:\n{Text(output)}");
            if (Address(output) is { } address
                && (await http.GetStringAsync(new Uri($"{address}/metrics"), patience.Token)).Contains(
                    string.Create(CultureInfo.InvariantCulture, $"\"}} {Events}"), StringComparison.Ordinal))
            {
                return;
            }

            await Task.Yield();
        }
    }

    private static string? Address(StringBuilder output)
    {
        const string listening = "Now listening on: ";
        return Text(output).Split(Environment.NewLine).Select(line => line.Split(listening)).FirstOrDefault(parts => parts.Length == 2)?[1];
    }

    private static Process Start(string brokers, string predictions, string panes)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])
        [
            typeof(MonitorApp).Assembly.Location,
            "run",
            $"--Kafka:BootstrapServers={brokers}",
            $"--Kafka:GroupId=stop-{predictions}",
            $"--Kafka:PredictionTopics={predictions}",
            $"--Kafka:PanesTopic={panes}",
            "--Windows:Spans=1h/1h",
            "--Windows:PublishInterval=1h",
            "--Urls=http://127.0.0.1:0",
            "--Logging:LogLevel:Microsoft=Information",
            "--Logging:Console:FormatterName=simple",
        ])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static void Produce(string brokers, string topic)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = brokers }).Build();
        foreach (var line in File.ReadLines(RepositoryFiles.Digits("predictions.jsonl")).Take(Events))
        {
            var ts = System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("ts").GetInt64();
            producer.Produce(topic, new Message<Null, string> { Value = line, Timestamp = new Timestamp(ts, TimestampType.CreateTime) });
        }

        producer.Flush(Patience);
    }

    private static Offset Committed(string brokers, string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = brokers, GroupId = $"stop-{topic}" }).Build();
        return consumer.Committed([new TopicPartition(topic, 0)], Patience).Single().Offset;
    }
}
