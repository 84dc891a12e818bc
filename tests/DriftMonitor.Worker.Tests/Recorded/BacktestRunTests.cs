using DriftMonitor.Alarms;
using DriftMonitor.Model;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using DriftMonitor.Worker.Commands.Backtest;

namespace DriftMonitor.Worker.Tests.Recorded;

/// <summary>Alerts of short streams, whose times can be told beforehand: windows of a minute that slide by ten seconds.</summary>
public sealed class BacktestRunTests
{
    // share     .5        .9       .5
    //        ├─────────┤├──────┤├────────────┤
    //        0        200     320           600 s
    private static readonly string[] OneDrift = [
        .. Backtested.Normal(0, 200), .. Backtested.Lines(200, 320, 0.9), .. Backtested.Normal(320, 600)];

    [Fact]
    public void Alert_BeginsWhenItWasAboveForAWindowsLengthAndEndsTwoAfterTheLast()
    {
        var alert = Assert.Single(Backtested.Run(OneDrift, "critical: 0.1").Outcomes[0].Alerts);

        // A share of .9 in x of 60 s moves the mean to .5 + .4 x/60. KL([.5,.5]‖[.7,.3]) = .0872 and KL([.5,.5]‖[.7667,.2333]) = .1673
        // (scipy.stats.entropy), which is the larger direction: x = 30 is below .1, x = 40 above; pseudo-events change the third digit.
        // So it is above from 240 s on, and has been for a window's length at 300 s. Then it is all .9: KL = .5108.
        Assert.Equal(Replayed.T0 + 300_000, alert.Alarm.BeganMs);
        Assert.Equal(Measure.KlReferenceVsLive, alert.Alarm.First.Measure);
        Assert.Equal(600, alert.Events);

        // The last window with 40 s of it ends at 340 s; two windows' lengths later it is over.
        Assert.Equal(Replayed.T0 + 460_000, alert.Alarm.EndedMs);
        Assert.Equal(0.5108, alert.Alarm.Peak.Value, 0.005);
        Assert.Equal("0", alert.Explanation.Report!.Contributions[0].Class);
    }

    [Fact]
    public void Settings_AreFollowedApart()
    {
        var run = Backtested.Run(OneDrift, "critical: 0.1, warning: 0.02", "critical: 0.6");
        Assert.Equal([AlarmSeverity.Critical, AlarmSeverity.Warning], run.Outcomes[0].Alerts.Select(alert => alert.Alarm.Severity));
        Assert.Empty(run.Outcomes[1].Alerts);
        Assert.Equal((60, 55), (run.Evaluations, run.ReadyEvaluations)); // every 10 s of 600; from the first whole minute on
    }

    [Fact]
    public void Alert_ThatNothingEnded_IsStillOn()
    {
        var run = Backtested.Run([.. Backtested.Normal(0, 100), .. Backtested.Lines(100, 250, 0.9)], "critical: 0.1");
        Assert.Null(Assert.Single(run.Outcomes[0].Alerts).Alarm.EndedMs);
    }

    [Fact]
    public void QuietTime_IsTheLongestWithoutAnAlert()
    {
        var run = Backtested.Run(OneDrift, "critical: 0.1", "critical: 0.6");
        var (first, last) = run.Span!.Value;
        // before it; after it there were only 140 s
        Assert.Equal(Replayed.T0 + 300_000 - first, SummaryTable.LongestQuietMs(run.Outcomes[0], first, last));
        Assert.Equal(last - first, SummaryTable.LongestQuietMs(run.Outcomes[1], first, last));
    }

    [Fact]
    public void ShareOfTimeOn_CountsTimeOnceHoweverManyAlertsAreOn()
    {
        var run = Backtested.Run(
            [
                .. Backtested.Normal(0, 200).Zip(Backtested.Normal(0, 200, "n")).SelectMany(lines => new[] { lines.First, lines.Second }),
                .. Backtested.Lines(200, 320, 0.9).Zip(Backtested.Lines(200, 320, 0.9, "n"))
                    .SelectMany(lines => new[] { lines.First, lines.Second }),
                .. Backtested.Normal(320, 600)
                    .Zip(Backtested.Normal(320, 600, "n"))
                    .SelectMany(lines => new[] { lines.First, lines.Second }),
            ],
            "critical: 0.1",
            "critical: 0.6");
        var (first, last) = run.Span!.Value;

        // both from 300 to 460 s, as above
        Assert.Equal(2, run.Outcomes[0].Alerts.Count);
        Assert.Equal(160_000.0 / (last - first), SummaryTable.ShareOfTimeOn(run.Outcomes[0], AlarmSeverity.Critical, first, last), 1e-12);
        Assert.Equal(0, SummaryTable.ShareOfTimeOn(run.Outcomes[0], AlarmSeverity.Warning, first, last));
        Assert.Equal(0, SummaryTable.ShareOfTimeOn(run.Outcomes[1], AlarmSeverity.Critical, first, last));
    }

    [Fact]
    public void ShareOfTimeOn_OfAnAlertThatNothingEndedReachesToTheEnd()
    {
        var run = Backtested.Run([.. Backtested.Normal(0, 100), .. Backtested.Lines(100, 250, 0.9)], "critical: 0.1");
        var (first, last) = run.Span!.Value;
        var began = run.Outcomes[0].Alerts[0].Alarm.BeganMs;
        Assert.Equal(
            (double)(last - began) / (last - first),
            SummaryTable.ShareOfTimeOn(run.Outcomes[0], AlarmSeverity.Critical, first, last), 1e-12);
    }

    // share     .5                .56
    //        ├─────────────────┤├──────┤    of the second part a window of ten minutes holds half at the end
    //        0                 900   1200 s
    [Fact]
    public void SmallDriftThatLasts_IsFoundByTheCusumAlone()
    {
        var reference = ReferenceSet.Latest([Backtested.Reference("m", Backtested.Drawn(1, 0, 9_600, 0.5))]);
        string[] lines = [.. Backtested.Drawn(2, 0, 900, 0.5), .. Backtested.Drawn(3, 900, 1_200, 0.56)];
        Assert.True(BacktestSetting.TryParseBudget("warning: 1 per 30d", out var budget, out _));

        var outcome = Backtested.Run(lines, reference, "10m/10s", panes: true, budget).Outcomes[0];

        var alert = Assert.Single(outcome.Alerts);
        Assert.InRange(alert.Alarm.BeganMs, Replayed.T0 + 910_000, Replayed.T0 + 1_200_000);
        Assert.Equal("CUSUM", BacktestText.NameOf(alert.Alarm.First.Measure));
        Assert.True(alert.Alarm.First.Exceeds);
        Assert.Equal(alert.Alarm.First.Measure, alert.Alarm.Peak.Measure);

        // Neither divergence would have told, with the very thresholds that it has now: there is no alert without the panes.
        var points = outcome.TraceOf(alert.Alarm.Series, alert.Alarm.FirstWindow)!.Points;
        Assert.All(points, point => Assert.True(point.KlLiveVsReferenceNats < point.WarningNats));
        Assert.Empty(Backtested.Run(lines, reference, "10m/10s", panes: false, budget).Outcomes[0].Alerts);
    }

    [Fact]
    public void Models_AreFollowedApart_AndASliceIsNamed()
    {
        var run = Backtested.Run(
            [
                .. Backtested.Normal(0, 200, "m", "a")
                    .Zip(Backtested.Normal(0, 200, "n"), Backtested.Normal(0, 200, "m", "b"))
                    .SelectMany(lines => new[] { lines.First, lines.Second, lines.Third }),
             .. Backtested.Normal(200, 400, "m", "a")
                 .Zip(Backtested.Normal(200, 400, "n"), Backtested.Lines(200, 400, 0.9, "m", "b"))
                 .SelectMany(lines => new[] { lines.First, lines.Second, lines.Third })],
            "critical: 0.2");

        var alert = Assert.Single(run.Outcomes[0].Alerts);
        Assert.Equal(new SeriesKey("m", "b"), alert.Alarm.Series);
        Assert.Equal(["b"], alert.Explanation.Slices);
        Assert.Equal(["m/_all", "m/a", "m/b", "n/_all"], run.Series.Select(series => series.ToString()));
    }
}
