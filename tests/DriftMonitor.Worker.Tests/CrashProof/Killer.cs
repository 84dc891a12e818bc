using Confluent.Kafka;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Kills replicas of the attacked group at chosen moments and lets them be started again.</summary>
internal sealed class Killer(CrashRun run)
{
    /// <summary>A moment that has not come after so many events will not: the victim publishes nothing, say.</summary>
    private const int LongestAim = 5 * RandomTraffic.EventsPerSecond;

    /// <summary>What makes publications and commits last long enough to be hit in their middle.</summary>
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Kills one replica, or now and then all of them, and starts new ones.</summary>
    public async Task KillAsync(KillAim aim)
    {
        if (aim != KillAim.WhileStarting)
        {
            await run.Attacked.WorkingAsync();
        }

        await run.MoreEventsAsync(run.Random.Next(RandomTraffic.EventsPerSecond));
        var victims = Victims();
        var lanes = (await Task.WhenAll(victims.Select(run.Attacked.LanesAsync))).SelectMany(all => all).ToHashSet();
        run.Broker.Embedded?.SetRoundTripTime(RoundTrip);
        switch (aim)
        {
            case KillAim.WhilePublishing:
                await KillOnAsync(victims, message => message is PaneRegister register && lanes.Contains(register.SourcePartition));
                break;
            case KillAim.AfterPublishing:
                await KillOnAsync(victims, message => message is LaneProgress progress && lanes.Contains(progress.SourcePartition));
                break;
            case KillAim.WhileCommitting:
                KillOnCommit(victims, lanes);
                break;
            default:
                Kill(victims);
                break;
        }

        run.Broker.Embedded?.SetRoundTripTime(TimeSpan.Zero);
        run.Figures.Kills[aim] += victims.Count;
        run.Figures.TornPublications += await run.TakeTornPublicationsAsync(lanes);
        foreach (var victim in victims)
        {
            run.Attacked.Restart(victim);
        }
    }

    private static void Kill(List<WorkerProcess> victims) => victims.ForEach(victim => victim.Kill());

    private List<WorkerProcess> Victims()
    {
        var all = run.Attacked.Replicas;
        return run.Random.Next(4) == 0 ? [.. all] : [all[run.Random.Next(all.Count)]];
    }

    /// <summary>Kills on the very thread that sees the message: nothing is nearer to it.</summary>
    private async Task KillOnAsync(List<WorkerProcess> victims, Func<PaneMessage, bool> isIt)
    {
        var until = run.Player.Produced + LongestAim;
        var done = false;
        run.OnAttackedPanes = message =>
        {
            if (!Volatile.Read(ref done) && isIt(message))
            {
                Kill(victims);
                Volatile.Write(ref done, true);
            }
        };
        await Patience.UntilAsync("a publication", () => Volatile.Read(ref done) || run.Player.Produced >= until);
        run.OnAttackedPanes = null;
        Kill(victims);
    }

    private void KillOnCommit(List<WorkerProcess> victims, HashSet<int> lanes)
    {
        var until = run.Player.Produced + LongestAim;
        using var asking = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig
            {
                BootstrapServers = run.Broker.BootstrapServers,
                GroupId = run.Attacked.Topics.Group,
            }).SetLogHandler((_, _) => { }).Build();
        string? before = null;
        while (run.Player.Produced < until)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var now = Committed(asking, lanes);
            before ??= now;
            if (now is not null && now != before)
            {
                break;
            }
        }

        Kill(victims);
    }

    /// <summary>What the group has committed of these lanes; null when the broker does not say, as when it was made to fail.</summary>
    private string? Committed(IConsumer<Ignore, Ignore> asking, HashSet<int> lanes)
    {
        try
        {
            var offsets = asking.Committed(lanes.Select(lane => new TopicPartition(run.Attacked.Topics.Predictions, lane)), QueryTimeout);
            return string.Join(' ', offsets.Select(offset => offset.Offset.Value));
        }
        catch (KafkaException)
        {
            return null;
        }
    }
}
