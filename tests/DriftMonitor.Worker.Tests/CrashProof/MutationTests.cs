namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>The test of the test: with either half of the promise taken out of the product, the crash proof must fail, and only where there were crashes.</summary>
[Collection(nameof(CrashProof))]
public sealed class MutationTests
{
    [Fact]
    public Task Merging_by_highest_offset_wins_is_found() => IsFoundAsync(
        Path.Combine("Windows", "PaneRegister.cs"),
        "FirstOffset < other.FirstOffset || (FirstOffset == other.FirstOffset && LastOffset > other.LastOffset)",
        "LastOffset >= other.LastOffset");

    [Fact]
    public Task Committing_the_read_position_is_found() => IsFoundAsync(
        Path.Combine("Windows", "SourceLane.cs"),
        "safeOffset < 0 ? null : safeOffset",
        "_nextOffset < 0 ? null : _nextOffset");

    private static async Task IsFoundAsync(string file, string expression, string mutation)
    {
        using var program = await MutatedProgram.BuildAsync(file, expression, mutation);
        await using var broker = await CrashBroker.StartAsync();
        await using var run = await CrashRun.StartAsync(broker, seed: 1, replicas: 1, Settings.QuickRebalances, program.Assembly);
        var killer = new Killer(run);
        await killer.KillAsync(KillAim.WhileCommitting);
        await killer.KillAsync(KillAim.WhileCommitting);
        var differences = await run.ComparePanesAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{differences.Count} differences, such as\n{string.Join('\n', differences.Take(3))}\n{run.Figures}");
        Assert.Contains(differences, difference => difference.Contains("attacked: ", StringComparison.Ordinal));
        Assert.DoesNotContain(differences, difference => difference.Contains("steady: ", StringComparison.Ordinal) && difference.Contains("truth: ", StringComparison.Ordinal));
    }
}
