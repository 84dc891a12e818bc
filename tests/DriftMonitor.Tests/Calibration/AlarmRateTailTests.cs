using DriftMonitor.Calibration;

namespace DriftMonitor.Tests.Calibration;

public sealed class AlarmRateTailTests
{
    /// <summary>
    /// Runs of one value each, as of references that are wrong from the start: at the level of a budget so many are above that their time
    /// on, in pairs of windows, is the budget. Were each one alarm, nearly all might be.
    /// </summary>
    [Theory]
    [InlineData(0.02)]
    [InlineData(0.05)]
    [InlineData(0.1)]
    public void Level_OfWhatStaysOn_IsThatOfItsTime(double alarmsAWindow)
    {
        const int Runs = 400, Looks = 1_000, WindowLooks = 10;
        var values = new double[Runs * Looks];
        for (var run = 0; run < Runs; run++)
        {
            var high = -Math.Log((run + 0.5) / Runs); // exponential, its quantiles
            values.AsSpan(run * Looks, Looks).Fill(high);
        }

        var level = AlarmRateTail.Fit(values, Looks, WindowLooks, lookMs: 1, clusters: 200)
            .LevelOf(alarmsAWindow / WindowLooks);

        var shareOn = values.Count(value => value > level) / (double)values.Length;
        Assert.InRange(shareOn / (1 - shareOn), 2 * alarmsAWindow * 0.8, 2 * alarmsAWindow * 1.25);
    }

    [Fact]
    public void Clusters_EndAWindowAfterTheirLast_AndWithTheirRun()
    {
        double[] values = [0, 2, 0, 3, 0, 0, 0, 5, /* run */ 0, 1, 1, 0, 0, 0, 0, 4];
        var found = new List<(double, int)>();
        foreach (var cluster in new ClustersAbove(values, runLength: 8, windowLooks: 3, level: 0.5))
        {
            found.Add((cluster.Peak, cluster.LooksOn));
        }

        Assert.Equal([(3, 5), (5, 1), (1, 4), (4, 1)], found);
    }
}
