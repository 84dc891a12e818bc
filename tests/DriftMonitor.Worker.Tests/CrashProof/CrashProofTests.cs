using DriftMonitor.Worker.Tests.Kafka;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>The promise: kill -9 at random points, resume, and every final pane and window equals that of an uninterrupted run, bit for bit.</summary>
[Collection(nameof(CrashProof))]
public sealed class CrashProofTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private static readonly string[] QuickRebalances = ["--Kafka:Client:group.protocol=consumer"];

    [Theory]
    [InlineData(1)]
    public async Task One_replica_killed_again_and_again_says_what_an_uninterrupted_one_says(int seed)
    {
        await using var run = await CrashRun.StartAsync(broker.BootstrapServers, broker.CreateTopicAsync, seed, 1, QuickRebalances);
        var killer = new Killer(run);
        foreach (var aim in Enum.GetValues<KillAim>())
        {
            await killer.KillAsync(aim);
        }

        await AgreesAsync(run);
    }

    private static async Task AgreesAsync(CrashRun run)
    {
        List<string> differences = [.. await run.ComparePanesAsync(), .. await run.CompareWindowsAsync()];
        TestContext.Current.TestOutputHelper?.WriteLine(run.Figures.ToString());
        Assert.True(differences.Count == 0, $"{differences.Count} differences\n{string.Join('\n', differences.Take(20))}\n{run.Figures}");
    }
}
