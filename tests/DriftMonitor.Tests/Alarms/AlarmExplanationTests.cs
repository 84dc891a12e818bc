using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Alarms;

public sealed class AlarmExplanationTests
{
    private const double Threshold = 0.1;
    private const double LossThreshold = 1;
    private const long ToMs = 600_000;

    private static readonly FalseAlarmBudget Budget = new(1, 30 * 86_400_000L);

    private readonly List<DriftReport> _reports = [];
    private readonly List<FeedbackWindow> _feedback = [];
    private readonly List<LeftOut> _leftOut = [];
    private int _lookUps;
    private bool _withBaseline;

    [Fact]
    public void Explanation_names_value_threshold_budget_floor_events_classes_and_since_when()
    {
        Report("5m", 0.3, contributions: [new("3", 0.35, 0.25, 0.125), new("8", -0.05, 0.0625, 0.125)]);
        Report("1h", 0.05);
        Report("24h", 0.4, ready: false);

        var explanation = AlarmExplanation.Of(AlarmOf(), Evidence());

        Assert.Equal((0.3, Threshold, 500L), (explanation.Now!.Value, explanation.Now.Threshold, explanation.Now.Events));
        Assert.Equal((Budget, 0.01), (explanation.Budget, explanation.NoiseFloorNats));
        Assert.Equal(["3", "8"], explanation.Report!.Contributions.Select(contribution => contribution.Class));
        Assert.Equal(
            [("5m", true, true, 540_000L), ("1h", true, false, null), ("24h", false, false, null)],
            explanation.Windows.Select(state => (state.Window.Name, state.Ready, state.Above, state.AboveSinceMs)));
        Assert.Empty(explanation.Slices);
        Assert.Empty(explanation.Segments);
        Assert.Equal(LabelVerdict.NoLabels, explanation.Labels.Verdict);
    }

    [Fact]
    public void Each_window_says_whether_it_came_suddenly_or_gradually()
    {
        Report("5m", 0.3);
        Report("1h", 0.3);
        _reports[0] = _reports[0] with { Trailing = new TrailingDivergence(500, Readiness.Ready, 10, 0.01, 0.01, 0.01) };
        _reports[1] = _reports[1] with { Trailing = new TrailingDivergence(500, Readiness.Ready, 10, 0.3, 0.3, 0.01) };

        Assert.Equal(
            [DriftPace.Gradual, DriftPace.Sudden], AlarmExplanation.Of(AlarmOf(), Evidence()).Windows.Select(state => state.Pace!.Value));
    }

    [Fact]
    public void The_window_furthest_above_explains_it()
    {
        Report("5m", 0.11);
        Report("1h", 0.5);
        Assert.Equal("1h", AlarmExplanation.Of(AlarmOf(), Evidence()).Now!.Window.Name);
    }

    [Fact]
    public void A_window_of_which_alarms_have_reported_some_says_by_what_it_is_decided()
    {
        Report("5m", 0.3);
        Report("1h", 0.5);
        var alarm = AlarmOf() with { First = Calibrated(0.3), Peak = Calibrated(0.3) };
        JudgedReport[] judged = [.. _reports.Select(report => new JudgedReport(report, [Calibrated(0.3)], []))];
        var left = new LeftOut(
            alarm.Series, alarm.Kind, alarm.Severity, _reports[1].Window.Window, 20 * 60_000, [Calibrated(0.01)]);

        var explanation = AlarmExplanation.Of(alarm, new AlarmEvidence(judged, [], 100, [left]));

        Assert.Equal([null, left], explanation.Windows.Select(window => window.LeftOut));
        Assert.EndsWith(", without 20m that alarms have reported: 0.0100 of 0.1000", AlarmText.Of(explanation).Windows);
    }

    /// <summary>
    /// <code>
    ///   24h   ──▇▇──────────▁    an hour of more 3s, repaired, then a sudden drift to 8s: as a whole, it shows the first one
    ///   5m                  ▁
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(new[] { 0.01 }, "8")]
    [InlineData(new double[0], "8")] // too little is left
    [InlineData(new[] { 0.5 }, "8")] // what is left has drifted, too: 24h is above, and shows more than that
    public void A_second_incident_is_explained_by_itself_and_not_by_the_first(double[] left, string moved)
    {
        Report("5m", 0.3, contributions: [new("8", 0.35, 0.25, 0.125)]);
        Report("24h", 0.9, contributions: [new("3", 0.95, 0.5, 0.125)]);
        Report("5m", 0.05, "a");
        Report("24h", 0.05, "a");
        Report("5m", 0.3, "b");
        Report("24h", 0.9, "b");
        _leftOut.AddRange(new[] { SeriesKey.All, "b" }.Select(segment => new LeftOut(
            new SeriesKey("m", segment), AlarmKind.OutputDrift, AlarmSeverity.Critical, Window("24h"), 3_600_000,
            [.. left.Select(Calibrated)])));

        var explanation = AlarmExplanation.Of(AlarmOf(), Evidence());

        Assert.Equal(("5m", 0.3), (explanation.Now!.Window.Name, explanation.Now.Value));
        Assert.Equal(moved, explanation.Report!.Contributions[0].Class);
        Assert.Equal(0.3 - 0.01, explanation.Effect);
        Assert.Equal([true, left is [> Threshold]], explanation.Windows.Select(state => state.Above));
        Assert.Equal(["b"], explanation.Slices);
        var over24h = AlarmExplanation.Of(AlarmOf() with { PeakWindow = Window("24h") }, Evidence()).Windows[1];
        Assert.Equal(0.9, over24h.Value); // its whole value stays visible
    }

    [Fact]
    public void A_window_is_above_by_what_is_left_of_it()
    {
        Report("24h", 0.05); // two opposite drifts, of which one has been reported
        _leftOut.Add(new LeftOut(
            new SeriesKey("m", SeriesKey.All), AlarmKind.OutputDrift, AlarmSeverity.Critical, Window("24h"), 3_600_000, [Calibrated(0.3)]));

        Assert.Equal((0.05, true), AlarmExplanation.Of(AlarmOf(), Evidence()).Now is { } now ? (now.Value!.Value, now.Above) : default);
    }

    [Fact]
    public void A_second_incident_of_a_policy_is_explained_by_itself_each_estimate_by_what_is_left_to_it()
    {
        Report("5m", 0.3);
        Report("24h", 0.9);
        var alarm = AlarmOf() with { Kind = AlarmKind.PolicyKl };
        Reading Of(Measure measure, double nats) => new(AlarmSeverity.Critical, measure, nats, Threshold, Budget);
        LeftOut Left(Measure measure) => new(alarm.Series, alarm.Kind, alarm.Severity, Window("24h"), 3_600_000, [Of(measure, 0.01)])
        {
            Stream = (int)measure,
        };
        WindowStanding Over24h(params LeftOut[] leftOut) => AlarmExplanation.Of(
            alarm,
            new AlarmEvidence(
                _reports.Select(report => new JudgedReport(
                    report with
                    {
                        Policy = [new(PolicyEstimate.K1, 0.9, 0.1), new(PolicyEstimate.K3, 0.2, 0.1)],
                        Window = report.Window with { Policy = new PolicySums(0, 500, 0, new Int128[5], new UInt128[5], new UInt128[5]) },
                    },
                    [], [Of(Measure.PolicyKlK1, 0.9), Of(Measure.PolicyKlK3, 0.2)])),
                [], 100, leftOut)).Windows[^1];

        Assert.Equal((Measure.PolicyKlK1, true), (Over24h().Measure, Over24h().Above));
        Assert.Equal((Measure.PolicyKlK3, true), (Over24h(Left(Measure.PolicyKlK1)).Measure, Over24h(Left(Measure.PolicyKlK1)).Above));
        Assert.False(Over24h(Left(Measure.PolicyKlK1), Left(Measure.PolicyKlK3)).Above);
    }

    [Fact]
    public void An_alarm_of_labels_is_explained_by_the_labels_own_time_which_decides()
    {
        Report("5m", 0.05);
        Label("5m", Attribution.LabelTime, 200, 1.5, accuracy: 0.8);
        Label("5m", Attribution.PredictionTime, 300, 4.5, accuracy: 0.4);
        var alarm = AlarmOf() with
        {
            Kind = AlarmKind.CrossEntropy,
            Above = [new AboveWindow(Window("5m"), 540_000, ToMs) { Stream = (int)Measure.CrossEntropyLabelTime }],
        };

        var byBudget = AlarmExplanation.Of(alarm, Evidence());

        Assert.Equal(
            [(Measure.CrossEntropyLabelTime, 540_000L)], byBudget.Windows.Select(state => (state.Measure, state.AboveSinceMs!.Value)));
        Assert.Equal((1.5, 200, 0.8), (byBudget.Now!.Value, byBudget.Labels.Events, byBudget.Labels.AccuracyRatio));

        var isFixed = new Reading(AlarmSeverity.Critical, Measure.CrossEntropyLabelTime, 1.5, LossThreshold, null);
        var byFixed = AlarmExplanation.Of(alarm with { First = isFixed, Peak = isFixed }, Evidence(budget: null));

        Assert.Equal(
            [(Measure.CrossEntropyLabelTime, 540_000L)], byFixed.Windows.Select(state => (state.Measure, state.AboveSinceMs!.Value)));
        Assert.Equal((1.5, 200), (byFixed.Now!.Value, byFixed.Labels.Events));
    }

    [Fact]
    public void Words_say_the_least_effect_that_is_worth_an_alarm_of_the_model()
    {
        Report("5m", 0.3);
        var evidence = new AlarmEvidence([.. _reports.Select(report => new JudgedReport(report, Readings(report), []))], [], 100)
        {
            SmallestEffect = model => new SmallestEffects(model == "m" ? 0.0125 : 1, 1, 1, 1),
        };
        var explanation = AlarmExplanation.Of(AlarmOf(), evidence);
        Assert.Equal(
            (0.0125, "0.2900 above the noise floor of 0.0100; an alarm needs at least 0.0125"),
            (explanation.SmallestEffect, AlarmText.Of(explanation).Effect));
    }

    [Fact]
    public void A_window_of_labels_that_is_not_complete_is_not_ready()
    {
        Label("5m", Attribution.LabelTime, 200, 1.5);
        _feedback[0] = _feedback[0] with { Complete = false };
        var explanation = AlarmExplanation.Of(AlarmOf() with { Kind = AlarmKind.CrossEntropy }, Evidence());
        Assert.False(Assert.Single(explanation.Windows).Ready);
    }

    private static Reading Calibrated(double nats) =>
        new(AlarmSeverity.Critical, Measure.KlLiveVsReference, nats, Threshold, new FalseAlarmBudget(1, 30 * 86_400_000L));

    [Theory]
    [InlineData(0.05, Measure.CusumLiveVsReference, 0.05)] // whether the drift is large, too
    [InlineData(0.3, Measure.KlLiveVsReference, null)]
    public void A_cusum_that_explains_it_has_the_divergence_beside_it(double divergence, Measure explains, double? beside)
    {
        Report("5m", divergence);
        Reading Critical(Measure measure, double nats) => new(AlarmSeverity.Critical, measure, nats, Threshold, Budget);
        var evidence = new AlarmEvidence(
            _reports.Select(report => new JudgedReport(
                report, [Critical(Measure.KlLiveVsReference, divergence), Critical(Measure.CusumLiveVsReference, 0.2)], [])),
            [], 100);

        var explanation = AlarmExplanation.Of(AlarmOf(), evidence);

        Assert.Equal(explains, explanation.Now!.Measure);
        Assert.Equal((beside, beside is null ? null : Threshold), (explanation.Divergence?.Value, explanation.Divergence?.Threshold));
    }

    [Theory]
    [InlineData("_all", "", "", "")] // no slice alone is above
    [InlineData("_all", "a", "a", "")]
    [InlineData("_all", "a,b,c", "", "")] // all of them
    [InlineData("a", "", "a", "")]
    [InlineData("a", "_all", "a", "_all")]
    [InlineData("a", "b", "a,b", "")]
    [InlineData("a", "_all,b,c", "", "_all")] // all of them
    public void Slices_are_named_unless_it_is_all_traffic(string segment, string othersAbove, string slices, string allAbove)
    {
        var above = othersAbove.Split(',', StringSplitOptions.RemoveEmptyEntries);
        foreach (var each in new[] { "_all", "a", "b", "c" })
        {
            Report("5m", each == segment || above.Contains(each) ? 0.3 : 0.05, each);
        }

        var explanation = AlarmExplanation.Of(AlarmOf(segment), Evidence());

        Assert.Equal(slices, string.Join(',', explanation.Slices));
        Assert.Equal(3, explanation.Segments.Length);
        Assert.Equal(
            allAbove, string.Join(
                ',',
                explanation.Segments.Where(state => state.Above && state.Series.Segment == "_all").Select(state => state.Series.Segment)));
    }

    [Fact]
    public void Alarms_of_one_moment_look_up_the_thresholds_of_a_window_once()
    {
        string[] segments = ["_all", .. Enumerable.Range(0, 300).Select(i => $"s{i}")];
        foreach (var segment in segments)
        {
            Report("5m", 0.3, segment);
            Report("1h", 0.2, segment);
        }

        Report("5m", 0.05, "quiet");
        var evidence = Evidence();
        var explanations = segments.Select(segment => AlarmExplanation.Of(AlarmOf(segment), evidence)).ToArray();

        Assert.All(
            explanations,
            explanation => Assert.Equal((301, 300), (explanation.Segments.Length, explanation.Segments.Count(state => state.Above))));
        Assert.Equal(_reports.Count, _lookUps);
    }

    [Fact]
    public void A_slice_that_is_not_ready_is_not_above()
    {
        Report("5m", 0.3);
        Report("5m", 0.3, "a", ready: false);
        Assert.Empty(AlarmExplanation.Of(AlarmOf(), Evidence()).Slices);
    }

    [Theory]
    [InlineData(200, 1.5, LabelVerdict.Confirmed)]
    [InlineData(200, 0.5, LabelVerdict.NotConfirmed)]
    [InlineData(99, 1.5, LabelVerdict.TooFewLabels)]
    [InlineData(0, 1.5, LabelVerdict.NoLabels)]
    public void Labels_confirm_it_or_do_not(long events, double crossEntropy, LabelVerdict verdict)
    {
        Report("5m", 0.3);
        Label("5m", Attribution.PredictionTime, events, crossEntropy);

        var labels = AlarmExplanation.Of(AlarmOf(), Evidence()).Labels;

        Assert.Equal(verdict, labels.Verdict);
        Assert.Equal(events, labels.Events);
        Assert.Equal(
            events > 0 ? (crossEntropy, 0.25, LossThreshold) : (null, null, (double?)null),
            (labels.CrossEntropyNats, labels.ExpectedCrossEntropyNats, labels.ThresholdNats));
    }

    [Fact]
    public void Labels_without_a_threshold_give_their_numbers_and_no_verdict()
    {
        Report("5m", 0.3);
        Label("5m", Attribution.LabelTime, 200, 1.5);

        var labels = AlarmExplanation.Of(AlarmOf(), Evidence(lossThreshold: null)).Labels;

        Assert.Equal((LabelVerdict.NoThreshold, 1.5, 0.25), (labels.Verdict, labels.CrossEntropyNats, labels.ExpectedCrossEntropyNats));
    }

    [Fact]
    public void Labels_of_the_same_window_and_the_predictions_time_go_first_when_there_are_enough()
    {
        Report("5m", 0.3);
        Label("5m", Attribution.PredictionTime, 20, 1.5);
        Label("5m", Attribution.LabelTime, 150, 1.25);
        Label("1h", Attribution.PredictionTime, 900, 0.5);
        Assert.Equal((Attribution.LabelTime, 150), (LabelsNow().Attribution, LabelsNow().Events));

        Label("5m", Attribution.PredictionTime, 120, 1.75);
        Assert.Equal((Attribution.PredictionTime, 120), (LabelsNow().Attribution, LabelsNow().Events));
    }

    [Fact]
    public void An_alarm_whose_windows_are_gone_still_says_how_far_it_went()
    {
        var explanation = AlarmExplanation.Of(AlarmOf(), Evidence());
        Assert.Null(explanation.Now);
        Assert.Equal(0.3, explanation.Alarm.Peak.Value);
        Assert.Empty(explanation.Windows);
    }

    [Fact]
    public void An_alarm_of_labels_is_explained_by_the_windows_of_labels()
    {
        Report("5m", 0.05);
        Label("5m", Attribution.LabelTime, 200, 1.5);
        Label("1h", Attribution.LabelTime, 200, 0.75);

        var explanation = AlarmExplanation.Of(AlarmOf() with { Kind = AlarmKind.CrossEntropy }, Evidence());

        Assert.Equal(
            [("5m", 1.5, true), ("1h", 0.75, false)],
            explanation.Windows.Select(state => (state.Window.Name, state.Value!.Value, state.Above)));
        Assert.Equal((LabelVerdict.Confirmed, Measure.CrossEntropyLabelTime), (explanation.Labels.Verdict, explanation.Now!.Measure));
        Assert.NotNull(explanation.Report);
        Assert.Null(explanation.NoiseFloorNats);
    }

    [Fact]
    public void Words_say_what_moved_from_what_to_what_since_when_and_what_labels_say()
    {
        Report("5m", 0.3, contributions: [new("3", 0.35, 0.25, 0.125), new("8", -0.05, 0.0625, 0.125)]);
        Label("5m", Attribution.PredictionTime, 200, 1.5, accuracy: 0.456);
        var alarm = AlarmOf() with { OnsetMs = 480_000, IsOnsetAtLeast = true };

        var text = AlarmText.Of(AlarmExplanation.Of(alarm, Evidence()));

        Assert.Equal(
            "3 is predicted 25.0 % of the time instead of 12.5 %, at least since 1970-01-01 00:08:00Z; accuracy 45.6 %.", text.Summary);
        Assert.Equal("3 is predicted 25.0 % of the time instead of 12.5 %, 8 6.3 % instead of 12.5 %", text.Moved);
        Assert.Equal("0.2900 above the noise floor of 0.0100; an alarm needs at least 0.001", text.Effect);
        Assert.Equal("at least since 1970-01-01 00:08:00Z, alarm since 1970-01-01 00:09:00Z", text.Onset);
        Assert.Equal("/runbooks/ModelOutputDriftCritical", text.Runbook);
        Assert.Equal(
            "Ended at 1970-01-01 00:10:00Z; now 3 is predicted 25.0 % of the time instead of 12.5 %; accuracy 45.6 %.",
            AlarmText.Of(AlarmExplanation.Of(alarm with { EndedMs = ToMs }, Evidence())).Summary);
    }

    [Fact]
    public void Words_say_what_labels_were_in_the_reference()
    {
        _withBaseline = true;
        Report("5m", 0.3, contributions: [new("3", 0.35, 0.25, 0.125)]);
        Label("5m", Attribution.LabelTime, 200, 0.7, accuracy: 0.456);
        AlarmText Text(AlarmKind kind) => AlarmText.Of(AlarmExplanation.Of(
            AlarmOf() with
            {
                Kind = kind,
                Above = [new AboveWindow(Window("5m"), 540_000, ToMs) { Stream = (int)Measure.ErrorRatioLabelTime }],
            },
            Evidence()));

        Assert.EndsWith(
            "since 1970-01-01 00:09:00Z; accuracy 45.6 %, was 94.7 %.", Text(AlarmKind.OutputDrift).Summary, StringComparison.Ordinal);
        var accuracy = Text(AlarmKind.Accuracy);
        Assert.Equal("critical: accuracy of m, segment _all", accuracy.Title);
        Assert.Equal("accuracy is 45.6 %, was 94.7 %, and may be 91.2 %, since 1970-01-01 00:09:00Z.", accuracy.Summary);
        Assert.Equal("49.1 points below the 94.7 % of the reference; an alarm needs at least 1", accuracy.Effect);
        Assert.Equal("error_ratio_label_time 54.4 % over 5m, threshold 8.8 % (budget 1 per 30d), 200 events", accuracy.Now);
        Assert.Equal("5m error_ratio_label_time 54.4 % of 8.8 % above since 1970-01-01 00:09:00Z", accuracy.Windows);
        Assert.Equal("/runbooks/ModelAccuracyCritical", accuracy.Runbook);
        var cost = Text(AlarmKind.CrossEntropy);
        Assert.Equal("a label costs 0.7000 nats, was 0.1800, and may cost 1.0000", cost.Moved);
        Assert.Equal("0.5200 above the 0.1800 of the reference; an alarm needs at least 0.02", cost.Effect);
        Assert.Equal(
            "confirmed: accuracy 45.6 %, was 94.7 %, threshold 91.2 %, cross-entropy 0.7000, was 0.1800, expected 0.2500, threshold "
            + "1.0000, "
            + "200 labels over 5m by label time",
            cost.Labels);
    }

    [Theory]
    [InlineData(0.92, 0.5, LabelVerdict.NotConfirmed)]
    [InlineData(0.91, 0.5, LabelVerdict.Confirmed)]
    [InlineData(0.92, 1.5, LabelVerdict.Confirmed)]
    public void Labels_confirm_an_alarm_by_what_they_cost_or_by_how_often_they_are_wrong(double accuracy, double cost, LabelVerdict verdict)
    {
        Report("5m", 0.3);
        Label("5m", Attribution.LabelTime, 200, cost, accuracy);
        var labels = LabelsNow();
        Assert.Equal((verdict, 0.9117), (labels.Verdict, Math.Round(labels.AccuracyThresholdRatio!.Value, 4)));
    }

    [Theory]
    [InlineData(0.85, 0.5, LabelVerdict.NotConfirmed)] // 9.7 points
    [InlineData(0.74, 0.5, LabelVerdict.Confirmed)] // 20.7
    [InlineData(0.85, 1.1, LabelVerdict.NotConfirmed)] // above what it may cost, by 0.92 nats
    [InlineData(0.85, 1.3, LabelVerdict.Confirmed)]
    public void Labels_confirm_an_alarm_by_no_less_than_is_worth_one(double accuracy, double cost, LabelVerdict verdict)
    {
        _withBaseline = true;
        Report("5m", 0.3);
        Label("5m", Attribution.LabelTime, 200, cost, accuracy);
        var evidence = Evidence(_ => SmallestEffects.Default with { Accuracy = 0.2, CrossEntropyNats = 1 });
        Assert.Equal(verdict, AlarmExplanation.Of(AlarmOf(), evidence).Labels.Verdict);
    }

    [Theory]
    [InlineData(AlarmKind.CrossEntropy, "a label costs 1.5000 nats and may cost 1.0000")]
    [InlineData(AlarmKind.PolicyKl, "the policy is 0.3000 nats from its reference policy and may be 0.1000")]
    [InlineData(AlarmKind.OutputDrift, "the outputs are 0.3000 nats from their reference")]
    public void Words_of_an_alarm_without_classes_are_of_its_value(AlarmKind kind, string moved)
    {
        Report("5m", 0.3);
        Label("5m", Attribution.LabelTime, 200, 1.5);
        var text = AlarmText.Of(AlarmExplanation.Of(AlarmOf() with { Kind = kind }, Evidence()));
        Assert.Equal((moved, $"{moved}, since 1970-01-01 00:09:00Z."), (text.Moved, text.Summary));
    }

    private LabelEvidence LabelsNow() => AlarmExplanation.Of(AlarmOf(), Evidence()).Labels;

    private static Alarm AlarmOf(string segment = SeriesKey.All)
    {
        var (reading, window) = (new Reading(AlarmSeverity.Critical, Measure.KlLiveVsReference, 0.3, Threshold, Budget), Window("5m"));
        return new Alarm(
            new SeriesKey("m", segment), AlarmKind.OutputDrift, AlarmSeverity.Critical, 540_000, null, reading, window, reading, window,
            ToMs, ["5m"])
        {
            Above = [new AboveWindow(window, 540_000, ToMs)],
        };
    }

    private AlarmEvidence Evidence(double? lossThreshold = LossThreshold) => Evidence(Budget, lossThreshold);

    private AlarmEvidence Evidence(Func<string, SmallestEffects> effects) => Evidence(Budget, LossThreshold, effects);

    private AlarmEvidence Evidence(
        FalseAlarmBudget? budget, double? lossThreshold = LossThreshold, Func<string, SmallestEffects>? effects = null) => new(
        [.. _reports.Select(report => new JudgedReport(report, Readings(report), []))],
        _feedback.Select(labels => new JudgedLabels(
            labels,
            lossThreshold is { } nats
                ? [
                    new(
                        AlarmSeverity.Critical, Measures.CrossEntropy(labels.Attribution), labels.Measures.CrossEntropyNats!.Value, nats,
                        budget)]
                : [],
            labels.Measures.ErrorRatio is { } errors
                ? [new(AlarmSeverity.Critical, Measures.ErrorRatio(labels.Attribution), errors, 0.0883, budget)]
                : [])
        {
            CrossEntropyBaselineNats = _withBaseline ? 0.18 : null,
            AccuracyBaselineRatio = _withBaseline ? 0.947 : null,
        }),
        minimumEvents: 100,
        _leftOut)
        {
            SmallestEffect = effects ?? (_ => SmallestEffects.Default),
        };

    private ImmutableArray<Reading> Readings(DriftReport report)
    {
        _lookUps++;
        var nats = report.Divergences!.Value.KlLiveVsReferenceNats;
        return
        [
            new(AlarmSeverity.Warning, Measure.KlLiveVsReference, nats, Threshold / 2, null),
            new(AlarmSeverity.Critical, Measure.KlLiveVsReference, nats, Threshold, Budget),
        ];
    }

    private void Report(
        string window, double nats, string segment = SeriesKey.All, bool ready = true,
        ImmutableArray<ClassContribution> contributions = default) => _reports.Add(new DriftReport(
        new LiveWindow(
            new SeriesKey("m", segment), Window(window), ToMs, new PaneClasses("c", ModelClasses.Configured, null), 500, [], ready, ToMs,
            Retired: false),
        ready ? Readiness.Ready : Readiness.Incomplete,
        0.5,
        null,
        new Divergences(nats, 0.01, 0, 0, 0, 0, NoiseFloorNats: 0.01, 0),
        contributions.IsDefault ? [] : contributions,
        0));

    private void Label(string window, Attribution attribution, long events, double crossEntropy, double? accuracy = null)
    {
        _feedback.RemoveAll(labels => labels.Window == Window(window) && labels.Attribution == attribution);
        _feedback.Add(new FeedbackWindow(
            new SeriesKey("m", SeriesKey.All), Window(window), attribution, ToMs,
            new FeedbackMeasures(events, 0, crossEntropy, 0.25, null, accuracy, null, null, null, [])));
    }

    private static WindowSpec Window(string length) =>
        Given.Window($"{length}/{(length == "24h" ? "10m" : length == "1h" ? "1m" : "10s")}");
}
