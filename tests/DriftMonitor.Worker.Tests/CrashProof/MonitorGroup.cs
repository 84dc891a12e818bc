using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// Replicas of the program in one consumer group, with a panes topic of their own, and what an orchestrator does: it restarts those that
/// end.
/// </summary>
internal sealed partial class MonitorGroup(
    string program, MonitorTopics topics, IReadOnlyList<string> arguments, int replicas, Watchdog watchdog) : IDisposable
{
    private const int MostEnds = 10;
    private const string Guarded = $"driftmonitor_model_state{{model=\"{RandomTraffic.ReferredModel}\",state=\"guarded\"}} 1";
    private const string Restored = "driftmonitor_state_restored{} 1";
    private const string NonePending = "driftmonitor_calibrations_pending{} 0";

    private readonly WorkerProcess[] _replicas = [
        .. Enumerable.Range(0, replicas).Select(_ => WorkerProcess.Start(program, arguments, watchdog))];
    private int _assignmentsOfTheDead;

    public MonitorTopics Topics => topics;

    public IReadOnlyList<WorkerProcess> Replicas => _replicas;

    /// <summary>How many replicas ended without having been killed.</summary>
    public int EndedThemselves { get; private set; }

    /// <summary>How often a stage of a replica was assigned partitions.</summary>
    public int Assignments => _assignmentsOfTheDead + _replicas.Sum(replica => replica.Assignments);

    /// <summary>Starts a new process in place of one that was killed.</summary>
    public void Restart(WorkerProcess killed) => Succeed(killed, killed.Program);

    /// <summary>Asks a replica to end, and starts one of another program in its place once it has.</summary>
    public async Task ReplaceAsync(WorkerProcess replica, string by)
    {
        await replica.TerminateAsync();
        Succeed(replica, by);
    }

    /// <summary>Restarts those that have ended.</summary>
    public void Revive()
    {
        foreach (var ended in _replicas.Where(replica => replica.HasEnded).ToList())
        {
            EndedThemselves++;
            if (EndedThemselves > MostEnds)
            {
                throw new InvalidOperationException($"replicas end again and again, the last with {ended.ExitCode}:\n{ended.Log()}");
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"a replica ended itself with {ended.ExitCode}:\n{ended.Log()}");
            Restart(ended);
        }
    }

    /// <summary>The source partitions that a replica reads, as it says; none when it does not answer.</summary>
    public async Task<int[]> LanesAsync(WorkerProcess replica)
    {
        var scrape = await replica.ScrapeAsync() ?? "";
        return [.. LagOfPartition().Matches(scrape)
            .Where(match => match.Groups["topic"].Value == topics.Predictions)
            .Select(match => int.Parse(match.Groups["partition"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>Waits until every source partition is read by somebody.</summary>
    public Task WorkingAsync() => Patience.UntilAsync(
        $"{topics.Group} reads every source partition",
        async () =>
        {
            Revive();
            var lanes = await Task.WhenAll(_replicas.Select(LanesAsync));
            return lanes.SelectMany(all => all).Distinct().Count() == RandomTraffic.Lanes;
        },
        Logs);

    /// <summary>Waits until every source partition is read, by every replica one at least, and each has restored its windows.</summary>
    public Task ReadyAsync() => Patience.UntilAsync(
        $"every replica of {topics.Group} reads something and has restored its windows",
        async () =>
        {
            Revive();
            var lanes = await Task.WhenAll(_replicas.Select(LanesAsync));
            var scrapes = await Task.WhenAll(_replicas.Select(replica => replica.ScrapeAsync()));
            return lanes.All(all => all.Length > 0) && lanes.SelectMany(all => all).Distinct().Count() == RandomTraffic.Lanes
                && scrapes.All(scrape => scrape?.Contains(Restored, StringComparison.Ordinal) == true);
        },
        Logs);

    /// <summary>Waits until this group has every window that another has, and each is ready: what is not ready is not decided.</summary>
    public async Task ReadyAsAsync(MonitorGroup other)
    {
        List<string> left = [];
        await Patience.UntilAsync(
            $"{topics.Group} has the windows of {other.Topics.Group}, all ready",
            async () =>
            {
                Revive();
                left = await WindowsAsync() is { } windows && await other.WindowsAsync() is { } others
                    ? [.. others.Keys.Where(key => !windows.ContainsKey(key)), .. WindowMetrics.WronglyReady(windows)]
                    : ["a replica does not answer"];
                return left.Count == 0;
            },
            () => $"{string.Join('\n', left)}\n{Logs()}");
    }

    /// <summary>Waits until the model that has a reference has its calibrated thresholds.</summary>
    public Task GuardedAsync() => Patience.UntilAsync(
        $"{topics.Group} guards {RandomTraffic.ReferredModel}",
        async () =>
        {
            var scrapes = await Task.WhenAll(_replicas.Select(replica => replica.ScrapeAsync()));
            return scrapes.Any(scrape => scrape?.Contains(Guarded, StringComparison.Ordinal) == true)
                && scrapes.All(scrape => scrape?.Contains(NonePending, StringComparison.Ordinal) == true);
        },
        Logs);

    /// <summary>What all replicas together say of windows; null while one does not answer.</summary>
    public async Task<SortedDictionary<string, string>?> WindowsAsync()
    {
        var scrapes = await Task.WhenAll(_replicas.Select(replica => replica.ScrapeAsync()));
        return scrapes.Contains(null) ? null : WindowMetrics.Of(scrapes!);
    }

    public string Logs() =>
        string.Join("\n", _replicas.Select((replica, i) => $"--- {topics.Group}, replica {i}, last lines:\n{replica.Log()}"));

    public void Dispose()
    {
        foreach (var replica in _replicas)
        {
            replica.Dispose();
        }
    }

    private void Succeed(WorkerProcess ended, string by)
    {
        _assignmentsOfTheDead += ended.Assignments;
        ended.Dispose();
        _replicas[Array.IndexOf(_replicas, ended)] = WorkerProcess.Start(by, arguments, watchdog);
    }

    [GeneratedRegex("""driftmonitor_consumer_lag_records\{partition="(?<partition>\d+)",topic="(?<topic>[^"]+)"\}""")]
    private static partial Regex LagOfPartition();
}
