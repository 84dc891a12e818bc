using System.Collections.Immutable;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Tests.Commands;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Tests.Alarms;

/// <summary>
/// A window of which the CUSUM alone is above its threshold, from the alarm to what is told of it. There is a budget for warnings, and no
/// other threshold.
/// </summary>
public sealed class CusumAlarmTests
{
    private static readonly AlarmSettings Settings = new(
        new ConfiguredThresholds(new(null, null, new FalseAlarmBudget(1, 30 * 86_400_000L)), default, default),
        ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty);

    private readonly ReferenceSnapshot _reference = Calibrated.Reference();
    private readonly Calibrations _calibrations = new(pseudoEvents: 1, DriftMonitorConsole.Kept);
    private readonly ThresholdsInForce _source;
    private readonly AlarmWatch _watch;

    public CusumAlarmTests()
    {
        _calibrations.Use(ReferenceSet.Latest([_reference]));
        _source = new ThresholdsInForce(Settings, [Calibrated.Window], minimumEvents: 100, _calibrations);
        _watch = new AlarmWatch(_source, new DriftEvaluator(new EvaluationSettings()));
    }

    [Fact]
    public void It_is_an_alarm_though_both_divergences_are_below_theirs()
    {
        Assert.Empty(_watch.Note(Report(kl: 0.9, cusum: 0.9)));

        var begun = Assert.Single(_watch.Note(Report(kl: 0.9, cusum: 1.25, secondsLater: 10)));

        Assert.Equal(
            (AlarmKind.OutputDrift, AlarmSeverity.Warning, true, Measure.CusumLiveVsReference),
            (begun.Kind, begun.Severity, begun.Calibrated, begun.First.Measure));
        Assert.Equal(1.25, begun.First.Ratio, 1e-9);
        Assert.Empty(_watch.Note(Report(kl: 1.5, cusum: 0.9, secondsLater: 20))); // the same alarm, now by a divergence
        Assert.Equal(Measure.KlLiveVsReference, Assert.Single(_watch.Active).Peak.Measure);
        var repaired = Report(kl: 0.9, cusum: 0.9, secondsLater: 320); // all panes are new
        repaired = repaired with
        {
            Report = repaired.Report with { Window = repaired.Report.Window with { Panes = Calibrated.Panes(1_500, catShare: 0.5) } },
        };
        Assert.NotNull(Assert.Single(_watch.Note(repaired)).EndedMs);
    }

    [Fact]
    public void An_alarm_ends_when_its_reference_is_withdrawn()
    {
        Assert.Single(_watch.Note(Report(kl: 0.9, cusum: 1.25)));
        var without = Report(kl: 0.9, cusum: 1.25, secondsLater: 10).Report with { Reference = null, Divergences = null };
        Assert.Empty(_watch.Note(_source.Judge(without))); // it has not been compared with the new set yet
        _calibrations.Use(ReferenceSet.Empty);
        Assert.NotNull(Assert.Single(_watch.Note(_source.Judge(without))).EndedMs);
        Assert.Empty(_watch.Active);
        Assert.Empty(_watch.Note(_source.Judge(without)));
    }

    [Fact]
    public void An_alarm_ends_when_the_model_has_other_classes_than_its_reference()
    {
        Assert.Single(_watch.Note(Report(kl: 0.9, cusum: 1.25)));
        var other = Report(kl: 0.9, cusum: 1.25, secondsLater: 10).Report with { Reference = null, Divergences = null };
        other = other with { Window = other.Window with { Classes = other.Window.Classes with { SpaceId = "other" } } };
        Assert.NotNull(Assert.Single(_watch.Note(_source.Judge(other))).EndedMs);
    }

    /// <summary>
    /// A replica starts while files cannot be read, then they can, and its windows are compared with them one after the other.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_alarm_goes_on_while_nobody_knows_its_reference(bool isFixed)
    {
        var settings = !isFixed ? Settings : Settings with
        {
            General = new ConfiguredThresholds(new(null, 1e-4), default, default),
        };
        var (first, _) = Start(settings, _calibrations);
        first.Note(Judged(settings, _calibrations, 0));
        first.Note(Judged(settings, _calibrations, 300));
        Assert.Equal(!isFixed, Assert.Single(first.Active).Calibrated);

        var calibrations = new Calibrations(pseudoEvents: 1, DriftMonitorConsole.Kept);
        calibrations.Use(ReferenceSet.Empty with { IsComplete = false });
        var (second, thresholds) = Start(settings, calibrations);
        Assert.True(second.Restore(first.Save("m")));
        Assert.Empty(second.Note(thresholds.Judge(Without(310))));
        calibrations.Use(ReferenceSet.Latest([_reference]));
        Assert.Empty(second.Note(thresholds.Judge(Without(320))));
        Assert.Empty(second.Note(Judged(settings, calibrations, 330)));
        Assert.Single(second.Active);

        calibrations.Use(ReferenceSet.Empty with { IsComplete = false }); // its file is gone, whatever else cannot be read
        Assert.NotNull(Assert.Single(second.Note(thresholds.Judge(Without(340)))).EndedMs);

        DriftReport Without(int secondsLater) =>
            Judged(settings, calibrations, secondsLater).Report with { Reference = null, Divergences = null };
    }

    private static (AlarmWatch Watch, ThresholdsInForce Thresholds) Start(AlarmSettings settings, Calibrations calibrations)
    {
        var thresholds = new ThresholdsInForce(settings, [Calibrated.Window], minimumEvents: 100, calibrations);
        return (new AlarmWatch(thresholds, new DriftEvaluator(new EvaluationSettings())), thresholds);
    }

    private JudgedReport Judged(AlarmSettings settings, Calibrations calibrations, int secondsLater) =>
        new ThresholdsInForce(settings, [Calibrated.Window], minimumEvents: 100, calibrations)
            .Judge(Report(kl: 1.5, cusum: 1.25, secondsLater).Report);

    [Fact]
    public void An_alarm_ends_when_there_has_been_no_traffic_for_its_windows_length()
    {
        Assert.Single(_watch.Note(Report(kl: 0.9, cusum: 1.25)));
        Assert.Empty(_watch.Note(Empty(Report(kl: 0.9, cusum: 1.25, secondsLater: 150), panes: 15)));
        Assert.NotNull(Assert.Single(_watch.Note(Empty(Report(kl: 0.9, cusum: 1.25, secondsLater: 300), panes: 30))).EndedMs);

        static JudgedReport Empty(JudgedReport judged, int panes)
        {
            var counted = Enumerable.Range(0, 30).Select(pane => pane < 30 - panes).ToArray();
            var window = judged.Report.Window;
            var all = window.Panes!;
            var left = new DriftMonitor.Windows.WindowPanes(
                [.. all.Events.Select((events, pane) => counted[pane] ? events : 0)],
                [.. all.Mass.Select((mass, i) => counted[i / all.Cells] ? mass : 0)]);
            return new JudgedReport(
                judged.Report with { Window = window with { Panes = left }, Readiness = Readiness.TooFewEvents }, [], []);
        }
    }

    /// <summary>What is shown is judged again when a calibration is done, and keeps no panes.</summary>
    [Fact]
    public void A_policy_alarm_that_is_judged_again_without_panes_is_the_same_and_ends()
    {
        var reference = Calibrated.Reference(false, [PolicyEstimate.K1]);
        var calibrations = new Calibrations(pseudoEvents: 1, DriftMonitorConsole.Kept);
        calibrations.Use(ReferenceSet.Latest([reference]));
        var source = new ThresholdsInForce(
            new AlarmSettings(
                new ConfiguredThresholds(default, default, new(null, null, new FalseAlarmBudget(1, 30 * 86_400_000L))),
                ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty),
            [Calibrated.Window], minimumEvents: 100, calibrations);
        var watch = new AlarmWatch(source, new DriftEvaluator(new EvaluationSettings()));
        JudgedReport Policy(double nats, int secondsLater)
        {
            var report = Calibrated.Report(reference, policy: [new PolicyDivergence(PolicyEstimate.K1, nats, null)]);
            foreach (ref var pane in report.Window.Panes!.Policy.AsSpan())
            {
                pane = new PolicySums();
                for (var i = 0; i < 10; i++)
                {
                    pane.Add(DriftMonitor.Divergence.SampledKullbackLeibler.Of(-1, -1 - nats));
                }
            }

            return source.Judge(
                report with { Window = report.Window with { ToMs = report.Window.ToMs + (secondsLater * 1_000) } });
        }

        var above = Policy(nats: 1, secondsLater: 0);
        Assert.Equal(AlarmKind.PolicyKl, Assert.Single(watch.Note(above)).Kind);
        Assert.Empty(watch.Note(above.WithoutPanes()));
        Assert.NotNull(Assert.Single(watch.Note(Policy(nats: 0, secondsLater: 300))).EndedMs);
        Assert.Empty(watch.Active);
    }

    /// <summary>Exact events of two policies are many, and those that are sampled two: their mean is chance.</summary>
    [Fact]
    public void An_estimate_of_policies_needs_events_of_its_own()
    {
        var settings = Settings with { General = new ConfiguredThresholds(default, default, new(null, 0.1)) };
        var (watch, thresholds) = Start(settings, _calibrations);
        var report = Calibrated.Report(_reference, policy: [new(PolicyEstimate.K1, 5, null), new(PolicyEstimate.K3, 5, null)]);
        var policies = new PolicySums();
        for (var i = 0; i < 500; i++)
        {
            policies.Add(DriftMonitor.Divergence.PairedKullbackLeibler.Of([0.5, 0.5], [0.5, 0.5]));
        }

        policies.Add(DriftMonitor.Divergence.SampledKullbackLeibler.Of(-1, -6));
        foreach (var minutes in new[] { 0, 5, 10 })
        {
            var at = report with
            {
                Window = report.Window with { Policy = policies, ToMs = report.Window.ToMs + (minutes * 60_000) },
            };
            Assert.Empty(watch.Note(thresholds.Judge(at)));
        }
    }

    [Fact]
    public void What_is_told_has_the_divergence_beside_it_with_its_own_threshold()
    {
        var report = Report(kl: 0.5, cusum: 1.25);
        var alarm = Assert.Single(_watch.Note(report));

        var explanation = AlarmExplanation.Of(
            alarm, new AlarmEvidence([report], [], 100));

        static string Nats(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
        var (cusum, threshold, kl) = (
            Nats(alarm.First.Value), Nats(alarm.First.Threshold), report.Report.Divergences!.Value.KlLiveVsReferenceNats);
        Assert.Equal(
            $"""
            warning: output drift of m, segment _all
            cat is predicted 52.0 % of the time instead of 50.0 %, at least since 2026-01-01 00:00:00Z.
              moved: cat is predicted 52.0 % of the time instead of 50.0 %, dog 48.0 % instead of 50.0 %
              effect: {Nats(kl - 0.0003)} above the noise floor of 3.00e-4; an alarm needs at least 0.001
              onset: at least since 2026-01-01 00:00:00Z, alarm since 2026-01-01 00:05:00Z
              peak: cusum_live_vs_reference {cusum} over 5m at 2026-01-01 00:05:00Z, threshold {threshold}
              now: cusum_live_vs_reference {cusum} over 5m, threshold {threshold} (budget 1 per 30d), kl_live_vs_reference {Nats(kl)} of {Nats(2 * kl)}, 1500 events, reference {_reference.Id} version 1
              windows: 5m cusum_live_vs_reference {cusum} of {threshold} above since 2026-01-01 00:05:00Z
              segments: all traffic
              pace: unknown
              labels: no labels
              link: /alarm?model=m&segment=_all&window=5m&kind=output_drift&severity=warning&from=2026-01-01T00:00:00Z
              runbook: /runbooks/ModelOutputDriftWarning
            """,
            AlarmText.Of(explanation).ToString(),
            ignoreLineEndingDifferences: true);
        Assert.Equal(("kl_live_vs_reference", kl, 2 * kl), Divergence(explanation));
    }

    private static (string Measure, double Nats, double Threshold) Divergence(AlarmExplanation explanation)
    {
        var divergence = MonitorJson.Of(AlarmDetail.Of(explanation, ModelOwner.Nobody))["explanation"]!["divergence"]!;
        return ((string)divergence["measure"]!, (double)divergence["value"]!, (double)divergence["threshold"]!);
    }

    /// <summary>A report with values that are so many times their thresholds.</summary>
    private JudgedReport Report(double kl, double cusum, int secondsLater = 0)
    {
        var report = Calibrated.Report(_reference);
        var thresholds = _source.Judge(report).Drift.ToDictionary(reading => reading.Measure, reading => reading.Threshold);
        return _source.Judge(report with
        {
            Window = report.Window with { ToMs = report.Window.ToMs + (secondsLater * 1_000) },
            Divergences = report.Divergences!.Value with
            {
                KlLiveVsReferenceNats = kl * thresholds[Measure.KlLiveVsReference],
                KlReferenceVsLiveNats = kl * thresholds[Measure.KlReferenceVsLive],
                CusumNats = cusum * thresholds[Measure.CusumLiveVsReference],
                NoiseFloorNats = 0.0003,
            },
            Trailing = null,
            Contributions = [new ClassContribution("cat", 0.03, 0.52, 0.5), new ClassContribution("dog", -0.02, 0.48, 0.5)],
        });
    }
}
