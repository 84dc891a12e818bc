using DriftMonitor.Panes;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Makes a replica a zombie: stopped until others own what it read, then continued as if nothing had happened.</summary>
internal sealed class ZombieMaker(CrashRun run)
{
    /// <summary>What makes a publication last long enough to be stopped in its middle, so that its rest is said long after.</summary>
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(20);

    public async Task MakeOneAsync()
    {
        var (zombie, heir) = (run.Attacked.Replicas[0], run.Attacked.Replicas[1]);
        int[] lanes = [];
        await Patience.UntilAsync(
            "both replicas read something",
            async () => (lanes = await run.Attacked.LanesAsync(zombie)).Length > 0 && (await run.Attacked.LanesAsync(heir)).Length > 0,
            run.Attacked.Logs);
        run.Broker.Embedded?.SetRoundTripTime(RoundTrip);
        await StopWhilePublishingAsync(zombie, lanes);
        run.Broker.Embedded?.SetRoundTripTime(TimeSpan.Zero);
        await Patience.UntilAsync(
            "the heir reads everything", async () =>
                (await run.Attacked.LanesAsync(heir)).Length == RandomTraffic.Lanes, run.Attacked.Logs);
        await run.MoreEventsAsync(RandomTraffic.EventsPerSecond * 2);

        // Whatever reaches less far than this was not said by the heir: its own registers end with a new event.
        var reached = run.AttackedPanes.LastOffsets();
        var words = 0;
        run.OnAttackedPanes = message =>
        {
            if (message is PaneRegister register
                && lanes.Contains(register.SourcePartition)
                && register.LastOffset < reached[register.SourcePartition])
            {
                Interlocked.Increment(ref words);
            }
        };
        zombie.Continue();
        await run.MoreEventsAsync(RandomTraffic.EventsPerSecond / 2); // before a rebalance can be over
        run.OnAttackedPanes = null;
        run.Figures.Zombies++;
        run.Figures.ZombieRegisters += Volatile.Read(ref words);
        await run.Attacked.WorkingAsync();
    }

    private async Task StopWhilePublishingAsync(WorkerProcess zombie, int[] lanes)
    {
        var stopped = false;
        run.OnAttackedPanes = message =>
        {
            if (!Volatile.Read(ref stopped) && message is PaneRegister register && lanes.Contains(register.SourcePartition))
            {
                zombie.Stop();
                Volatile.Write(ref stopped, true);
            }
        };
        await Patience.UntilAsync("a publication", () => Volatile.Read(ref stopped));
        run.OnAttackedPanes = null;
    }
}
