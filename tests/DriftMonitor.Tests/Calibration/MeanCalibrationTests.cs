using System.Collections.Immutable;
using DriftMonitor.Calibration;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

public sealed class MeanCalibrationTests
{
    private static readonly WindowSpec Tumbling = Given.Window("10s/10s");

    [Fact]
    public void Threshold_OfIndependentValuesIsThatOfTheirMean()
    {
        // Coin tosses worth 0 or 1: of 4,096 the mean is above 1/2 + z/128 with the probability of z. scipy.stats.norm.isf(1e-3) =
        // 3.090232306167813
        var calibration = new MeanCalibration(Tosses(blocks: 2_000, eventsInBlock: 4_096));

        var threshold = calibration.Threshold(Tumbling, 4_096, new FalseAlarmBudget(1, 10_000_000));

        Assert.InRange((threshold - 0.5) * 128 / 3.090232306167813, 0.94, 1.06);
    }

    /// <summary>
    /// Of 400 labels of a model that is wrong once in twenty, more than 34 are wrong with a probability of 1.10e-3, more than 35 with one
    /// of 5.7e-4: the sum of the binomial distribution's terms, in exact fractions.
    /// </summary>
    [Fact]
    public void Threshold_OfAnErrorRatioIsThatOfTheBinomialTail()
    {
        var calibration = new MeanCalibration(Tosses(blocks: 2_000, eventsInBlock: 400, share: 0.05));

        var threshold = calibration.Threshold(Tumbling, 400, new FalseAlarmBudget(1, 10_000_000));

        Assert.InRange(threshold * 400, 33.5, 36);
    }

    [Fact]
    public void Threshold_LiesAboveTheReferenceAndFallsWithTheCount()
    {
        var calibration = new MeanCalibration(Tosses(blocks: 200, eventsInBlock: 100));
        var budget = new FalseAlarmBudget(1, 30 * 86_400_000L);
        double At(long events) => calibration.Threshold(Given.Window("5m/10s"), events, budget);

        Assert.True(At(100) > At(1_000) && At(1_000) > At(10_000) && At(10_000) > 0.5);
    }

    [Fact]
    public void Threshold_IsToldAtOnceOnlyWhenItHasBeenWorkedOut()
    {
        var calibration = new MeanCalibration(Tosses(blocks: 50, eventsInBlock: 100));
        var budget = new FalseAlarmBudget(1, 86_400_000);
        Assert.False(calibration.TryThreshold(Tumbling, 100, budget, out _));

        calibration.Prepare(Tumbling, 100);

        Assert.True(calibration.TryThreshold(Tumbling, 100, budget, out var threshold));
        Assert.Equal(calibration.Threshold(Tumbling, 100, budget), threshold);
    }

    [Fact]
    public void Shortfalls_OfABaselineOfTenMinutesAndFewEventsSayHowMuchWouldBeEnough()
    {
        var calibration = new MeanCalibration(Tosses(blocks: 60, eventsInBlock: 1));

        Assert.Equal(
            [new Shortfall(ShortfallKind.Time, 600_000, 4_800_000), new Shortfall(ShortfallKind.Events, 60, 100)],
            calibration.Shortfalls(Given.Window("5m/10s")));
        Assert.Empty(new MeanCalibration(Tosses(blocks: 480, eventsInBlock: 1)).Shortfalls(Given.Window("5m/10s")));
    }

    private static ValueBaseline Tosses(int blocks, int eventsInBlock, double share = 0.5)
    {
        var random = new Random(1);
        return new ValueBaseline([0, 1], [.. Enumerable.Range(0, blocks).Select(Block)]);

        ValueBlock Block(int i)
        {
            var heads = Enumerable.Range(0, eventsInBlock).Count(_ => random.NextDouble() < share);
            return new ValueBlock(i * 10_000L, ImmutableArray.Create<long>(eventsInBlock - heads, heads));
        }
    }
}
