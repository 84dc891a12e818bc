using DriftMonitor.Calibration;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

/// <summary>A slice's blocks are not kept: its thresholds follow from its own sums and from how all traffic fluctuates.</summary>
public sealed class SegmentCalibrationTests
{
    private static readonly double[] TenClasses = [.28, .2, .14, .1, .08, .06, .05, .04, .03, .02];
    private static readonly FalseAlarmBudget OnceADay = new(1, 86_400_000);
    private static readonly WindowSpec NinetySeconds = Given.Window("90s/10s");

    [Fact]
    public void Threshold_OfASegmentFollowsItsOwnEvents()
    {
        var whole = new SimulatedTraffic(8, TenClasses, 100).Reference(500);
        var reference = whole.With("eu", [.. TenClasses.Select(share => share * 5_000)]);

        var all = new DriftCalibration(reference, SeriesKey.All, 1).Thresholds(NinetySeconds, 3_000, OnceADay);
        var segment = new DriftCalibration(reference, "eu", 1).Thresholds(NinetySeconds, 3_000, OnceADay);

        // The same noise of the live window, ten times that of the reference: (1/3000 + 1/5000) / (1/3000 + 1/50000) = 1.51 times the
        // variance.
        Assert.InRange(segment.KlLiveVsReferenceNats / all.KlLiveVsReferenceNats, 1.35, 1.7);
        Assert.Throws<KeyNotFoundException>(() => new DriftCalibration(reference, "us", 1));
    }

    [Theory]
    [InlineData(.05)]
    [InlineData(.5)]
    public void Fluctuation_OfASegmentIsThatOfAllTrafficClassByClassInProportion(double first)
    {
        var (reference, shares) = Swinging(first);

        Assert.InRange(new DriftCalibration(reference, "eu", 1).Fluctuation(NinetySeconds) / Between(shares), 0.9, 1.1);
    }

    [Fact]
    public void Threshold_OfASegmentFollowsItsFluctuation()
    {
        // At 50,000 events noise is little, so thresholds are about as the crests of the two fluctuations, a third.
        var (reference, shares) = Swinging(.05);

        var all = new DriftCalibration(reference, SeriesKey.All, 1).Thresholds(NinetySeconds, 50_000, OnceADay);
        var segment = new DriftCalibration(reference, "eu", 1).Thresholds(NinetySeconds, 50_000, OnceADay);

        Assert.InRange(segment.KlLiveVsReferenceNats / all.KlLiveVsReferenceNats / (Crest(shares) / Crest(TenClasses)), 0.85, 1.25);
    }

    /// <summary>All traffic, whose class 0 swings by 30 % over an hour, and a slice in which class 0 has another share.</summary>
    private static (ReferenceSnapshot Reference, double[] Shares) Swinging(double first)
    {
        double[] shares = [first, .. TenClasses.Skip(1).Select(share => share / .72 * (1 - first))];
        var all = new SimulatedTraffic(5, TenClasses, 100) { Change = SimulatedTraffic.Swing(.3) }.Reference(8_640);
        return (all.With("eu", [.. shares.Select(share => share * 200_000)]), shares);
    }

    /// <summary>Σ b/s over the classes of a slice with the shares s, between windows of 90 s, a fortieth of the swing's period.</summary>
    private static double Between(double[] shares)
    {
        var left = Math.Pow(Math.Sin(Math.PI / 40) / (Math.PI / 40), 2) / 2;
        return shares.Select((share, k) => left * Math.Pow(Farthest(share, k), 2) / share).Sum();
    }

    /// <summary>The higher KL divergence at the two ends of the swing.</summary>
    private static double Crest(double[] shares) => new[] { 1, -1 }.Max(sign =>
    {
        double[] weights = [.. shares.Select((share, k) => share + (sign * Farthest(share, k)))];
        var sum = weights.Sum();
        return KullbackLeibler.Divergence([.. weights.Select(weight => weight / sum)], shares);
    });

    /// <summary>
    /// How far a class of a slice moves: that of all traffic by 30 % of class 0, from which the others give way in proportion, and s (1 −
    /// s) / (q (1 − q)) times as far.
    /// </summary>
    private static double Farthest(double share, int k)
    {
        var ofAll = TenClasses[k];
        return (k == 0 ? .3 * .28 : -.3 * .28 * ofAll / .72) * share * (1 - share) / (ofAll * (1 - ofAll));
    }
}
