using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The join under SIGKILL: one program is left in peace, the other is killed again and again and loses its disk once. In the end both say
/// the same of every label, to the last digit, and as many as there are.
/// </summary>
[Collection(nameof(CrashProof))]
public sealed class JoinCrashTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private const int Kills = 5;
    private const int LosesItsDisk = 2;
    private const string Window = "120s"; // longer than the test, so that every event is in it

    private readonly Watchdog _watchdog = new();
    private readonly DirectoryInfo _stores = Directory.CreateTempSubdirectory("driftmonitor-join-");

    [Theory]
    [InlineData(1)]
    public async Task Labels_are_neither_lost_nor_counted_twice(int seed)
    {
        var random = new Random(seed);
        var (predictionsTopic, feedbackTopic) = (
            await broker.CreateTopicAsync("predictions", JoinTraffic.Partitions),
            await broker.CreateTopicAsync("feedback", JoinTraffic.Partitions));
        var (steadyPanes, attackedPanes) = (await broker.CreatePanesTopicAsync(1), await broker.CreatePanesTopicAsync(1));
        WorkerProcess StartAttacked() => Start(predictionsTopic, feedbackTopic, attackedPanes);

        await using var traffic = new JoinTraffic(broker.BootstrapServers, predictionsTopic, feedbackTopic, seed);
        using var steady = Start(predictionsTopic, feedbackTopic, steadyPanes);
        var attacked = StartAttacked();
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                await ReadsAsync(attacked);
                var until = traffic.Produced + random.Next(20, 250);
                await Patience.UntilAsync("more predictions", () => traffic.Produced >= until);
                attacked.Dispose(); // SIGKILL
                if (kill == LosesItsDisk)
                {
                    Directory.Delete(Store(attackedPanes), recursive: true);
                }

                attacked = StartAttacked();
            }

            var (predictions, labelled, correct) = await traffic.FinishAsync();
            await AgreesAsync(steady, predictions, labelled, correct);
            await AgreesAsync(attacked, predictions, labelled, correct);
            Assert.Equal(await FeedbackAsync(steady), await FeedbackAsync(attacked));
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"seed {seed}: {Kills} kills, {predictions} predictions, {labelled} of them labelled, {correct} correctly");
        }
        finally
        {
            attacked.Dispose();
        }
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _stores.Delete(recursive: true);
    }

    private string Store(string panes) => Path.Combine(_stores.FullName, panes);

    private WorkerProcess Start(string predictions, string feedback, string panes)
    {
        Directory.CreateDirectory(Store(panes));
        return WorkerProcess.Start(
            typeof(MonitorApp).Assembly.Location,
            [
                "run",
                "--Urls=http://127.0.0.1:0",
                "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
                $"--Kafka:BootstrapServers={broker.BootstrapServers}",
                $"--Kafka:GroupId={panes}",
                $"--Kafka:PredictionTopics={predictions}",
                $"--Kafka:PanesTopic={panes}",
                "--Kafka:Client:group.protocol=consumer",
                "--Kafka:Client:fetch.wait.max.ms=10",
                $"--Windows:Spans={Window}/2s",
                "--Windows:PublishInterval=500ms",
                "--Windows:EvaluationDelay=400ms",
                "--Divergence:MinimumEvents=1",
                $"--Feedback:Topic={feedback}",
                "--Feedback:Horizon=10m",
                $"--Feedback:Directory={Store(panes)}",
            ],
            _watchdog);
    }

    /// <summary>Waits until a program has begun to join, so that there is something to be killed.</summary>
    private static Task ReadsAsync(WorkerProcess worker) => Patience.UntilAsync(
        "it joins labels",
        async () => (await worker.ScrapeAsync() ?? "").Split('\n').Any(line =>
            line.StartsWith("driftmonitor_feedback_matched_total{", StringComparison.Ordinal)
                && !line.EndsWith(" 0", StringComparison.Ordinal)),
        worker.Log);

    private static Task AgreesAsync(WorkerProcess worker, int predictions, int labelled, int correct)
    {
        var state = new Dictionary<string, double>();
        return Patience.UntilAsync(
            $"{labelled} labels of {predictions} predictions, {correct} correct",
            async () =>
            {
                state = await FeedbackAsync(worker);
                double Value(string metric, string attribution) => state.GetValueOrDefault(
                    $"driftmonitor_feedback_{metric}{{"
                    + $"attribution=\"{attribution}\",model=\"{JoinTraffic.Model}\",segment=\"_all\",window=\"{Window}\"}}",
                    double.NaN);
                return Value("events", "label_time") == labelled
                    && Value("events", "prediction_time") == labelled
                    && Value("accuracy_ratio", "label_time") == correct / (double)labelled
                    && Value("coverage_ratio", "prediction_time") == labelled / (double)predictions;
            },
            () => $"{string.Join('\n', state)}\n{worker.Log()}");
    }

    /// <summary>What it says of labels in windows.</summary>
    private static async Task<Dictionary<string, double>> FeedbackAsync(WorkerProcess worker) =>
        WindowMetrics.Of([await worker.ScrapeAsync() ?? ""])
        .Where(sample => sample.Key.StartsWith("driftmonitor_feedback_", StringComparison.Ordinal))
        .ToDictionary(sample => sample.Key, sample => double.Parse(sample.Value, System.Globalization.CultureInfo.InvariantCulture));
}
