using DriftMonitor.Tests;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.CrashProof;

namespace DriftMonitor.Worker.Tests.Upgrade;

/// <summary>
/// The promise: a group is upgraded replica by replica, and back, under traffic, and no window is wrong, no alarm lost or doubled. The
/// crash proof has the traffic, the group beside it that is left in peace, and what is compared.
/// </summary>
/// <remarks>
/// The format of records stays the one that both releases write: once <c>Kafka:PanesFormat</c> names a newer one there is no way back.
/// </remarks>
[Collection(nameof(CrashProof))]
public sealed class UpgradeTests(PreviousRelease previous) : IClassFixture<PreviousRelease>
{
    private static readonly string ThisRelease = typeof(MonitorApp).Assembly.Location;

    public static TheoryData<int> Seeds => [.. Lengths.Seeds];

    /// <summary>
    /// Two replicas of the previous release are replaced by two of this one, those by two of the previous one, and these by two of this
    /// one, one after the other. A drift begins before and ends after that.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_group_is_rolled_from_the_previous_release_and_back_and_forward_again(int seed)
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full: it builds the previous release");
        var previousRelease = await previous.ProgramAsync();
        await using var broker = await DefaultBroker.StartAsync();
        await using var run = await CrashRun.StartAsync(
            broker, seed, replicas: 2, Settings.ConsumerGroup, evaluationDelayMs: Lengths.AlarmsEvaluationDelayMs,
            attackedProgram: previousRelease);
        await run.Drift.BeginAsync();
        foreach (var (program, name) in new[] { (ThisRelease, "this"), (previousRelease, "the previous"), (ThisRelease, "this") })
        {
            await RollAsync(run, program);
            // of what both releases export: either may have metrics that the other has not
            var differences = await run.CompareWindowsAsync(onlyShared: true);
            Assert.True(
                differences.Count == 0,
                $"rolled to {name} release: {differences.Count} differences\n{string.Join('\n', differences.Take(20))}\n"
                + $"{run.Attacked.Logs()}");
        }

        await CrashProofTests.AgreesAsync(run, await run.Drift.EndAsync(run.Figures));
    }

    /// <summary>Where there is no history, as in a shallow clone or a directory without git, only the form can be looked at.</summary>
    [Fact]
    public async Task The_previous_release_is_a_commit_before_this_one()
    {
        Assert.Matches("^[0-9a-f]{40}$", PreviousRelease.Commit);
        var (exitCode, shallow) = await PreviousRelease.GitAsync("rev-parse", "--show-prefix", "--is-shallow-repository");
        if (exitCode != 0 || shallow.Trim() != "false")
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"no history to look at: {shallow}");
            return;
        }

        (exitCode, var output) = await PreviousRelease.GitAsync("merge-base", "--is-ancestor", PreviousRelease.Commit, "HEAD");
        Assert.True(exitCode == 0, $"{PreviousRelease.Commit} is no commit that this one follows\n{output}");
    }

    /// <summary>
    /// Replica by replica, in any order, some traffic apart, as an orchestrator does that waits for readiness: before the next one is asked
    /// to end, each reads something and has restored its windows.
    /// </summary>
    private static async Task RollAsync(CrashRun run, string program)
    {
        WorkerProcess[] replicas = [.. run.Attacked.Replicas];
        run.Random.Shuffle(replicas);
        foreach (var replica in replicas)
        {
            await run.MoreEventsAsync(run.Random.Next(RandomTraffic.EventsPerSecond));
            await run.Attacked.ReplaceAsync(replica, program);
            run.Figures.Replaced++;
            await run.MoreEventsAsync(run.Random.Next(RandomTraffic.EventsPerSecond));
            await run.Attacked.ReadyAsync();
        }
    }
}
