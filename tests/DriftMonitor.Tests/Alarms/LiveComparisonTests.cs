using System.Reactive.Linq;
using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Alarms;

/// <summary>
/// A canary with a tenth of the traffic beside what is stable, both live: found by what sets them apart, with and without a reference.
/// </summary>
public sealed class LiveComparisonTests
{
    private const int Hour = 3_600;
    private const int DriftAt = 3 * Hour / 2;
    private const long StartMs = 1_767_225_600_000;

    private static readonly double[] Shares = [.34, .17, .12, .09, .07, .06, .05, .04, .03, .03];
    private static readonly WatchedModel Model = Given.Model();
    private static readonly WindowPlan Plan = WindowPlan.Create(
        [Given.Window("5m/10s"), Given.Window("1h/1m")], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, trailing: false,
        withPanes: new ModelSet([], Others: true), compared: ComparedSegments.None with { General = ["canary"] });

    /// <summary>
    /// Of 60 events a second 10 %, KL 0.043 apart: 34 % → 23 % of class 0, 17 % → 28 % of class 1. All traffic hardly moves by it.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Canary_that_departs_is_found_within_five_minutes(bool hasReference)
    {
        var run = Run(
            hasReference, eventsASecond: 60, hours: 2, "critical: 1 per 30d, warning: 1 per 7d",
            (second, isCanary) => isCanary && second >= DriftAt ? .11 : 0);
        var alerts = run.Outcomes[0].Alerts.Select(alert => alert.Alarm).Where(alarm => alarm.Series.Segment == "canary vs rest").ToArray();
        Assert.Equal([AlarmSeverity.Warning, AlarmSeverity.Critical], alerts.Select(alarm => alarm.Severity));
        Assert.All(alerts, alarm => Assert.InRange(alarm.BeganMs, StartMs + (DriftAt * 1_000), StartMs + (DriftAt * 1_000) + 300_000));
        Assert.All(alerts, alarm => Assert.Null(alarm.EndedMs)); // it lasts, as what sets both apart does
        var text = AlarmText.Of(run.Outcomes[0].Alerts.First(alert => alert.Alarm == alerts[0]).Explanation);
        Assert.Contains("in the rest of the traffic", text.Moved, StringComparison.Ordinal);
        Assert.Equal("canary vs rest of the model's live traffic", text.Segments);
    }

    /// <summary>The canary is rolled back at the third hour, or rolled out to everybody: there is nothing to compare any more.</summary>
    [Theory]
    [InlineData("stable")]
    [InlineData("canary")]
    public void Alarm_ends_when_one_side_has_gone(string left)
    {
        var run = Run(
            hasReference: true, eventsASecond: 20, hours: 4, "critical: 1 per 30d, warning: 1 per 7d",
            (second, isCanary) => isCanary && second >= 2 * Hour ? .15 : 0, second => second < 3 * Hour ? null : left);
        var alarms = run.Outcomes[0].Alerts.Select(alert => alert.Alarm)
            .Where(alarm => alarm is { Series.Segment: "canary vs rest", Severity: AlarmSeverity.Critical });
        var end = Assert.Single(alarms).EndedMs - StartMs;
        Assert.InRange(end!.Value, 3 * Hour * 1_000, (3 * Hour * 1_000) + 310_000);
    }

    [Fact]
    public void Comparison_that_never_comes_is_told()
    {
        var run = Run(hasReference: false, eventsASecond: 1, hours: 1, "critical: 1 per 30d", (_, _) => 0, _ => "stable");
        Assert.Equal(["canary"], run.NeverBesideRest);
        Assert.Contains(run.NeverCompared, never => never.Why == "has no reference");
    }

    /// <summary>
    /// Both swing over a day: far from the reference of a night, and from one another not at all. Twelve alarms are allowed; with a Poisson
    /// count of that mean 22 is the one in a hundred.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_moves_both_raises_no_more_than_the_budget(bool hasReference)
    {
        var run = Run(
            hasReference, eventsASecond: 5, hours: 36, "critical: 1 per 3h, warning: 1 per 3h",
            (second, _) => .08 * Math.Sin(2 * Math.PI * second / (24 * Hour)));
        var alarms = run.Outcomes[0].Alerts.Count(
            alert => alert.Alarm is { Series.Segment: "canary vs rest", Severity: AlarmSeverity.Critical });
        Assert.InRange(alarms, 0, 22);
        if (hasReference)
        {
            Assert.Contains(run.Outcomes[0].Alerts, alert => alert.Alarm.Series.Segment == SeriesKey.All); // that is far from the reference
        }
    }

    // moved: how much of class 0 is class 1 instead, at a second, of the canary or of the others
    private static BacktestRun Run(
        bool hasReference, int eventsASecond, int hours, string budget, Func<int, bool, double> moved,
        Func<int, string?>? segmentOf = null)
    {
        var classes = Given.Classes(10, hasReference ? ModelClasses.Configured : ModelClasses.Inferred);
        Assert.True(BacktestSetting.TryParseBudget(budget, out var setting, out _));
        var (random, references) = (new Random(5), ReferenceSet.Empty);
        if (hasReference)
        {
            var builder = new ReferenceBuilder("m", classes.Space);
            for (var i = 0; i < 60 * Hour; i++)
            {
                builder.Add(Prediction(classes, i, i / eventsASecond, segment: null, 0, random));
            }

            references = ReferenceSet.Latest([builder.Build(1, DateTimeOffset.FromUnixTimeMilliseconds(StartMs))]);
        }

        var run = new BacktestRun(
            Plan, references, new EvaluationSettings(), null, [setting with { ComparedWithRest = ["canary"] }], (_, _, _) => { },
            kept: Given.Kept);
        run.Run(Enumerable.Range(0, hours * Hour * eventsASecond)
            .Select(i =>
            {
                var second = i / eventsASecond;
                var isCanary = segmentOf?.Invoke(second) is { } only ? only == "canary" : random.Next(10) == 0;
                return Prediction(classes, i, second, isCanary ? "canary" : "stable", moved(second, isCanary), random);
            })
            .ToObservable());
        return run;
    }

    private static PredictionRecord Prediction(
        ModelClasses classes, int offset, int second, string? segment, double moved, Random random)
    {
        var (at, k) = (random.NextDouble(), 0);
        for (; k < Shares.Length - 1; k++)
        {
            at -= Shares[k] + (k switch { 0 => -moved, 1 => moved, _ => 0 });
            if (at < 0)
            {
                break;
            }
        }

        var output = new double[Shares.Length];
        output[k] = 1;
        return Given.Prediction(Model, classes, offset, StartMs + (second * 1_000L), null, segment, output);
    }
}
