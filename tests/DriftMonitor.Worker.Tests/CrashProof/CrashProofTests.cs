using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The promise: kill -9 at random points, resume, and every final pane and window equals that of an uninterrupted run, bit for bit.
/// </summary>
[Collection(nameof(CrashProof))]
public sealed class CrashProofTests
{
    private const int Brokers = 3;

    public static TheoryData<int> Seeds => [.. Lengths.Seeds];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task One_replica_that_is_killed_again_and_again(int seed)
    {
        await using var broker = await DefaultBroker.StartAsync();
        await using var run = await CrashRun.StartAsync(broker, seed, 1, Settings.ConsumerGroup);
        await KillAsync(run, Lengths.KillsOfOne);
        await AgreesAsync(run);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Two_replicas_that_are_killed_and_become_zombies(int seed)
    {
        await using var broker = await DefaultBroker.StartAsync();
        await using var run = await CrashRun.StartAsync(
            broker, seed, 2, Settings.ClassicGroup(broker), evaluationDelayMs: Lengths.AlarmsEvaluationDelayMs);
        await run.Drift.BeginAsync();
        await new ZombieMaker(run).MakeOneAsync();
        await KillAsync(run, Lengths.KillsOfTwo);
        for (var more = Lengths.Zombies - 1; more > 0; more--)
        {
            await new ZombieMaker(run).MakeOneAsync();
        }

        await AgreesAsync(run, await run.Drift.EndAsync(run.Figures));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Brokers_that_fail_in_every_way(int seed)
    {
        await using var broker = await DefaultBroker.StartEmbeddedAsync(Brokers);
        await using var run = await CrashRun.StartAsync(broker, seed, 2, Settings.ClassicGroup(broker));
        await run.Attacked.WorkingAsync();
        foreach (var fault in new BrokerFaults(broker.Embedded!, Brokers, run).All())
        {
            await fault();
        }

        await KillAsync(run, Lengths.KillsAmongFaults);
        await AgreesAsync(run);
    }

    /// <summary>Every aim as often as any other, in a random order.</summary>
    private static async Task KillAsync(CrashRun run, int kills)
    {
        var killer = new Killer(run);
        var aims = new List<KillAim>();
        while (aims.Count < kills)
        {
            var all = Enum.GetValues<KillAim>();
            run.Random.Shuffle(all);
            aims.AddRange(all);
        }

        foreach (var aim in aims.Take(kills))
        {
            await killer.KillAsync(aim);
        }
    }

    internal static async Task AgreesAsync(CrashRun run, IEnumerable<string>? before = null)
    {
        List<string> differences =
        [
            .. before ?? [],
            .. await run.ComparePanesAsync(),
            .. await run.CompareWindowsAsync(),
            .. run.Figures is { EndedThemselves: > 0, BrokerFaults: [] }
                ? ["a replica ended that nobody had killed, though nothing was wrong with the brokers"]
                : Array.Empty<string>(),
        ];
        TestContext.Current.TestOutputHelper?.WriteLine(run.Figures.ToString());
        Assert.True(differences.Count == 0, $"{differences.Count} differences\n{string.Join('\n', differences.Take(20))}\n{run.Figures}");
    }
}
