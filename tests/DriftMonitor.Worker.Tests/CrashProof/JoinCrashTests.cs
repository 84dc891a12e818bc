using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The join under SIGKILL, zombies and brokers that fail: one program is left in peace, the other is killed again and again and loses its
/// disk once, or is stopped until another reads its partitions. In the end both say the same of every label, to the last digit, and as
/// many as there are.
/// </summary>
[Collection(nameof(CrashProof))]
public sealed class JoinCrashTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private const int Kills = 5;
    private const int LosesItsDisk = 2;
    private const int Brokers = 3;
    private const string Window = "600s"; // longer than the test, so that every event is in it

    private readonly Watchdog _watchdog = new();
    private readonly DirectoryInfo _stores = Directory.CreateTempSubdirectory("driftmonitor-join-");

    public static TheoryData<int> Seeds => [.. Lengths.Seeds];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Labels_are_neither_lost_nor_counted_twice(int seed)
    {
        var random = new Random(seed);
        var (predictionsTopic, feedbackTopic) = (
            await broker.CreateTopicAsync("predictions", JoinTraffic.Partitions),
            await broker.CreateTopicAsync("feedback", JoinTraffic.Partitions));
        var (steadyPanes, attackedPanes) = (await broker.CreatePanesTopicAsync(1), await broker.CreatePanesTopicAsync(1));
        WorkerProcess StartAttacked() => Start(broker, predictionsTopic, feedbackTopic, attackedPanes, Store(attackedPanes));

        await using var traffic = new JoinTraffic(broker.BootstrapServers, predictionsTopic, feedbackTopic, seed);
        using var steady = Start(broker, predictionsTopic, feedbackTopic, steadyPanes, Store(steadyPanes));
        var attacked = StartAttacked();
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                await ReadsAsync(attacked);
                await MoreAsync(traffic, random.Next(20, 250));
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
            await SaySameAsync(steady, attacked);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"seed {seed}: {Kills} kills, {predictions} predictions, {labelled} of them labelled, {correct} correctly");
        }
        finally
        {
            attacked.Dispose();
        }
    }

    /// <summary>
    /// A replica that is stopped goes on later as if nothing had happened, while another, with a disk of its own, has read its partitions
    /// since. Brokers fail meanwhile; a program that ends for that is started again.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Zombies_and_failing_brokers_count_no_label_twice(int seed)
    {
        var random = new Random(seed);
        await using var cluster = await DefaultBroker.StartEmbeddedAsync(Brokers);
        var brokers = cluster.Embedded!;
        var (predictionsTopic, feedbackTopic) = (
            await cluster.CreateTopicAsync("predictions", JoinTraffic.Partitions),
            await cluster.CreateTopicAsync("feedback", JoinTraffic.Partitions));
        var (steadyPanes, attackedPanes) = (await cluster.CreatePanesTopicAsync(1), await cluster.CreatePanesTopicAsync(1));
        var disk = 0;
        WorkerProcess StartSteady() => Start(cluster, predictionsTopic, feedbackTopic, steadyPanes, Store(steadyPanes));
        WorkerProcess StartAttacked(int onDisk) =>
            Start(cluster, predictionsTopic, feedbackTopic, attackedPanes, Store($"{attackedPanes}-{onDisk}"));

        await using var traffic = new JoinTraffic(cluster.BootstrapServers, predictionsTopic, feedbackTopic, seed);
        var (steady, attacked) = (StartSteady(), StartAttacked(disk));
        try
        {
            for (var zombies = 0; zombies < Lengths.LabelZombies; zombies++)
            {
                await ReadsAsync(attacked);
                await MoreAsync(traffic, random.Next(20, 250));
                attacked.Stop();
                var heir = StartAttacked(++disk);
                using var zombie = attacked;
                attacked = heir;
                await ReadsAsync(attacked);
                await MoreAsync(traffic, random.Next(20, 250));
                zombie.Continue();
                await MoreAsync(traffic, random.Next(20, 250));
            }

            for (var faults = 0; faults < Lengths.LabelFaults; faults++)
            {
                Fail(brokers, random);
                await MoreAsync(traffic, 150);
                brokers.SetRoundTripTime(TimeSpan.Zero);
                Array.ForEach([.. Enumerable.Range(1, Brokers)], brokers.SetBrokerUp);
                attacked = attacked.HasEnded ? Again(attacked, () => StartAttacked(disk)) : attacked;
                steady = steady.HasEnded ? Again(steady, StartSteady) : steady;
            }

            var (predictions, labelled, correct) = await traffic.FinishAsync();
            await AgreesAsync(steady, predictions, labelled, correct);
            await AgreesAsync(attacked, predictions, labelled, correct);
            await SaySameAsync(steady, attacked);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"seed {seed}: {Lengths.LabelZombies} zombies, {Lengths.LabelFaults} faults of brokers, {predictions} predictions, "
                + $"{labelled} of them labelled, {correct} correctly");
        }
        finally
        {
            attacked.Dispose();
            steady.Dispose();
        }

        static WorkerProcess Again(WorkerProcess ended, Func<WorkerProcess> start)
        {
            ended.Dispose();
            return start();
        }
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _stores.Delete(recursive: true);
    }

    private static void Fail(EmbeddedBroker brokers, Random random)
    {
        switch (random.Next(BrokerFaults.Errors.Length + 2))
        {
            case 0:
                brokers.SetBrokerDown(1 + random.Next(Brokers));
                break;
            case 1:
                brokers.SetRoundTripTime(TimeSpan.FromMilliseconds(500));
                break;
            case var error:
                brokers.PushRequestErrors(BrokerFaults.Errors[error - 2].ApiKey, BrokerFaults.Errors[error - 2].Errors);
                break;
        }
    }

    private static Task MoreAsync(JoinTraffic traffic, int predictions)
    {
        var until = traffic.Produced + predictions;
        return Patience.UntilAsync("more predictions", () => traffic.Produced >= until);
    }

    private string Store(string panes) => Path.Combine(_stores.FullName, panes);

    private WorkerProcess Start(DefaultBroker on, string predictions, string feedback, string panes, string store)
    {
        Directory.CreateDirectory(store);
        return WorkerProcess.Start(
            typeof(MonitorApp).Assembly.Location,
            [
                "run",
                "--Urls=http://127.0.0.1:0",
                "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
                $"--Kafka:BootstrapServers={on.BootstrapServers}",
                $"--Kafka:GroupId={panes}",
                $"--Kafka:PredictionTopics={predictions}",
                $"--Kafka:PanesTopic={panes}",
                "--Kafka:Client:group.protocol=consumer",
                "--Kafka:Client:fetch.wait.max.ms=50",
                $"--Windows:Spans={Window}/2s",
                "--Windows:PublishInterval=500ms",
                "--Windows:EvaluationDelay=400ms",
                "--Divergence:MinimumEvents=1",
                $"--Feedback:Topic={feedback}",
                "--Feedback:Horizon=10m",
                $"--Feedback:Directory={store}",
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

    /// <summary>
    /// Waits until both say the same of labels: of all traffic they agree, and of each segment and measure they do when the last
    /// publication has reached both.
    /// </summary>
    private static async Task SaySameAsync(WorkerProcess one, WorkerProcess other)
    {
        Dictionary<string, double> expected = [], found = [];
        await Patience.UntilAsync(
            "both say the same of labels",
            async () =>
            {
                (expected, found) = (await FeedbackAsync(one), await FeedbackAsync(other));
                return expected.Count == found.Count && !expected.Except(found).Any();
            },
            () => $"{string.Join('\n', expected.Except(found))}\ninstead:\n{string.Join('\n', found.Except(expected))}");
    }

    /// <summary>What it says of labels in windows.</summary>
    private static async Task<Dictionary<string, double>> FeedbackAsync(WorkerProcess worker) =>
        WindowMetrics.Of([await worker.ScrapeAsync() ?? ""])
        .Where(sample => sample.Key.StartsWith("driftmonitor_feedback_", StringComparison.Ordinal))
        .ToDictionary(sample => sample.Key, sample => double.Parse(sample.Value, System.Globalization.CultureInfo.InvariantCulture));
}
