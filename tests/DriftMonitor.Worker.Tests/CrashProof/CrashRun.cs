using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// Two groups of the program read the same predictions at the same time: one is left in peace, the other is attacked. In the end both
/// must have said the same, and what the test itself works out from its events.
/// </summary>
internal sealed class CrashRun : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Twenty minutes of what the model with a reference puts out.</summary>
    private static readonly Lazy<ReferenceSnapshot> Reference = new(() =>
    {
        var file = Path.GetTempFileName();
        File.WriteAllLines(file, RandomTraffic.Calm(60_000).Select(made => Encoding.UTF8.GetString(made.ToJson())));
        var found = ReferenceFromPredictions.Build(
            file, null, null, 1, DateTimeOffset.FromUnixTimeMilliseconds(TestPlan.ReferenceStartMs)).Snapshots.Single();
        File.Delete(file);
        return found;
    });

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Watchdog _watchdog = new();
    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-crash-");
    private readonly Truth _truth;
    private readonly MergedPanes _steadyPanes;
    private readonly SettledPanes _steadySettled;
    private readonly SettledPanes _attackedSettled;
    private readonly long _longerFromMs;
    private readonly long _evaluationDelayMs;
    private long _lastMs;
    private readonly DeadLetters _deadLetters = new();
    private readonly TopicWatcher _watcher;
    private readonly MonitorGroup _steady;

    private CrashRun(
        DefaultBroker broker, string program, string attackedProgram, int seed, int replicas, IReadOnlyList<string> attackedSettings,
        long evaluationDelayMs, MonitorTopics steady, MonitorTopics attacked)
    {
        (Broker, _evaluationDelayMs) = (broker, evaluationDelayMs);
        Random = new Random(seed);
        var rule = new MergeRule(program);
        ReferenceFile.Write(Reference.Value, Path.Combine(_references.FullName, "reference.json"));
        // At a whole pane, so that the seed determines which events share one.
        var startMs = (WallClock.NowMs - TestPlan.HistoryMs) / TestPlan.BasePaneMs * TestPlan.BasePaneMs;
        _longerFromMs = startMs + (TestPlan.HistoryMs / 2);
        (_steadySettled, _attackedSettled) = (new SettledPanes(_longerFromMs), new SettledPanes(_longerFromMs));
        Player = new TrafficPlayer(broker.BootstrapServers, attacked.Predictions, seed, startMs);
        _truth = new Truth(Player.EventOf);
        _steadyPanes = new MergedPanes(steady.Predictions, MonitorTopics.PanesPartitions, rule);
        AttackedPanes = new MergedPanes(attacked.Predictions, MonitorTopics.PanesPartitions, rule);
        _steady = new MonitorGroup(program, steady, Arguments(steady, []), 1, _watchdog);
        Attacked = new MonitorGroup(
            attackedProgram, attacked, Arguments(attacked, [$"--DeadLetter:Topic={attacked.DeadLetters}", .. attackedSettings]), replicas,
            _watchdog);
        Drift = new DriftUnderAttack(Player, _steady, Attacked, sameWords: program == attackedProgram);
        _watcher = new TopicWatcher(
            broker.BootstrapServers,
            [
                .. Partitions(attacked.Predictions, RandomTraffic.Lanes),
                .. new[]
                {
                    steady.Panes,
                    steady.Rollups,
                    attacked.Panes,
                    attacked.Rollups,
                    attacked.DeadLetters,
                    steady.Status,
                    attacked.Status,
                }.SelectMany(topic => Partitions(topic, MonitorTopics.PanesPartitions)),
            ],
            Watch);
    }

    public DefaultBroker Broker { get; }

    /// <summary>What the seed determines besides the traffic: whom to kill and when.</summary>
    public Random Random { get; }

    public TrafficPlayer Player { get; }

    public MonitorGroup Attacked { get; }

    public MergedPanes AttackedPanes { get; }

    public DriftUnderAttack Drift { get; }

    public CrashFigures Figures { get; } = new();

    /// <summary>Called with each message of the attacked panes topic as it appears, on the watcher's thread; null for nobody.</summary>
    public Action<PaneMessage>? OnAttackedPanes { get; set; }

    /// <param name="broker">What it runs on.</param>
    /// <param name="seed">What determines traffic and attack.</param>
    /// <param name="replicas">How many replicas the attacked group has.</param>
    /// <param name="attackedSettings">Settings of the attacked group besides those of both.</param>
    /// <param name="program">The program; the one beside the tests when null.</param>
    /// <param name="evaluationDelayMs">
    /// What may pass from an event to its register; <see cref="Lengths.EvaluationDelayMs"/> when null.
    /// </param>
    /// <param name="attackedProgram">The attacked group's program at first; <paramref name="program"/> when null.</param>
    public static async Task<CrashRun> StartAsync(
        DefaultBroker broker, int seed, int replicas, IReadOnlyList<string> attackedSettings, string? program = null,
        long? evaluationDelayMs = null, string? attackedProgram = null)
    {
        program ??= typeof(MonitorApp).Assembly.Location;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {replicas} replicas, {string.Join(' ', attackedSettings)}");
        var predictions = await broker.CreateTopicAsync("predictions", RandomTraffic.Lanes);
        var steady = new MonitorTopics(
            $"steady-{Guid.NewGuid():N}", predictions, await broker.CreateTopicAsync("panes-steady", MonitorTopics.PanesPartitions));
        var attacked = new MonitorTopics(
            $"attacked-{Guid.NewGuid():N}", predictions, await broker.CreateTopicAsync("panes-attacked", MonitorTopics.PanesPartitions));
        await broker.CreateAsync(steady.Rollups, MonitorTopics.PanesPartitions);
        await broker.CreateAsync(steady.Status, MonitorTopics.PanesPartitions);
        await broker.CreateAsync(attacked.Status, MonitorTopics.PanesPartitions);
        await broker.CreateAsync(steady.Calibrations, 1);
        await broker.CreateAsync(attacked.Calibrations, 1);
        await broker.CreateAsync(attacked.Rollups, MonitorTopics.PanesPartitions);
        await broker.CreateAsync(attacked.DeadLetters, MonitorTopics.PanesPartitions);
        return new CrashRun(
            broker, program, attackedProgram ?? program, seed, replicas, attackedSettings, evaluationDelayMs ?? Lengths.EvaluationDelayMs,
            steady, attacked);
    }

    /// <summary>Waits until so many more events have been produced: a random moment, reckoned in what happens and not in seconds.</summary>
    public Task MoreEventsAsync(int events)
    {
        var until = Player.Produced + events;
        return Patience.UntilAsync($"{events} more events", () => Player.Produced >= until);
    }

    /// <summary>How many of these lanes of a replica that was killed had said only a part of their last publication.</summary>
    public async Task<int> TakeTornPublicationsAsync(IEnumerable<int> lanes)
    {
        await _watcher.CaughtUpAsync(Attacked.Topics.Panes);
        return AttackedPanes.TakeTornPublications(lanes);
    }

    /// <summary>Ends the traffic, waits until both groups have read and published all of it, and compares panes.</summary>
    /// <returns>Every difference.</returns>
    public async Task<List<string>> ComparePanesAsync()
    {
        OnAttackedPanes = null;
        _lastMs = await Player.FinishAsync();
        var closedBefore = _lastMs - TestPlan.LatenessMs - TestPlan.SlackMs;
        // a pane that ends with what is closed is not yet
        var settledBefore = (closedBefore - 1) / TestPlan.BasePaneMs * TestPlan.BasePaneMs;
        await Patience.UntilAsync(
            $"both groups have published what lies before {closedBefore}",
            () =>
            {
                _steady.Revive();
                Attacked.Revive();
                return _steadyPanes.AllClosedBefore(closedBefore) && AttackedPanes.AllClosedBefore(closedBefore)
                    && _steadySettled.AllSettledBefore(settledBefore) && _attackedSettled.AllSettledBefore(settledBefore);
            },
            () =>
                $"steady {_steadyPanes}, {_steadySettled}\nattacked {AttackedPanes}, "
                + $"{_attackedSettled}\n{_steady.Logs()}\n{Attacked.Logs()}");
        foreach (var topic
            in new[]
            {
                Attacked.Topics.Predictions,
                _steady.Topics.Panes,
                _steady.Topics.Rollups,
                Attacked.Topics.Panes,
                Attacked.Topics.Rollups,
                Attacked.Topics.DeadLetters,
            })
        {
            await _watcher.CaughtUpAsync(topic);
        }

        var truth = _truth.Panes();
        var settled = _truth.Settled(settledBefore, _longerFromMs);
        (Figures.SettledPanesCompared, Figures.SettledRepeats) = (settled.Count, _attackedSettled.Repeats);
        (Figures.Records, Figures.Counted, Figures.PanesCompared) = (_truth.Records, _truth.Counted, truth.Count);
        (Figures.DeadLetters, Figures.DeadLetterRecords) = (_deadLetters.Letters().Count, _deadLetters.Records);
        (Figures.PaneRecords, Figures.PassedOver) = (AttackedPanes.Records, AttackedPanes.PassedOver);
        (Figures.Assignments, Figures.EndedThemselves, Figures.Duration) = (Attacked.Assignments, Attacked.EndedThemselves, _watch.Elapsed);
        return
        [
            .. _steady.EndedThemselves > 0 ? ["the group that was left in peace has ended"] : Array.Empty<string>(),
            .. Differences.Between("panes", "truth", truth, "steady", _steadyPanes.Values(withClasses: false)),
            .. Differences.Between("panes", "truth", truth, "attacked", AttackedPanes.Values(withClasses: false)),
            .. Differences.Between(
                "panes with classes", "steady", _steadyPanes.Values(withClasses: true), "attacked",
                AttackedPanes.Values(withClasses: true)),
            .. Differences.Between("settled", "truth", settled, "steady", _steadySettled.Sums()),
            .. Differences.Between("settled", "truth", settled, "attacked", _attackedSettled.Sums()),
            .. Differences.Between("settled records", "steady", _steadySettled.Records(), "attacked", _attackedSettled.Records()),
            .. Differences.Between("dead letters", "truth", _truth.Refused(), "attacked", _deadLetters.Letters()),
            .. _steadySettled.Contradictions(),
            .. _attackedSettled.Contradictions(),
        ];
    }

    /// <summary>Waits until both groups show the same windows, ready where they have events, with as many as the truth has.</summary>
    /// <remarks>
    /// They go on sliding while they are looked at, so it is looked again until two looks fall into one slide; a minute's windows leave
    /// time for that.
    /// </remarks>
    /// <param name="patienceMs">How long to look after the traffic has ended, or from now on.</param>
    /// <param name="onlyShared">Whether metrics that one of the two groups does not have at all are left out.</param>
    /// <returns>Every difference that was left then.</returns>
    public async Task<List<string>> CompareWindowsAsync(long patienceMs = 60_000, bool onlyShared = false)
    {
        var until = Math.Max(WallClock.NowMs, _lastMs) + patienceMs;
        using var looks = new PeriodicTimer(BetweenLooks);
        List<string> differences;
        do
        {
            var both = await Task.WhenAll(_steady.WindowsAsync(), Attacked.WindowsAsync());
            differences = both is not [{ } steady, { } attacked] ? ["a replica does not answer"]
                : onlyShared ? Compare(WindowMetrics.Shared(steady, attacked), WindowMetrics.Shared(attacked, steady))
                : Compare(steady, attacked);
            Attacked.Revive();
        }
        while (differences.Count > 0 && WallClock.NowMs < until && await looks.WaitForNextTickAsync(TestContext.Current.CancellationToken));

        Figures.Duration = _watch.Elapsed;
        return differences;
    }

    public async ValueTask DisposeAsync()
    {
        Attacked.Dispose();
        _steady.Dispose();
        await Player.DisposeAsync();
        _watcher.Dispose();
        _watchdog.Dispose();
        _references.Delete(recursive: true);
    }

    private static IEnumerable<TopicPartition> Partitions(string topic, int partitions) =>
        Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition));

    private List<string> Compare(SortedDictionary<string, string> steady, SortedDictionary<string, string> attacked)
    {
        Figures.WindowSamplesCompared = steady.Count;
        var differences = Differences.Between("windows", "steady", steady, "attacked", attacked).ToList();
        if (differences.Count == 0)
        {
            differences.AddRange(WindowMetrics.WronglyReady(steady));
        }

        if (differences.Count > 0)
        {
            return differences;
        }

        // Which slide they show is not said, so one of the last few must fit. No two of them have the same events in every window.
        var events = WindowMetrics.EventsIn(steady);
        var now = WallClock.NowMs - _evaluationDelayMs;
        var candidates = Enumerable.Range(0, 10).Select(
            slide =>
                Differences.Between("windows", "truth", _truth.WindowEvents(now - (slide * TestPlan.BasePaneMs)), "both", events).ToList());
        return candidates.MinBy(candidate => candidate.Count)!;
    }

    private void Watch(ConsumeResult<Ignore, byte[]> record)
    {
        if (record.Topic == Attacked.Topics.Predictions)
        {
            _truth.Add(record);
        }
        else if (record.Topic == Attacked.Topics.Panes)
        {
            var message = AttackedPanes.Add(record);
            OnAttackedPanes?.Invoke(message);
        }
        else if (record.Topic == Attacked.Topics.Rollups)
        {
            _attackedSettled.Add(record);
        }
        else if (record.Topic == Attacked.Topics.DeadLetters)
        {
            _deadLetters.Add(record);
        }
        else if (record.Topic == Attacked.Topics.Status)
        {
            Drift.Attacked.Add(record);
        }
        else if (record.Topic == _steady.Topics.Status)
        {
            Drift.Steady.Add(record);
        }
        else if (record.Topic == _steady.Topics.Panes)
        {
            _steadyPanes.Add(record);
        }
        else
        {
            _steadySettled.Add(record);
        }
    }

    private List<string> Arguments(MonitorTopics topics, IReadOnlyList<string> more) =>
    [
        "run",
        "--Urls=http://127.0.0.1:0",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
        $"--Kafka:BootstrapServers={Broker.BootstrapServers}",
        $"--Kafka:GroupId={topics.Group}",
        $"--Kafka:PredictionTopics={topics.Predictions}",
        $"--Kafka:PanesTopic={topics.Panes}",
        "--Kafka:Client:fetch.wait.max.ms=50",
        "--Kafka:Client:reconnect.backoff.max.ms=200",
        $"--Windows:Spans={TestPlan.Spans}",
        $"--Windows:AllowedLateness={TestPlan.LatenessText}",
        $"--Windows:AllowedSkew={TestPlan.SkewText}",
        $"--Windows:DisorderSlack={TestPlan.SlackText}",
        "--Windows:PublishInterval=200ms",
        $"--Windows:EvaluationDelay={_evaluationDelayMs}ms",
        "--Divergence:MinimumEvents=1",
        "--Models:0:Name=clicks",
        "--Models:0:Classes:0=none",
        "--Models:0:Classes:1=one",
        "--Models:0:Classes:2=more",
        $"--Models:1:Name={RandomTraffic.PolicyModel}",
        "--Models:1:PolicyKlCriticalNats=0.3",
        $"--References:Directory={_references.FullName}",
        .. more,
    ];
}
