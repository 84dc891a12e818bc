using DriftMonitor.Calibration;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Calibration;

public sealed class DriftCalibrationTests
{
    private static readonly double[] TenClasses = [.28, .2, .14, .1, .08, .06, .05, .04, .03, .02];
    private static readonly FalseAlarmBudget OnceADay = new(1, 86_400_000);
    private static readonly WindowSpec FiveMinutes = Given.Window("5m/10s");
    private static readonly WindowSpec Hour = Given.Window("1h/1m");
    private static readonly WindowSpec NinetySeconds = Given.Window("90s/10s"); // too few panes for a CUSUM, which is most of a simulation
    private static readonly WindowSpec Tumbling = Given.Window("10s/10s");
    private static readonly DriftCalibration Independent = new(new SimulatedTraffic(2, TenClasses, 200).Reference(2_000), SeriesKey.All, 1);

    // One look at a window a slide long: no two overlap, so the level for a rate a look is the quantile of (1/n + 1/m) χ²₉/2:
    // scipy.stats.chi2.isf(rate, 9). The directions share the rate, so each has between all and half of it: by the hazard of χ²₉ there
    // (0.38, 0.43 and 0.44) half is 1.8, 1.6 and 1.6 above, up to 7, 4 and 3 %. The slope is fitted from about 400 peaks, which is 5 %, and
    // from their 2.2e-3 are 7.7 e-folds to 1e-6 and 14.6 to 1e-9: 2 and 2.7 % of the quantile, two of those either way. KL(live‖reference)
    // has the tail of χ² also far out (Sanov); the other direction's is heavier, since a rare class (41 events) runs short more easily than
    // that.
    [Theory]
    [InlineData(1e-3, 27.877164871256568, 0.98, 1.09)]
    [InlineData(1e-6, 44.81093787068782, 0.96, 1.08)]
    [InlineData(1e-9, 60.6603083737724, 0.946, 1.084)]
    public void Threshold_OfIndependentEventsIsThatOfChiSquaredAlsoFarOut(double rate, double quantile, double least, double most)
    {
        var expected = quantile / 2 * ((1 / 2_048.0) + (1 / 4e5));

        var thresholds = Independent.Thresholds(Tumbling, 2_048, new FalseAlarmBudget(rate, Tumbling.SlideMs));

        Assert.InRange(thresholds.KlLiveVsReferenceNats / expected, least, most);
        Assert.InRange(thresholds.KlReferenceVsLiveNats / expected, least, 1.2);
    }

    [Fact]
    public void Threshold_OfAPartOfAWindowAllowsForWhatTheCompositionDoesInItsTime()
    {
        // A swing over an hour is nothing to a window of an hour. In the quarter of it around the peak the first class has, on average,
        // .28 · .3 · sin(π/4)/(π/4) = .0756 more: KL = ½ .0756²/(.28 · .72) = .0142 nats, though nothing drifts.
        var swinging = new DriftCalibration(
            new SimulatedTraffic(4, TenClasses, 30) { Change = SimulatedTraffic.Swing(.3) }.Reference(8_640), SeriesKey.All, 1);
        swinging.Prepare(FiveMinutes, 900);
        swinging.Prepare(Hour, 10_800);

        Assert.True(swinging.TryThresholdsOfPart(Hour, 2_700, 900_000, [FiveMinutes, Hour], OnceADay, out var part, withCusum: false));

        Assert.InRange(swinging.Thresholds(Hour, 2_700, OnceADay, withCusum: false).KlLiveVsReferenceNats, 0, .012); // of a whole hour
        Assert.InRange(part.KlLiveVsReferenceNats, .0142, .05);
    }

    [Fact]
    public void Threshold_OfAPartOfAWindowOfIndependentEventsFollowsItsCount()
    {
        Independent.Prepare(FiveMinutes, 6_000);
        Independent.Prepare(Hour, 72_000);

        Assert.True(Independent.TryThresholdsOfPart(Hour, 36_000, 1_800_000, [FiveMinutes, Hour], OnceADay, out var part, withCusum: true));

        // As many looks at so few events as five minutes have: up to a quarter above that of whole hours, each of which is known to 5 %.
        var whole = Independent.Thresholds(Hour, 36_000, OnceADay);
        Assert.InRange(part.KlLiveVsReferenceNats / whole.KlLiveVsReferenceNats, .86, 1.43);
        Assert.NotNull(part.CusumNats);
    }

    [Fact]
    public void Threshold_OfTwoLiveSamplesIsThatOfTheirCountsAlone()
    {
        Assert.Equal(900, DriftCalibration.LiveEvents(1_000, 9_000));
        Assert.Equal(1, DriftCalibration.LiveEvents(1, 1)); // and never less

        // Over a tumbling window n KL of n' = 2,048 is χ²₉/2, whatever the reference's own events.
        var live = new DriftCalibration(new SimulatedTraffic(2, TenClasses, 200).Reference(2_000), SeriesKey.All, 1, isLive: true);
        var thresholds = live.Thresholds(Tumbling, 2_048, new FalseAlarmBudget(1e-3, Tumbling.SlideMs));
        Assert.InRange(thresholds.KlLiveVsReferenceNats / (27.877164871256568 / 2 / 2_048), 0.98, 1.09);
        Assert.Null(thresholds.CusumNats);
    }

    /// <summary>
    /// A swing over an hour is hundreds of times what chance brings a window of five minutes; between two samples of a time it is nothing.
    /// What comes and goes within a minute may be either side's own.
    /// </summary>
    [Fact]
    public void Threshold_OfTwoLiveSamplesLeavesOutWhatMovesBothSlowly()
    {
        var independent = Live(new SimulatedTraffic(3, TenClasses, 60));
        var swinging = Live(new SimulatedTraffic(3, TenClasses, 60) { Change = SimulatedTraffic.Swing(.5) });
        var flickering = Live(new SimulatedTraffic(3, TenClasses, 60) { Change = block => block / 6 * 7919 % 11 < 5 ? .2 : -.2 });
        Assert.InRange(swinging / independent, .9, 1.3);
        Assert.InRange(flickering / independent, 1.2, 3);

        static double Live(SimulatedTraffic traffic)
        {
            var reference = traffic.Reference(4_000);
            var live = new DriftCalibration(reference, SeriesKey.All, 1, isLive: true).Thresholds(FiveMinutes, 1_800, OnceADay);
            return live.KlLiveVsReferenceNats;
        }
    }

    /// <summary>
    /// Half an hour is judged as 90 seconds are, which have no CUSUM: of independent events the hour's is (1/n + 1/m)/(1/2n + 1/m) as high.
    /// </summary>
    [Fact]
    public void Threshold_OfTheCusumOfAPartComesFromAWindowThatHasOne()
    {
        Independent.Prepare(NinetySeconds, 1_800);
        Independent.Prepare(Hour, 72_000);

        Assert.True(
            Independent.TryThresholdsOfPart(Hour, 36_000, 1_800_000, [NinetySeconds, Hour], OnceADay, out var part, withCusum: true));

        var higher = ((1 / 36e3) + (1 / 4e5)) / ((1 / 72e3) + (1 / 4e5));
        Assert.Equal(higher, part.CusumNats!.Value / Independent.Thresholds(Hour, 72_000, OnceADay).CusumNats!.Value, 0.01);
    }

    [Fact]
    public void Threshold_OfAPartIsUnknownUntilThatOfAWindowIs() => Assert.False(
        new DriftCalibration(new SimulatedTraffic(5, TenClasses, 30).Reference(500), SeriesKey.All, 1).TryThresholdsOfPart(
            Hour, 2_700, 900_000, [FiveMinutes, Hour], OnceADay, out _, withCusum: true));

    [Fact]
    public void Threshold_OfSoftOutputsIsLowerThanThatOfOneHotOnesByAsMuchAsTheyVaryLess()
    {
        // Dirichlet outputs with α₀ = 20: each variance and covariance is that of one-hot ones of the same shares over 21, and so is χ².
        var soft = new DriftCalibration(new SoftTraffic(1, [5, 4, 3, 2, 1, 1, 1, 1, 1, 1], 100).Reference(2_000), SeriesKey.All, 1);
        var oneHot = 27.877164871256568 / 2 * ((1 / 2_048.0) + (1 / 2e5));

        var thresholds = soft.Thresholds(Tumbling, 2_048, new FalseAlarmBudget(1e-3, Tumbling.SlideMs));

        Assert.InRange(21 * thresholds.KlLiveVsReferenceNats / oneHot, 0.93, 1.09);
        Assert.InRange(21 * thresholds.KlReferenceVsLiveNats / oneHot, 0.93, 1.09);
    }

    /// <summary>
    /// Of classes that hold or not, each by itself, each has one degree of freedom: scipy.stats.chi2.isf(1e-3, 5). As for soft outputs the
    /// blocks' deviations are drawn again.
    /// </summary>
    [Fact]
    public void Threshold_OfIndependentClassesIsThatOfTheSumOfTheirs()
    {
        var traffic = new IndependentTraffic(1, [.5, .3, .2, .1, .05], 200);
        var expected = 20.515005652432873 / 2 * ((1 / 2_048.0) + (1 / 4e5));

        var thresholds = new DriftCalibration(traffic.Reference(2_000), SeriesKey.All, 1)
            .Thresholds(Tumbling, 2_048, new FalseAlarmBudget(1e-3, Tumbling.SlideMs));

        Assert.InRange(thresholds.KlLiveVsReferenceNats / expected, 0.93, 1.09);
        Assert.InRange(thresholds.KlReferenceVsLiveNats / expected, 0.93, 1.2);
    }

    /// <summary>
    /// Of three hundred tags by Zipf's law a window shows some that the reference has not: once in a hundred windows it is so far.
    /// </summary>
    [Fact]
    public void Threshold_OfIndependentClassesAllowsForThoseThatTheReferenceHasNotShown()
    {
        double[] shares = [.. Enumerable.Range(1, 300).Select(rank => 0.5 / Math.Pow(rank, 1.5))];
        double[] Shares(IndependentTraffic traffic) => [.. traffic.Next().Where((_, cell) => cell % 2 == 1).Select(of => of * 0.3)];
        var far = Enumerable.Range(0, 400).Select(seed =>
        {
            var p = Shares(new IndependentTraffic(seed, shares, 1_000));
            var q = Shares(new IndependentTraffic(-1 - seed, shares, 1_000));
            return p.Zip(q, (live, of) =>
            {
                var known = ((of * 1_000) + 0.5) / 1_001;
                var now = ((live * 1_000) + known) / 1_001;
                return KullbackLeibler.Divergence([now, 1 - now], [known, 1 - known]);
            }).Sum();
        }).Order().ToArray()[395];

        var threshold = new DriftCalibration(new IndependentTraffic(1, shares, 10).Reference(100), SeriesKey.All, 1)
            .Thresholds(Tumbling, 1_000, new FalseAlarmBudget(0.01, Tumbling.SlideMs)).KlLiveVsReferenceNats;

        Assert.InRange(threshold / far, 0.85, 1.25);
    }

    [Fact]
    public void Threshold_WithoutPseudoEventsKeepsTheBudgetThoughClassesAreMissing()
    {
        // Windows of 64 events, of which more than a quarter lack the rarest class: KL(reference‖live) is infinite there, and no alarm.
        var traffic = new SimulatedTraffic(9, TenClasses, 64);
        var reference = traffic.Reference(2_000);
        var thresholds = new DriftCalibration(reference, SeriesKey.All, 0).Thresholds(
            Tumbling, 64, new FalseAlarmBudget(0.01, Tumbling.SlideMs));

        var shares = reference.All.Shares[..TenClasses.Length].ToArray();
        var (alarms, missing) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            double[] live = [.. traffic.Next().Select(count => count / 64)];
            var (forward, backward) = (KullbackLeibler.Divergence(live, shares), KullbackLeibler.Divergence(shares, live));
            missing += double.IsInfinity(backward) ? 1 : 0;
            alarms += forward > thresholds.KlLiveVsReferenceNats
                || (double.IsFinite(backward) && backward > thresholds.KlReferenceVsLiveNats) ? 1 : 0;
        }

        Assert.True(missing > 5_000);
        Assert.InRange(thresholds.KlLiveVsReferenceNats, 0.01, 1);
        Assert.InRange(thresholds.KlReferenceVsLiveNats, 0.01, 1);
        Assert.InRange(alarms, 0.3 * 200, 2 * 200);
    }

    [Fact]
    public void Threshold_OfTrafficThatSwingsIsHigherThanSamplingAlone()
    {
        var steady = new DriftCalibration(
            new SimulatedTraffic(1, TenClasses, 100).Reference(2_160), SeriesKey.All, 1).Thresholds(NinetySeconds, 1_024, OnceADay);
        var swinging = new DriftCalibration(
            new SimulatedTraffic(1, TenClasses, 100) { Change = SimulatedTraffic.Swing(.5) }.Reference(2_160), SeriesKey.All,
            1).Thresholds(NinetySeconds, 1_024, OnceADay);

        Assert.True(swinging.KlLiveVsReferenceNats > 2 * steady.KlLiveVsReferenceNats, $"{swinging} against {steady}");
    }

    [Fact]
    public void Threshold_OfTheCusumRisesWithARarerBudget()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(2, TenClasses, 100).Reference(2_000), SeriesKey.All, 1);
        double? At(string window, long days) =>
            calibration.Thresholds(Given.Window(window), 1_000, new FalseAlarmBudget(1, days * 86_400_000)).CusumNats;

        Assert.True(At("5m/10s", 30) > At("5m/10s", 1) && At("5m/10s", 365) > At("5m/10s", 30));
        Assert.Null(calibration.KnownFluctuation(Given.Window("1h/1m")));
        Assert.Equal(0, calibration.KnownFluctuation(FiveMinutes)); // events that are independent do not fluctuate
    }

    [Fact]
    public void Fluctuation_IsByHowMuchWindowsDifferOfThemselves()
    {
        // q₀ = .28 swings by 30 % over an hour: its variance between windows of five minutes is (.084)²/2 · sin²(π/12)/(π/12)²; the other
        // classes give way in proportion.
        var calibration = new DriftCalibration(
            new SimulatedTraffic(5, TenClasses, 100) { Change = SimulatedTraffic.Swing(.3) }.Reference(8_640), SeriesKey.All, 1);
        var variance = .084 * .084 / 2 * Math.Pow(Math.Sin(Math.PI / 12) / (Math.PI / 12), 2);
        var expected = (variance / .28) + (variance / .72); // Σ (q_k/.72)² b/q_k over the others is b/.72

        Assert.InRange(calibration.Fluctuation(FiveMinutes) / expected, 0.9, 1.1);
        Assert.Equal(calibration.Fluctuation(FiveMinutes), calibration.KnownFluctuation(FiveMinutes));
    }

    [Fact]
    public void Threshold_FallsWithTheCountAndRisesWithARarerBudget()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(2, TenClasses, 100).Reference(2_000), SeriesKey.All, 1);
        double At(long events, long days) =>
            calibration.Thresholds(NinetySeconds, events, new FalseAlarmBudget(1, days * 86_400_000)).KlLiveVsReferenceNats;

        Assert.True(At(100, 30) > At(150, 30) && At(150, 30) > At(200, 30) && At(200, 30) > At(400, 30));
        Assert.True(At(200, 365) > At(200, 30) && At(200, 30) > At(200, 1));
    }

    [Fact]
    public void Thresholds_AreTheSameBitsWhoeverWorksThemOut()
    {
        var reference = new SimulatedTraffic(3, TenClasses, 50).Reference(500);
        var (one, other) = (new DriftCalibration(reference, SeriesKey.All, 1), new DriftCalibration(reference, SeriesKey.All, 1));
        other.Prepare(NinetySeconds, 20); // the order in which counts come up does not matter

        Assert.Equal(one.Thresholds(NinetySeconds, 40, OnceADay), other.Thresholds(NinetySeconds, 40, OnceADay));
    }

    [Fact]
    public void Thresholds_AreToldAtOnceOnlyWhenTheyHaveBeenWorkedOut()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(4, TenClasses, 50).Reference(100), SeriesKey.All, 1);
        Assert.False(calibration.TryThresholds(NinetySeconds, 700, OnceADay, out _));

        calibration.Prepare(NinetySeconds, 700);

        Assert.True(calibration.TryThresholds(NinetySeconds, 700, OnceADay, out var thresholds));
        Assert.Null(thresholds.CusumNats); // nine panes
        Assert.True(calibration.TryThresholds(NinetySeconds, 600, OnceADay, out _)); // of the same doubling
        Assert.False(calibration.IsPrepared(NinetySeconds, 1_100));
        Assert.True(calibration.TryThresholds(NinetySeconds, 1_100, OnceADay, out var nearest)); // by that of 1,024 until then
        Assert.InRange(
            nearest.KlLiveVsReferenceNats / calibration.Thresholds(NinetySeconds, 1_024, OnceADay).KlLiveVsReferenceNats, 0.9, 1);
        Assert.Equal(calibration.Thresholds(NinetySeconds, 700, OnceADay), thresholds);
    }

    /// <summary>
    /// Of traffic that swings by itself a threshold hardly falls with the count: told by sampling noise it would lie below what every
    /// window shows.
    /// </summary>
    [Fact]
    public void Thresholds_OfManyMoreEventsThanAnyThatWereWorkedOutAreNotLowerThanTheyWillBe()
    {
        var calibration = new DriftCalibration(
            new SimulatedTraffic(1, TenClasses, 100) { Change = SimulatedTraffic.Swing(.5) }.Reference(4_320), SeriesKey.All, 1);
        calibration.Prepare(FiveMinutes, 1_000);

        Assert.True(calibration.TryThresholds(FiveMinutes, 100_000, OnceADay, out var told));

        var exact = calibration.Thresholds(FiveMinutes, 100_000, OnceADay);
        Assert.InRange(told.KlLiveVsReferenceNats / exact.KlLiveVsReferenceNats, 1, 1.5);
        Assert.True(told.CusumNats >= exact.CusumNats);
    }

    [Fact]
    public void Shortfalls_OfAShortReferenceSayHowMuchWouldBeEnough()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(5, TenClasses, 50).Reference(60), SeriesKey.All, 1);

        Assert.Equal([new Shortfall(ShortfallKind.Time, 600_000, 1_800_000)], calibration.Shortfalls(FiveMinutes));
        Assert.Empty(calibration.Shortfalls(Given.Window("30s/10s")));
    }

    /// <summary>
    /// Of traffic that swings over a day and is another at weekends: what is asked for stays what it is while more is given, until it is
    /// there.
    /// </summary>
    [Fact]
    public void Shortfalls_OfDaysAndWeekendsAskForAWeekUntilThereIsOne()
    {
        var window = Given.Window("10m/1m");
        foreach (var days in new[] { 1, 2, 3, 5, 6, 7, 14 })
        {
            var traffic = new SimulatedTraffic(8, TenClasses, 3_000)
            {
                Change = block => (0.2 * Math.Sin(2 * Math.PI * block / 144)) + (block / 144 % 7 >= 5 ? 0.3 : 0),
            };
            var calibration = new DriftCalibration(traffic.Reference(144 * days, block => block * 600_000L), SeriesKey.All, 1);

            Assert.Equal(
                days < 7 ? [new Shortfall(ShortfallKind.Fluctuations, days * 86_400_000.0, 7 * 86_400_000.0)] : [],
                calibration.Shortfalls(window));
        }
    }

    /// <summary>About four times a window's events are enough, whatever it covers; what was asked for is until they have halved.</summary>
    [Fact]
    public void Shortfalls_OfWindowsOfManyEventsAskForMoreThanThey()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(9, TenClasses, 10).Reference(400), SeriesKey.All, 1); // 4,000
        foreach (var (events, enough) in new[]
        {
            (1_024L, 0), (2_047, 0), (2_048, 8_192), (2_047, 8_192), (1_024, 8_192), (4_096, 16_384), (2_050, 16_384), (1_023, 0),
            (2_047, 0),
        })
        {
            Assert.Equal(
                enough > 0 ? [new Shortfall(ShortfallKind.Events, 4_000, enough)] : [],
                calibration.Shortfalls(FiveMinutes, events));
        }
    }

    /// <summary>A third is enough for rare budgets; what fluctuates unseen is beyond any.</summary>
    [Theory]
    [InlineData(ShortfallKind.Time, 2, 0.0005, false)]
    [InlineData(ShortfallKind.Time, 2, 0.002, true)]
    [InlineData(ShortfallKind.Time, 1.9, 0.0005, true)]
    [InlineData(ShortfallKind.Events, 2, 0.0005, false)]
    [InlineData(ShortfallKind.Fluctuations, 5, 0, true)]
    public void Shortfalls_WithholdThresholdsByTheBudget(ShortfallKind kind, double has, double alarmsPerWindow, bool withholds) =>
        Assert.Equal(withholds, new Shortfall(kind, has, 6).Withholds(alarmsPerWindow));

    [Fact]
    public void Shortfalls_OfFewEventsAndOfFewFluctuationsAreTold()
    {
        var few = new DriftCalibration(new SimulatedTraffic(6, TenClasses, 1).Reference(90), SeriesKey.All, 1);
        Assert.Contains(few.Shortfalls(Given.Window("30s/10s")), shortfall => shortfall is { Kind: ShortfallKind.Events, Has: 90 });

        var swings = new DriftCalibration(
            new SimulatedTraffic(7, TenClasses, 100) { Change = SimulatedTraffic.Swing(.5) }.Reference(720), SeriesKey.All, 1);
        Assert.Contains(swings.Shortfalls(FiveMinutes), shortfall => shortfall is { Kind: ShortfallKind.Fluctuations, Has: 7_200_000 });
    }
}
