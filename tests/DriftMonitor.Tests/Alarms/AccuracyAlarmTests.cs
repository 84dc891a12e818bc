using System.Globalization;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using DriftMonitor.Alarms;
using DriftMonitor.Divergence;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Alarms;

/// <summary>
/// Labels of a model whose outputs stay what they are, while it is wrong more often: one prediction a second, its label a second later.
/// </summary>
public sealed class AccuracyAlarmTests
{
    private const int Hour = 3_600;
    private const int WrongFrom = 2 * Hour;
    private const int WrongTo = WrongFrom + 1_800;
    private const long StartMs = 1_767_225_600_000;

    private static readonly WatchedModel Model = Given.Model();
    private static readonly ModelClasses Classes = Given.Classes(2);

    private static readonly WindowPlan Plan = WindowPlan.Create(
        [Given.Window("5m/10s"), Given.Window("1h/1m")], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, trailing: false,
        withPanes: new ModelSet([], Others: true));

    private static readonly Lazy<ReferenceSnapshot> Reference = new(() => Build(accuracy: 0.95));

    [Fact]
    public void An_accuracy_that_falls_from_95_to_46_percent_is_one_alarm_that_ends_when_it_is_mended()
    {
        var alerts = Run(Reference.Value, accuracy: 0.46);

        var alarm = Assert.Single(alerts, alert => alert.Alarm is { Kind: AlarmKind.Accuracy, Severity: AlarmSeverity.Critical }).Alarm;
        Assert.Equal((Measure.ErrorRatioLabelTime, "5m", true), (alarm.First.Measure, alarm.FirstWindow.Name, alarm.Pages));
        Assert.InRange(SecondOf(alarm.OnsetMs), WrongFrom - 20, WrongFrom + 20);
        Assert.InRange(SecondOf(alarm.BeganMs), WrongFrom, WrongFrom + 120);
        Assert.InRange(SecondOf(alarm.EndedMs), WrongTo, WrongTo + 120);
        Assert.InRange(alarm.Peak.Value, 0.54, 0.65); // the highest of some two hundred windows of 300
        Assert.InRange(alarm.Peak.Threshold, 0.07, 0.13);
        Assert.DoesNotContain(alerts, alert => alert.Alarm.Kind == AlarmKind.OutputDrift);
    }

    /// <summary>A pane of ten labels of which few happen to be wrong costs little while one in two is: it repairs nothing.</summary>
    [Theory]
    [InlineData(0.46)]
    [InlineData(0.7)]
    public void What_labels_cost_is_one_alarm_too_that_ends_when_it_is_mended(double accuracy)
    {
        var alarm = Assert.Single(
            Run(Reference.Value, accuracy),
            alert => alert.Alarm is { Kind: AlarmKind.CrossEntropy, Severity: AlarmSeverity.Critical }).Alarm;

        Assert.InRange(SecondOf(alarm.BeganMs), WrongFrom, WrongFrom + 180);
        Assert.InRange(SecondOf(alarm.EndedMs), WrongTo, WrongTo + 240);
    }

    [Fact]
    public void An_accuracy_that_falls_by_less_than_the_smallest_effect_is_no_alarm() =>
        Assert.Empty(Run(Reference.Value, accuracy: 0.945));

    [Fact]
    public void Of_a_reference_that_was_never_wrong_a_single_error_is_no_alarm_and_many_are()
    {
        var never = Build(accuracy: 1);
        Assert.Equal((1, 0), (never.AccuracyRatio, never.Errors!.Mean));

        Assert.DoesNotContain(Run(never, accuracy: 0.9993, otherwise: 1), alert => alert.Alarm.Kind == AlarmKind.Accuracy);
        Assert.Contains(Run(never, accuracy: 0.9, otherwise: 1), alert => alert.Alarm.Kind == AlarmKind.Accuracy);
    }

    [Fact]
    public void A_reference_without_the_baseline_makes_no_alarm_of_it()
    {
        var known = Reference.Value;
        var old = new ReferenceSnapshot(
            known.Model, 1, known.CreatedAt, known.ClassSpace, known.Segments.ToDictionary(each => each.Key, each => each.Value.Sums),
            known.Blocks, losses: known.Losses);

        var alerts = Run(old, accuracy: 0.46);

        Assert.Contains(alerts, alert => alert.Alarm.Kind == AlarmKind.CrossEntropy);
        Assert.DoesNotContain(alerts, alert => alert.Alarm.Kind == AlarmKind.Accuracy);
    }

    /// <summary>
    /// By 10 labels of which 2 are wrong: 2 ln(.05/.5) + 8 ln(.95/.5), where of 180 94.5 were wrong: a half with ten more as the baseline.
    /// </summary>
    [Fact]
    public void Evidence_is_that_of_labels_that_are_right_or_wrong()
    {
        var departure = new ErrorDeparture(0.05, 1_000, smallestEffect: 0);
        Assert.Equal(
            KullbackLeibler.Divergence([0.54, 0.46], [0.05, 0.95]), departure.Nats([100, 54]), 1e-12);
        Assert.Equal((0, 0), (departure.Nats([100, 4]), departure.NatsOfThreshold(0.05)));
        Assert.Equal((2 * Math.Log(0.05 / 0.5)) + (8 * Math.Log(0.95 / 0.5)), departure.Repair([10, 2], [180, 94.5]), 1e-12);
        Assert.True(departure.Repair([10, 5], [180, 94.5]) < 0);
        Assert.True(departure.Explains([180, 90], [20, 10], 1) && departure.Explains([180, 90], [20, 4], 1));
        Assert.False(departure.Explains([180, 40], [20, 14], 1));
        Assert.Equal(0.49, departure.Effect([100, 54]), 1e-12);
    }

    /// <summary>
    /// A model that erred once in two thousand, errs once in forty, and then 7 times in a thousand: that is within a point of what it was.
    /// With 15 it is not.
    /// </summary>
    [Theory]
    [InlineData(7, true)]
    [InlineData(15, false)]
    public void An_alarm_of_a_model_that_hardly_erred_ends_when_accuracy_is_back_within_the_effect(int wrong, bool ends)
    {
        var departure = new ErrorDeparture(0.0005, 1_000_000, 0.01);
        var rule = new AlarmRule([Given.Window("40ms/10ms")], AlarmRuleState.Create(1), 100);
        double[] sums = [1_000, 25, 1_000, 25, 1_000, 25, 1_000, 25];
        Assert.Equal(RuleOutcome.Paged, Decide(0));
        var last = RuleOutcome.None;
        for (var fromMs = 10; fromMs <= 100 && last == RuleOutcome.None; fromMs += 10)
        {
            sums = [.. sums[2..], 1_000, wrong];
            last = Decide(fromMs);
        }

        Assert.Equal(ends ? RuleOutcome.Ended : RuleOutcome.None, last);

        RuleOutcome Decide(long fromMs) => rule.Decide(
            0, new PaneRun(fromMs, 10, 2, sums), counted: null, departure, evidenceNats: 12, isAbove: true, smallestEffect: 0.01);
    }

    /// <summary>Half the effect above the baseline, and at most midway to what was reported.</summary>
    [Fact]
    public void Repair_is_told_by_a_share_between_the_baseline_and_what_was_reported()
    {
        var departure = new ErrorDeparture(0.01, 1_000, 0.02);
        Assert.Equal(Math.Log(0.02 / 0.1) + (9 * Math.Log(0.98 / 0.9)), departure.Repair([10, 1], [100, 10.9]), 1e-12);
        Assert.Equal(Math.Log(0.015 / 0.02) + (9 * Math.Log(0.985 / 0.98)), departure.Repair([10, 1], [100, 2.1]), 1e-12);
    }

    private static long SecondOf(long? ms) => (ms!.Value - StartMs) / 1_000;

    private static IReadOnlyList<FoundAlert> Run(ReferenceSnapshot reference, double accuracy, double otherwise = 0.95)
    {
        Assert.True(BacktestSetting.TryParseBudget("critical: 1 per 30d, warning: 1 per 7d", out var setting, out _));
        var random = new Random(7);
        bool[] isFirst = [.. Enumerable.Range(0, 4 * Hour).Select(_ => random.Next(2) == 0)];
        bool[] isRight = [
            .. Enumerable.Range(0, 4 * Hour).Select(
                second => random.NextDouble() < (second is >= WrongFrom and < WrongTo ? accuracy : otherwise))];
        var predictions = Observable.Create<PredictionRecord>(observer =>
        {
            for (var i = 0; i < isFirst.Length; i++)
            {
                observer.OnNext(Prediction(i, isFirst[i]));
            }

            observer.OnCompleted();
            return Disposable.Empty;
        });
        var labels = Enumerable.Range(0, isFirst.Length).Select(i => Label(i, isFirst[i] == isRight[i])).ToObservable();
        var feedback = new ReplayFeedback(predictions, labels, new FeedbackPlan(Plan, TimeSpan.FromHours(1)));
        var run = new BacktestRun(
            Plan, ReferenceSet.Latest([reference]), new EvaluationSettings(), feedback, [setting], (_, _, _) => { },
            kept: Given.Kept);
        run.Run(predictions);
        return run.Outcomes[0].Alerts;
    }

    private static PredictionRecord Prediction(int second, bool isFirst)
    {
        var record = Given.Prediction(
            Model, Classes, second, StartMs + (second * 1_000L), null, null, isFirst ? [0.9, 0.1] : [0.1, 0.9]);
        record.Id = second.ToString(CultureInfo.InvariantCulture);
        return record;
    }

    private static FeedbackRecord Label(int second, bool isFirst) => new FeedbackRecord(
        RejectionReason.None, "m", second.ToString(CultureInfo.InvariantCulture),
        new FeedbackLabel(0, 0, null, isFirst ? 0 : 1), null, null).At(second, StartMs + (second * 1_000L) + 1_000);

    /// <summary>Sixteen hours of the same traffic.</summary>
    private static ReferenceSnapshot Build(double accuracy)
    {
        var (random, builder) = (new Random(3), new ReferenceBuilder("m", Classes.Space));
        for (var second = 0; second < 16 * Hour; second++)
        {
            builder.Add(Prediction(second, random.Next(2) == 0));
            var isRight = random.NextDouble() < accuracy;
            builder.AddLabel(StartMs + (second * 1_000L), FixedPoint.FromNats(-Math.Log(isRight ? 0.9 : 0.1)), isRight);
        }

        return builder.Build(1, DateTimeOffset.FromUnixTimeMilliseconds(StartMs));
    }
}
