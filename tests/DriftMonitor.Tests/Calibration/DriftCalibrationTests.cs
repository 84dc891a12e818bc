using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Distributions;
using DriftMonitor.Divergence;
using DriftMonitor.Events;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Calibration;

public sealed class DriftCalibrationTests
{
    private static readonly double[] TenClasses = [.28, .2, .14, .1, .08, .06, .05, .04, .03, .02];
    private static readonly FalseAlarmBudget OnceADay = new(1, 86_400_000);
    private static readonly WindowSpec FiveMinutes = Given.Window("5m/10s");

    [Fact]
    public void Threshold_OfIndependentEventsIsThatOfChiSquared()
    {
        // One look at a window a slide long: no two overlap, so the level for a rate of 1e-3 a look is the quantile of (1/n + 1/m) χ²₉/2.
        // scipy.stats.chi2.ppf(1 - 1e-3, 9) = 27.877164871256568
        var tumbling = Given.Window("10s/10s");
        var calibration = new DriftCalibration(new SimulatedTraffic(1, TenClasses, 2_000).Reference(2_000), SeriesKey.All, 1);

        var thresholds = calibration.Thresholds(tumbling, 2_048, new FalseAlarmBudget(1, 10_000_000));

        var expected = 27.877164871256568 / 2 * ((1 / 2_048.0) + (1 / 4e6));
        // Both directions share the rate, and an alarm of neighbouring looks is one: a few per cent either way.
        Assert.InRange(thresholds.KlLiveVsReferenceNats / expected, 0.95, 1.1);
        Assert.InRange(thresholds.KlReferenceVsLiveNats / expected, 0.95, 1.2);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)] // swings by itself, as the reference did: no drift
    public void Threshold_KeepsTheBudgetOnTrafficThatDoesNotDrift(double swing)
    {
        // 4 references, 8 days each, a budget of 6 a day: 192 alarms expected, and the promise is 0.3 to 2 times as many.
        const int blocksOfADay = 8_640;
        var alarms = 0;
        for (var seed = 0; seed < 4; seed++)
        {
            var traffic = new SimulatedTraffic(seed, TenClasses, 30) { Swing = swing };
            var reference = traffic.Reference(blocksOfADay);
            alarms += Alarms(traffic, reference, new DriftCalibration(reference, SeriesKey.All, 1), new FalseAlarmBudget(6, 86_400_000), 8 * blocksOfADay);
        }

        Assert.InRange(alarms, 0.3 * 192, 2 * 192);
    }

    [Fact]
    public void Threshold_OfTrafficThatSwingsIsHigherThanSamplingAlone()
    {
        var steady = new DriftCalibration(new SimulatedTraffic(1, TenClasses, 100).Reference(4_320), SeriesKey.All, 1).Thresholds(FiveMinutes, 3_000, OnceADay);
        var swinging = new DriftCalibration(new SimulatedTraffic(1, TenClasses, 100) { Swing = .5 }.Reference(4_320), SeriesKey.All, 1).Thresholds(FiveMinutes, 3_000, OnceADay);

        Assert.True(swinging.KlLiveVsReferenceNats > 2 * steady.KlLiveVsReferenceNats, $"{swinging} against {steady}");
    }

    [Fact]
    public void Threshold_OfTheCusumIsForWindowsOfTenPanesAndRisesWithARarerBudget()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(2, TenClasses, 100).Reference(2_000), SeriesKey.All, 1);
        double? At(string window, long days) => calibration.Thresholds(Given.Window(window), 1_000, new FalseAlarmBudget(1, days * 86_400_000)).CusumNats;

        Assert.True(At("5m/10s", 30) > At("5m/10s", 1) && At("5m/10s", 365) > At("5m/10s", 30));
        Assert.Null(At("90s/10s", 30));
        Assert.Null(calibration.KnownFluctuation(Given.Window("1h/1m")));
        Assert.Equal(0, calibration.KnownFluctuation(FiveMinutes)); // events that are independent do not fluctuate
    }

    [Fact]
    public void Fluctuation_IsByHowMuchWindowsDifferOfThemselves()
    {
        // q₀ = .28 swings by 30 % over an hour: its variance between windows of five minutes is (.084)²/2 · sin²(π/12)/(π/12)²; the other classes give way in proportion.
        var calibration = new DriftCalibration(new SimulatedTraffic(5, TenClasses, 100) { Swing = .3 }.Reference(8_640), SeriesKey.All, 1);
        var variance = .084 * .084 / 2 * Math.Pow(Math.Sin(Math.PI / 12) / (Math.PI / 12), 2);
        var expected = (variance / .28) + (variance / .72); // Σ (q_k/.72)² b/q_k over the others is b/.72

        Assert.InRange(calibration.Fluctuation(FiveMinutes) / expected, 0.9, 1.1);
        Assert.Equal(calibration.Fluctuation(FiveMinutes), calibration.KnownFluctuation(FiveMinutes));
    }

    [Fact]
    public void Threshold_FallsWithTheCountAndRisesWithARarerBudget()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(2, TenClasses, 100).Reference(2_000), SeriesKey.All, 1);
        double At(long events, long days) => calibration.Thresholds(FiveMinutes, events, new FalseAlarmBudget(1, days * 86_400_000)).KlLiveVsReferenceNats;

        Assert.True(At(100, 30) > At(150, 30) && At(150, 30) > At(1_000, 30) && At(1_000, 30) > At(10_000, 30));
        Assert.True(At(1_000, 365) > At(1_000, 30) && At(1_000, 30) > At(1_000, 1));
    }

    [Fact]
    public void Thresholds_AreTheSameBitsWhoeverWorksThemOut()
    {
        var reference = new SimulatedTraffic(3, TenClasses, 50).Reference(500);
        var (one, other) = (new DriftCalibration(reference, SeriesKey.All, 1), new DriftCalibration(reference, SeriesKey.All, 1));
        other.Prepare(FiveMinutes, 5_000); // the order in which counts come up does not matter

        Assert.Equal(one.Thresholds(FiveMinutes, 700, OnceADay), other.Thresholds(FiveMinutes, 700, OnceADay));
    }

    [Fact]
    public void Thresholds_AreToldAtOnceOnlyWhenTheyHaveBeenWorkedOut()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(4, TenClasses, 50).Reference(100), SeriesKey.All, 1);
        Assert.False(calibration.TryThresholds(FiveMinutes, 700, OnceADay, out _));

        calibration.Prepare(FiveMinutes, 700);

        Assert.True(calibration.TryThresholds(FiveMinutes, 700, OnceADay, out var thresholds));
        Assert.True(calibration.TryThresholds(FiveMinutes, 600, OnceADay, out _)); // of the same doubling
        Assert.False(calibration.IsPrepared(FiveMinutes, 1_100));
        Assert.True(calibration.TryThresholds(FiveMinutes, 1_100, OnceADay, out var nearest)); // by that of 1,024 until then
        Assert.InRange(nearest.KlLiveVsReferenceNats / calibration.Thresholds(FiveMinutes, 1_024, OnceADay).KlLiveVsReferenceNats, 0.9, 1);
        Assert.Equal(calibration.Thresholds(FiveMinutes, 700, OnceADay), thresholds);
    }

    /// <summary>Of traffic that swings by itself a threshold hardly falls with the count: told by sampling noise it would lie below what every window shows.</summary>
    [Fact]
    public void Thresholds_OfManyMoreEventsThanAnyThatWereWorkedOutAreNotLowerThanTheyWillBe()
    {
        var calibration = new DriftCalibration(new SimulatedTraffic(1, TenClasses, 100) { Swing = .5 }.Reference(4_320), SeriesKey.All, 1);
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

        Assert.Equal([new Shortfall(ShortfallKind.Time, 600_000, 4_800_000)], calibration.Shortfalls(FiveMinutes));
        Assert.Empty(calibration.Shortfalls(Given.Window("30s/10s")));
    }

    [Fact]
    public void Shortfalls_OfFewEventsAndOfFewFluctuationsAreTold()
    {
        var few = new DriftCalibration(new SimulatedTraffic(6, TenClasses, 1).Reference(90), SeriesKey.All, 1);
        Assert.Contains(few.Shortfalls(Given.Window("30s/10s")), shortfall => shortfall is { Kind: ShortfallKind.Events, Has: 90 });

        var swings = new DriftCalibration(new SimulatedTraffic(7, TenClasses, 100) { Swing = .5 }.Reference(720), SeriesKey.All, 1);
        Assert.Contains(swings.Shortfalls(FiveMinutes), shortfall => shortfall is { Kind: ShortfallKind.Fluctuations, Has: 7_200_000 });
    }

    [Fact]
    public void Threshold_OfASegmentFollowsItsOwnEvents()
    {
        var whole = new SimulatedTraffic(8, TenClasses, 100).Reference(500);
        var part = whole.All.Sums;
        var tenth = new PaneSums(part.Events / 10, [.. part.Mass.ToArray().Select(mass => mass / 10)], [.. part.Squares.ToArray().Select(square => square / 10)]);
        var reference = new ReferenceSnapshot(
            "m", 1, DateTimeOffset.UnixEpoch, whole.ClassSpace, new Dictionary<string, PaneSums> { [SeriesKey.All] = part, ["eu"] = tenth }, whole.Blocks);

        var all = new DriftCalibration(reference, SeriesKey.All, 1).Thresholds(FiveMinutes, 3_000, OnceADay);
        var segment = new DriftCalibration(reference, "eu", 1).Thresholds(FiveMinutes, 3_000, OnceADay);

        // The same noise of the live window, ten times that of the reference: (1/3000 + 1/5000) / (1/3000 + 1/50000) = 1.51 times the variance.
        Assert.InRange(segment.KlLiveVsReferenceNats / all.KlLiveVsReferenceNats, 1.35, 1.7);
        Assert.Throws<KeyNotFoundException>(() => new DriftCalibration(reference, "us", 1));
    }

    private static int Alarms(SimulatedTraffic traffic, ReferenceSnapshot reference, DriftCalibration calibration, FalseAlarmBudget budget, int blocks)
    {
        var series = new SeriesKey("m", SeriesKey.All);
        var (tracker, window, sums, begun) = (new AlarmTracker(), new Queue<long[]>(), new double[TenClasses.Length], 0);
        var smoothed = new double[TenClasses.Length];
        PseudoEvents.SmoothReference(reference.All.Shares[..TenClasses.Length], reference.All.Events, 1, smoothed);
        for (var i = 0; i < blocks; i++)
        {
            var entering = traffic.Next();
            window.Enqueue(entering);
            var leaving = window.Count > 30 ? window.Dequeue() : new long[TenClasses.Length];
            for (var k = 0; k < sums.Length; k++)
            {
                sums[k] += entering[k] - leaving[k];
            }

            var events = sums.Sum();
            double[] live = [.. sums.Select(sum => sum / events)];
            PseudoEvents.SmoothLive(live, events, 1, smoothed);
            var thresholds = calibration.Thresholds(FiveMinutes, (long)events, budget);
            Reading[] readings =
            [
                new(AlarmSeverity.Critical, "a", KullbackLeibler.Divergence(live, smoothed), thresholds.KlLiveVsReferenceNats, budget),
                new(AlarmSeverity.Critical, "b", KullbackLeibler.Divergence(smoothed, live), thresholds.KlReferenceVsLiveNats, budget),
                new(AlarmSeverity.Critical, "c", Cusum(reference, calibration, smoothed, window, events), thresholds.CusumNats!.Value, budget),
            ];
            begun += window.Count < 30 ? 0 : tracker.Note(series, AlarmKind.OutputDrift, FiveMinutes, i * SimulatedTraffic.BlockMs, readings).Count(alarm => alarm.EndedMs is null);
        }

        return begun;
    }

    private static double Cusum(ReferenceSnapshot reference, DriftCalibration calibration, double[] smoothed, IEnumerable<long[]> panes, double events)
    {
        var cusum = new DriftCusum(smoothed, reference.All.Variances[..smoothed.Length], events, reference.All.Events, calibration.Fluctuation(FiveMinutes));
        foreach (var pane in panes)
        {
            cusum.Add([.. pane.Select(count => (double)count)], pane.Sum());
        }

        return cusum.Nats;
    }
}
