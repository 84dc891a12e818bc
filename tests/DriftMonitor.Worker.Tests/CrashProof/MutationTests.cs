using DriftMonitor.Tests;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The test of the test: with either half of the promise taken out of the product, the crash proof must fail, and only where there were
/// crashes.
/// </summary>
public sealed class MutationTests(MutatedProgram program) : IClassFixture<MutatedProgram>, IDisposable
{
    /// <summary>
    /// Found in the panes topic alone: stage 2 is protected twice, since it takes no register of a pane that its lane has closed.
    /// </summary>
    /// <remarks>
    /// What a successor says again of less, it says of panes that were closed when the offset that it started from was committed, and that
    /// was after the progress that closed them was acknowledged. So a stage 2 that reads on sees the whole value, then the progress, then
    /// the lesser value; and one that starts anew starts before the first register of any pane that is not settled. Whoever merges the
    /// topic without knowing what is closed has only the rule.
    /// </remarks>
    [Fact]
    public Task Merging_by_highest_offset_wins_is_found_in_panes() => IsFoundAsync(MutatedProgram.HighestOffsetWins, ["panes"]);

    [Fact]
    public Task Committing_the_read_position_is_found_in_panes_and_settled_panes_and_windows() =>
        IsFoundAsync(MutatedProgram.CommitsReadPosition, ["panes", "settled", "windows"]);

    public void Dispose() => MutatedProgram.Choose(null);

    private async Task IsFoundAsync(string mutant, string[] comparisons)
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full: what it tests is the crash proof");
        MutatedProgram.Choose(mutant);
        await using var broker = await DefaultBroker.StartAsync();
        await using var run = await CrashRun.StartAsync(broker, seed: 1, replicas: 1, Settings.ConsumerGroup, program.Assembly);
        var killer = new Killer(run);
        await killer.KillAsync(KillAim.WhileCommitting);
        await killer.KillAsync(KillAim.WhileCommitting);
        var differences = await run.ComparePanesAsync();
        if (comparisons.Contains("windows"))
        {
            differences.AddRange(await run.CompareWindowsAsync(patienceMs: 5_000));
        }

        var counts = differences.CountBy(difference => difference.Split(':')[0]).ToDictionary();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"differences: {string.Join(", ", counts)}, such as\n{differences.FirstOrDefault()}\n{run.Figures}");
        Assert.All(comparisons, comparison => Assert.True(counts.ContainsKey(comparison), $"no difference in {comparison}"));
        Assert.DoesNotContain(
            differences, difference => difference.Contains("    truth: ", StringComparison.Ordinal)
                && difference.Contains("    steady: ", StringComparison.Ordinal));
    }
}
