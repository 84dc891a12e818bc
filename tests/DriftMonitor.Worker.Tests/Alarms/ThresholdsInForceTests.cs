using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Alarms;

public sealed class ThresholdsInForceTests
{
    private const int Windows = 3;
    private const long Day = 86_400_000;

    private static readonly ImmutableArray<WindowSpec> Three = [.. Enumerable.Repeat(Calibrated.Window, Windows)];

    private static readonly FalseAlarmBudget Budget = new(1, 30 * Day);

    /// <summary>Warnings are fixed, critical alarms have the budget.</summary>
    private static readonly AlarmSettings Settings = new(
        new ConfiguredThresholds(new(0.05, 0.125, null, Budget), new(0.75, 2, null, Budget), new(0.0625, 0.25, null, Budget)),
        ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty);

    private readonly Calibrations _calibrations = new(pseudoEvents: 1);
    private readonly Queue<CalibrationRequest> _requests = new();

    [Fact]
    public void A_fixed_threshold_is_read_beside_both_directions()
    {
        var readings = Source().Judge(Calibrated.Report(null)).Drift;
        Assert.Equal(
            [
                new(AlarmSeverity.Warning, Measure.KlLiveVsReference, 0.25, 0.05, null),
                new(AlarmSeverity.Warning, Measure.KlReferenceVsLive, 0.375, 0.05, null),
            ],
            readings);
    }

    [Theory]
    [InlineData("_all", 0.5)]
    [InlineData("eu", 0.5)]
    public void A_calibrated_threshold_is_that_of_the_windows_count_and_share(string segment, double half)
    {
        var reference = Use(Calibrated.Reference());
        var share = new FalseAlarmBudget(half / Windows, 30 * Day);
        foreach (var events in new[] { 1_500, 3_000 })
        {
            var expected = new DriftCalibration(reference, segment, 1).Thresholds(Calibrated.Window, events, share, withCusum: false);

            var readings = Critical(Source().Judge(Calibrated.Report(reference, segment, events)).Drift);

            Assert.Equal(
                [
                    (Measure.KlLiveVsReference, 0.25, Budget), (Measure.KlReferenceVsLive, 0.375, Budget)],
                readings.Select(reading => (reading.Measure, reading.Value, reading.Budget!.Value)));
            Assert.Equal(expected.KlLiveVsReferenceNats, readings[0].Threshold, 1e-9);
            Assert.Equal(expected.KlReferenceVsLiveNats, readings[1].Threshold, 1e-9);
        }
    }

    [Fact]
    public void A_report_without_a_cusum_has_no_reading_of_one()
    {
        var report = Calibrated.Report(Use(Calibrated.Reference()));
        report = report with { Divergences = report.Divergences!.Value with { CusumNats = double.NaN } };
        Assert.Equal(
            [Measure.KlLiveVsReference, Measure.KlReferenceVsLive],
            Critical(Source().Judge(report).Drift).Select(reading => reading.Measure));
    }

    [Fact]
    public void A_window_of_fewer_than_ten_panes_has_no_threshold_of_a_cusum()
    {
        Assert.True(WindowSpec.TryParse("90s/10s", out var ninePanes, out _));
        var report = Calibrated.Report(Use(Calibrated.Reference()), events: 450);
        report = report with { Window = report.Window with { Window = ninePanes } };
        Assert.Equal(
            [Measure.KlLiveVsReference, Measure.KlReferenceVsLive],
            Critical(Source().Judge(report).Drift).Select(reading => reading.Measure));
    }

    [Fact]
    public void A_window_that_is_not_ready_has_no_calibrated_threshold_and_asks_for_none()
    {
        var reference = Use(Calibrated.Reference());
        Assert.Empty(Critical(Source(later: true).Judge(Calibrated.Report(reference, ready: false)).Drift));
        Assert.Empty(_requests);
    }

    [Fact]
    public void A_report_of_a_reference_that_is_no_longer_in_use_has_no_calibrated_threshold()
    {
        var old = Calibrated.Reference();
        Use(Reported.Reference("m", version: 2));
        Assert.Empty(Critical(Source().Judge(Calibrated.Report(old)).Drift));
    }

    [Fact]
    public void What_is_not_there_yet_is_asked_for_and_fixed_thresholds_hold_until_it_is()
    {
        var reference = Use(Calibrated.Reference(withLosses: true, [PolicyEstimate.K1], withErrors: true));
        var source = Source(later: true);
        ImmutableArray<Reading> All()
        {
            var report = Calibrated.Report(reference, policy: [new PolicyDivergence(PolicyEstimate.K1, 0.125, null)]);
            report = report with { Divergences = report.Divergences!.Value with { NoiseFloorNats = 0.03125 } };
            var (judged, labels) = (source.Judge(report), source.Judge(Calibrated.Labels(0.5, accuracy: 0.9)));
            Assert.Equal((_requests.Count > 0, _requests.Count > 0), (judged.IsPending, labels.IsPending));
            return [.. Critical([.. judged.Drift, .. judged.Policy, .. labels.CrossEntropy, .. labels.Errors])];
        }

        Assert.Equal(
            [
                new(AlarmSeverity.Critical, Measure.KlLiveVsReference, 0.25, 0.125 + 0.03125, null),
                new(AlarmSeverity.Critical, Measure.KlReferenceVsLive, 0.375, 0.125 + 0.03125, null),
                new(AlarmSeverity.Critical, Measure.PolicyKlK1, 0.125, 0.25, null),
                new(AlarmSeverity.Critical, Measure.CrossEntropyLabelTime, 0.5, 2, null),
            ],
            All());
        Assert.Equal(
            ["m/_all drift", "m/_all policy_kl_k1", "m/_all cross_entropy", "m/_all error_ratio"],
            _requests.Select(request => request.Subject));
        while (_requests.TryDequeue(out var request))
        {
            request.Prepare();
        }

        Assert.Equal(
            [
                (Measure.KlLiveVsReference, Budget), (Measure.KlReferenceVsLive, Budget), (Measure.PolicyKlK1, Budget),
                (Measure.CrossEntropyLabelTime, Budget), (Measure.ErrorRatioLabelTime, Budget)],
            All().Select(reading => (reading.Measure, reading.Budget!.Value)));
        Assert.Empty(_requests);
    }

    [Fact]
    public void Labels_and_policies_are_calibrated_where_the_reference_has_them()
    {
        var reference = Use(Calibrated.Reference(withLosses: true, [PolicyEstimate.K1, PolicyEstimate.K3]));
        ImmutableArray<PolicyDivergence> policy = [new(PolicyEstimate.K1, 0.125, null), new(PolicyEstimate.K2, 0.125, null)];
        var ofLabels = new FalseAlarmBudget(1.0 / 3 / Windows, 30 * Day);
        var ofPolicy = new FalseAlarmBudget(1.0 / 3 / Windows / 2, 30 * Day);

        var labels = Assert.Single(Critical(Source().Judge(Calibrated.Labels(0.5)).CrossEntropy));
        var policies = Critical(Source().Judge(Calibrated.Report(reference, policy: policy)).Policy);

        Assert.Equal((Budget, 0.5), (labels.Budget, labels.Value));
        Assert.Equal(
            new MeanCalibration(reference.Losses!).Threshold(Calibrated.Window, 1_000, ofLabels),
            labels.Threshold, 1e-9);
        Assert.Equal(
            [(Measure.PolicyKlK1, Budget), (Measure.PolicyKlK2, null)], policies.Select(reading => (reading.Measure, reading.Budget)));
        Assert.Equal(
            new MeanCalibration(reference.Policies[PolicyEstimate.K1]).Threshold(Calibrated.Window, 200, ofPolicy),
            policies[0].Threshold, 1e-9);
        Assert.Equal(0.25, policies[1].Threshold); // the reference knows no k2: what is fixed stays
    }

    /// <summary>It shares the labels' part of the budget with cross-entropy, by whichever time; a segment has none.</summary>
    [Fact]
    public void Accuracy_is_calibrated_where_the_reference_has_it()
    {
        var reference = Use(Calibrated.Reference(withLosses: true, withErrors: true));
        var half = new FalseAlarmBudget(1.0 / 2 / Windows / 2, 30 * Day);

        var judged = Source().Judge(Calibrated.Labels(0.5, accuracy: 0.75));

        Assert.Equal((0.5, 0.94), (judged.CrossEntropyBaselineNats!.Value, Math.Round(judged.AccuracyBaselineRatio!.Value, 12)));
        var reading = Assert.Single(judged.Errors); // warnings have no budget, and there are no fixed thresholds
        Assert.Equal((Measure.ErrorRatioLabelTime, Budget, 0.25), (reading.Measure, reading.Budget, reading.Value));
        Assert.Equal(
            new MeanCalibration(reference.Errors!).Threshold(Calibrated.Window, 1_000, half),
            reading.Threshold, 1e-12);
        var byPredictions = Source().Judge(Calibrated.Labels(0.5, accuracy: 0.75) with { Attribution = Attribution.PredictionTime });
        Assert.Equal(
            (Measure.ErrorRatioPredictionTime, reading.Threshold),
            (Assert.Single(byPredictions.Errors).Measure, byPredictions.Errors[0].Threshold));
        var segment = Source().Judge(Calibrated.Labels(0.5, segment: "eu", accuracy: 0.75));
        Assert.Empty(segment.Errors);
        Assert.Null(segment.AccuracyBaselineRatio);
        Assert.Empty(Source().Judge(Calibrated.Labels(0.5, events: 99, accuracy: 0.75)).Errors);
    }

    [Fact]
    public void Fixed_thresholds_stay_where_there_is_nothing_to_calibrate_with()
    {
        var reference = Use(Calibrated.Reference());
        Assert.Equal((2, null), ThresholdOf(Source().Judge(Calibrated.Labels(0.5)).CrossEntropy));
        Assert.Equal(
            (0.25, null),
            ThresholdOf(
                Source().Judge(Calibrated.Report(reference, policy: [new PolicyDivergence(PolicyEstimate.K1, 0.125, null)])).Policy));
    }

    [Fact]
    public void Labels_of_a_slice_keep_their_fixed_threshold()
    {
        Use(Calibrated.Reference(withLosses: true));
        Assert.Equal((2, null), ThresholdOf(Source().Judge(Calibrated.Labels(0.5, segment: "eu")).CrossEntropy));
    }

    [Fact]
    public void Too_few_labels_have_no_calibrated_threshold()
    {
        Use(Calibrated.Reference(withLosses: true));
        Assert.Empty(Critical(Source().Judge(Calibrated.Labels(0.5, events: 99)).CrossEntropy));
    }

    [Fact]
    public void A_budget_is_in_force_where_the_reference_can_calibrate_what_it_is_for()
    {
        var onlyLabels = new AlarmSettings(
            new ConfiguredThresholds(default, new(null, null, Budget), default), ImmutableSortedDictionary<string,
            ConfiguredThresholds>.Empty);
        var source = new ThresholdsInForce(onlyLabels, Three, 100, _calibrations);
        Assert.Null(source.Budget(Calibrated.Reference(), AlarmSeverity.Warning));
        Assert.Equal(Budget, source.Budget(Calibrated.Reference(withLosses: true), AlarmSeverity.Warning));
        Assert.Null(source.Budget(Calibrated.Reference(withLosses: true), AlarmSeverity.Critical));
        Assert.Equal(Budget, source.Budget(Calibrated.Reference(withErrors: true), AlarmSeverity.Warning));
    }

    [Fact]
    public void What_was_worked_out_stays_while_its_reference_is_in_use()
    {
        Use(Calibrated.Reference());
        var before = _calibrations.Of("m")!.Drift("eu");
        var share = _calibrations.Of("m")!.Share(Windows, drift: true, crossEntropy: true, policy: true, accuracy: true);
        Assert.NotSame(share, _calibrations.Of("m")!.Share(Windows, drift: true, crossEntropy: false, policy: true, accuracy: true));

        Use(Calibrated.Reference()); // read anew, the same content
        Assert.Same(before, _calibrations.Of("m")!.Drift("eu"));
        Assert.Same(share, _calibrations.Of("m")!.Share(Windows, drift: true, crossEntropy: true, policy: true, accuracy: true));
        _calibrations.Use(ReferenceSet.Empty);

        Assert.Null(_calibrations.Of("m"));
    }

    /// <summary>An hour of 18,000 events is too little for windows of an hour, and for windows of 60,000 events.</summary>
    [Theory]
    [InlineData(false, "1h/10s", 2_000)]
    [InlineData(true, "1h/10s", 2_000)]
    [InlineData(false, "5m/10s", 60_000)]
    [InlineData(true, "5m/10s", 60_000)]
    public void A_window_that_the_reference_has_too_little_for_keeps_its_fixed_threshold(bool later, string window, long events)
    {
        Assert.True(WindowSpec.TryParse(window, out var spec, out _));
        var report = Calibrated.Report(Use(Calibrated.Reference()), events: events);
        report = report with
        {
            Window = report.Window with { Window = spec },
            Divergences = report.Divergences!.Value with { NoiseFloorNats = 0.03125 },
        };
        var source = Source(later);
        if (later)
        {
            Assert.True(source.Judge(report).IsPending);
            Assert.NotEmpty(_requests.Dequeue().Prepare());
            _requests.Clear();
        }

        var judged = source.Judge(report);

        Assert.Equal((true, false, 0), (judged.IsUnsupported, judged.IsPending, _requests.Count));
        Assert.Equal([(0.15625, null), (0.15625, null)], Critical(judged.Drift).Select(reading => (reading.Threshold, reading.Budget)));
        Assert.False(_calibrations.Of("m")!.MadeDrift("_all")!.IsPrepared(spec, events)); // nothing was simulated for it
    }

    /// <summary>Traffic that has grown beyond what the reference tells of is asked for once, so that somebody is told.</summary>
    [Fact]
    public void A_window_that_grows_beyond_its_reference_is_told_of_once()
    {
        var reference = Use(Calibrated.Reference());
        var source = Source(later: true);
        source.Judge(Calibrated.Report(reference));
        Assert.Empty(_requests.Dequeue().Prepare());
        _requests.Clear();
        Assert.Equal((false, false), Lacks(1_500));

        Assert.Equal((true, false), Lacks(60_000));
        Assert.Equal((true, false), Lacks(61_000));
        Assert.NotEmpty(Assert.Single(_requests).Prepare());
        Assert.Equal((true, false), Lacks(40_000));
        Assert.Single(_requests);
        Assert.Equal((false, false), Lacks(1_500)); // and when it has shrunk again, it has the budget that it had

        (bool, bool) Lacks(long events) =>
            source.Judge(Calibrated.Report(reference, events: events)) is var judged
                ? (judged.IsUnsupported, judged.IsPending)
                : default;
    }

    /// <summary>A policy's baseline that is too small says nothing of a model that is watched by its outputs.</summary>
    [Fact]
    public void A_model_of_outputs_is_not_unsupported_by_its_policy()
    {
        var reference = Use(Calibrated.Reference(estimates: [PolicyEstimate.K1]));
        var report = Calibrated.Report(reference, policy: [new PolicyDivergence(PolicyEstimate.K1, 0.125, null)]);
        Assert.True(WindowSpec.TryParse("1h/10s", out var hour, out _));
        report = report with { Window = report.Window with { Window = hour } };

        Assert.True(Source().Judge(report).IsUnsupported); // by its outputs
        Assert.True(Source().Judge(report with { Window = report.Window with { Events = 0 }, Divergences = null }).IsUnsupported);
        Assert.False(Source().Judge(report with { Divergences = null }).IsUnsupported);
    }

    private ReferenceSnapshot Use(ReferenceSnapshot reference)
    {
        _calibrations.Use(ReferenceSet.Latest([reference]));
        return reference;
    }

    private ThresholdsInForce Source(bool later = false) => new(Settings, Three, 100, _calibrations, later ? _requests.Enqueue : null);

    private static ImmutableArray<Reading> Critical(ImmutableArray<Reading> readings) =>
        [.. readings.Where(reading => reading.Severity == AlarmSeverity.Critical)];

    private static (double Nats, FalseAlarmBudget? Budget) ThresholdOf(ImmutableArray<Reading> readings) =>
        Assert.Single(Critical(readings)) is var reading ? (reading.Threshold, reading.Budget) : default;
}
