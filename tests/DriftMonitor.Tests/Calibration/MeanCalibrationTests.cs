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

    /// <summary>
    /// A mean that goes all the way from the least to the greatest of ten values, a minute at each: a tenth of the windows are at 9, though
    /// no bin's share, moved in proportion, gets that far.
    /// </summary>
    [Fact]
    public void Threshold_OfAMeanThatWandersFarIsAsHighAsTheReferenceWas()
    {
        var random = new Random(5);
        int[] minutes = [.. Enumerable.Range(0, 2_000).Select(_ => random.Next(10))];
        var calibration = new MeanCalibration(new ValueBaseline(
            [.. Enumerable.Range(0, 10).Select(value => (double)value)],
            [
                .. Enumerable.Range(0, 6 * minutes.Length).Select(block => new ValueBlock(
                    block * 10_000L, [.. Enumerable.Range(0, 10).Select(value => value == minutes[block / 6] ? 100L : 0)])),
            ]));

        var threshold = calibration.Threshold(Tumbling, 128, new FalseAlarmBudget(1, 2_000_000)); // one in two hundred looks

        Assert.InRange(threshold, 8.5, 13);
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
    public void Threshold_OfAPartOfAWindowAllowsForWhatTheMeanDoesInItsTime()
    {
        // A swing over an hour is nothing to a window of an hour. In the quarter of it around the peak a fifth is, on average,
        // .2 · .3 · sin(π/4)/(π/4) = .054 more, though nothing drifts.
        var (hour, fiveMinutes, budget) = (Given.Window("1h/1m"), Given.Window("5m/10s"), new FalseAlarmBudget(1, 86_400_000));
        var calibration = new MeanCalibration(
            Tosses(blocks: 8_640, eventsInBlock: 30, block => .2 * (1 + SimulatedTraffic.Swing(.3)(block))));
        Assert.False(calibration.TryThresholdOfPart(hour, 2_700, 900_000, [fiveMinutes, hour], budget, out _));
        calibration.Prepare(fiveMinutes, 900);
        calibration.Prepare(hour, 10_800);

        Assert.True(calibration.TryThresholdOfPart(hour, 2_700, 900_000, [fiveMinutes, hour], budget, out var part));

        Assert.InRange(calibration.Threshold(hour, 2_700, budget), .2, .25); // of a whole hour
        Assert.InRange(part, .254, .35);
    }

    /// <summary>Of independent values a mean of a quarter as many lies twice as far from the reference, whose own noise is small.</summary>
    [Fact]
    public void Threshold_OfAPartOfAWindowOfIndependentValuesFollowsItsCount()
    {
        var (hour, budget) = (Given.Window("1h/1m"), new FalseAlarmBudget(1, 86_400_000));
        var tosses = Tosses(blocks: 2_000, eventsInBlock: 100);
        var calibration = new MeanCalibration(tosses);
        calibration.Prepare(hour, 36_000);

        Assert.True(calibration.TryThresholdOfPart(hour, 9_000, 900_000, [hour], budget, out var part));

        var larger = Math.Sqrt(((1 / 9e3) + (1 / 2e5)) / ((1 / 36e3) + (1 / 2e5)));
        Assert.Equal(larger, (part - tosses.Mean) / (calibration.Threshold(hour, 36_000, budget) - tosses.Mean), 0.001);
    }

    [Fact]
    public void Threshold_OfAnErrorRatioIsNeverMoreThanAll()
    {
        var (hour, budget) = (Given.Window("1h/1m"), new FalseAlarmBudget(1, 30 * 86_400_000L));
        var calibration = new MeanCalibration(Tosses(blocks: 2_000, eventsInBlock: 100, share: .9));
        calibration.Prepare(hour, 40);

        Assert.Equal(1, calibration.Threshold(hour, 40, budget)); // .9 and five times √(.09/40)
        Assert.True(calibration.TryThreshold(hour, 40, budget, out var known));
        Assert.True(calibration.TryThresholdOfPart(hour, 20, 1_800_000, [hour], budget, out var part));
        Assert.Equal((1, 1), (known, part));
    }

    [Fact]
    public void Shortfalls_OfABaselineOfTenMinutesAndFewEventsSayHowMuchWouldBeEnough()
    {
        var calibration = new MeanCalibration(Tosses(blocks: 60, eventsInBlock: 1));

        Assert.Equal(
            [new Shortfall(ShortfallKind.Time, 600_000, 1_800_000), new Shortfall(ShortfallKind.Events, 60, 100)],
            calibration.Shortfalls(Given.Window("5m/10s")));
        Assert.Empty(new MeanCalibration(Tosses(blocks: 480, eventsInBlock: 1)).Shortfalls(Given.Window("5m/10s")));
    }

    private static ValueBaseline Tosses(int blocks, int eventsInBlock, double share = 0.5) => Tosses(blocks, eventsInBlock, _ => share);

    private static ValueBaseline Tosses(int blocks, int eventsInBlock, Func<int, double> share)
    {
        var random = new Random(1);
        return new ValueBaseline([0, 1], [.. Enumerable.Range(0, blocks).Select(Block)]);

        ValueBlock Block(int i)
        {
            var heads = Enumerable.Range(0, eventsInBlock).Count(_ => random.NextDouble() < share(i));
            return new ValueBlock(i * 10_000L, ImmutableArray.Create<long>(eventsInBlock - heads, heads));
        }
    }
}
