using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>What brokers do to their clients: all clients, so the group that is left in peace has to live with it too.</summary>
internal sealed class BrokerFaults(EmbeddedBroker broker, int brokers, CrashRun run)
{
    /// <summary>Errors that a client may see of a healthy cluster, by the number of the request in the Kafka protocol.</summary>
    public static readonly (string Request, short ApiKey, ErrorCode[] Errors)[] Errors =
    [
        (
            "Produce", 0,
            [ErrorCode.NotLeaderForPartition, ErrorCode.RequestTimedOut, ErrorCode.NotEnoughReplicas, ErrorCode.Local_Transport]),
        ("Fetch", 1, [ErrorCode.NotLeaderForPartition, ErrorCode.LeaderNotAvailable, ErrorCode.Local_Transport]),
        (
            "OffsetCommit", 8,
            [ErrorCode.GroupLoadInProgress, ErrorCode.NotCoordinatorForGroup, ErrorCode.RequestTimedOut, ErrorCode.Local_Transport]),
        ("OffsetFetch", 9, [ErrorCode.GroupLoadInProgress, ErrorCode.NotCoordinatorForGroup]),
        (
            "FindCoordinator", 10,
            [ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.Local_Transport]),
        ("JoinGroup", 11, [ErrorCode.GroupLoadInProgress, ErrorCode.NotCoordinatorForGroup]),
        ("Heartbeat", 12, [ErrorCode.RebalanceInProgress, ErrorCode.UnknownMemberId, ErrorCode.IllegalGeneration]),
        ("SyncGroup", 14, [ErrorCode.RebalanceInProgress, ErrorCode.NotCoordinatorForGroup]),
    ];

    private readonly Random _random = run.Random;

    /// <summary>Every kind of fault once, in a random order.</summary>
    public IEnumerable<Func<Task>> All()
    {
        List<Func<Task>> faults = [
            DownAsync, SlowAsync, MoveCoordinatorsAsync,
            .. Errors.Select(error => (Func<Task>)(() => FailAsync(error.Request, error.ApiKey, error.Errors)))];
        var mixed = faults.ToArray();
        _random.Shuffle(mixed);
        return mixed;
    }

    private async Task DownAsync()
    {
        var id = 1 + _random.Next(brokers);
        broker.SetBrokerDown(id);
        await run.MoreEventsAsync(RandomTraffic.EventsPerSecond * 2);
        broker.SetBrokerUp(id);
        Note($"broker {id} down");
    }

    private async Task SlowAsync()
    {
        broker.SetRoundTripTime(TimeSpan.FromMilliseconds(500));
        await run.MoreEventsAsync(RandomTraffic.EventsPerSecond * 3);
        broker.SetRoundTripTime(TimeSpan.Zero);
        Note("round trips of 500 ms");
    }

    private Task MoveCoordinatorsAsync()
    {
        broker.SetCoordinator(run.Attacked.Topics.Group, 1 + _random.Next(brokers));
        broker.SetCoordinator($"{run.Attacked.Topics.Group}-panes", 1 + _random.Next(brokers));
        Note("coordinators moved");
        return run.MoreEventsAsync(RandomTraffic.EventsPerSecond);
    }

    private Task FailAsync(string request, short apiKey, ErrorCode[] errors)
    {
        broker.PushRequestErrors(apiKey, errors);
        Note($"{errors.Length} {request} failed");
        return run.MoreEventsAsync(RandomTraffic.EventsPerSecond);
    }

    private void Note(string fault) => run.Figures.BrokerFaults.Add(fault);
}
