using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Alarms;

/// <summary>What labels cost may go up and down by itself: what an alarm leaves of a window does not begin the next one.</summary>
public sealed class PartOfLabelsTests
{
    private const int DriftFrom = (5 * SimulatedCosts.PanesAnHour) + (SimulatedCosts.PanesAnHour / 2); // when costs go down by themselves
    private const int DriftTo = DriftFrom + (SimulatedCosts.PanesAnHour / 2);
    private static readonly ImmutableArray<WindowSpec> Windows = [Given.Window("5m/10s"), Given.Window("1h/1m")];

    /// <summary>
    /// Half an hour of labels that cost four times as much and are four times as often wrong, while both swing by a half each hour. The
    /// hour around them is left without the half in which they are low: it is a third higher than on average, and has not drifted.
    /// </summary>
    [Theory]
    [InlineData(AlarmKind.CrossEntropy)]
    [InlineData(AlarmKind.Accuracy)]
    [InlineData(AlarmKind.PolicyKl)]
    public void A_drift_of_costs_that_swing_by_themselves_is_over_when_it_is_mended(AlarmKind kind)
    {
        var reference = new SimulatedCosts(1, SimulatedCosts.Swing).Reference(hours: 72);
        var live = new SimulatedCosts(2, pane => SimulatedCosts.Swing(pane) * (pane is >= DriftFrom and < DriftTo ? 4 : 1));

        var changes = Watch(reference, live, hours: 7)
            .Where(alarm => alarm.Kind == kind && alarm.Severity == AlarmSeverity.Critical).ToArray();

        Assert.InRange(Assert.Single(changes, alarm => alarm.EndedMs is null).BeganMs / SimulatedCosts.PaneMs, DriftFrom, DriftFrom + 12);
        var ended = Assert.Single(changes, alarm => alarm.EndedMs is not null);
        Assert.InRange(ended.EndedMs!.Value / SimulatedCosts.PaneMs, DriftTo, DriftTo + 30);
        Assert.Equal(["5m"], ended.Windows);
    }

    /// <summary>What begins and ends, as the service decides it, by a budget of one in two days for either.</summary>
    private static List<Alarm> Watch(ReferenceSnapshot reference, SimulatedCosts live, int hours)
    {
        var budget = new FalseAlarmBudget(1, 2 * 86_400_000L);
        var (calibrations, both) = (new Calibrations(pseudoEvents: 1, Given.Kept), new Thresholds(null, null, budget, budget));
        calibrations.Use(ReferenceSet.Latest([reference]));
        var thresholds = new ThresholdsInForce(
            new AlarmSettings(
                new ConfiguredThresholds(default, both, both), ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty),
            Windows, 30, calibrations);
        var evaluator = new DriftEvaluator(new EvaluationSettings());
        var watch = new AlarmWatch(thresholds, evaluator);
        var (panes, found) = (new List<PaneCosts>(), new List<Alarm>());
        for (var toMs = SimulatedCosts.PaneMs; toMs <= hours * 3_600_000L; toMs += SimulatedCosts.PaneMs)
        {
            panes.Add(live.Next());
            foreach (var window in Windows)
            {
                if (toMs >= window.LengthMs && toMs % window.SlideMs == 0)
                {
                    var labels = LabelsOf(panes, window, toMs);
                    found.AddRange(watch.Note(thresholds.Judge(labels)));
                    found.AddRange(watch.Note(thresholds.Judge(evaluator.Evaluate(PoliciesOf(labels, reference), null))));
                }
            }
        }

        return found;
    }

    private static FeedbackWindow LabelsOf(List<PaneCosts> panes, WindowSpec window, long toMs)
    {
        var (count, together) = ((int)(window.LengthMs / SimulatedCosts.PaneMs), (int)(window.SlideMs / SimulatedCosts.PaneMs));
        var costs = new PaneCosts(new double[window.Panes], new double[window.Panes], new double[window.Panes]);
        for (var i = 0; i < count; i++)
        {
            var pane = panes[panes.Count - count + i];
            costs.Events[i / together] += pane.Events[0];
            costs.CrossEntropyNats[i / together] += pane.CrossEntropyNats[0];
            costs.Errors[i / together] += pane.Errors[0];
        }

        var events = costs.Events.Sum();
        return new FeedbackWindow(
            new SeriesKey("m", SeriesKey.All), window, Attribution.LabelTime, toMs,
            new FeedbackMeasures(
                (long)events, 0, costs.CrossEntropyNats.Sum() / events, null, null, 1 - (costs.Errors.Sum() / events), null, null, null,
                []))
        {
            Panes = () => costs,
        };
    }

    /// <summary>Two policies that differ by what the labels cost.</summary>
    private static LiveWindow PoliciesOf(FeedbackWindow labels, ReferenceSnapshot reference)
    {
        var (costs, cells) = (labels.Panes!(), reference.ClassSpace.CellCount);
        var panes = WindowPanes.Create(labels.Window, cells);
        for (var pane = 0; pane < costs.Events.Length; pane++)
        {
            var sums = new Int128[Enum.GetValues<PolicyEstimate>().Length];
            sums[(int)PolicyEstimate.K1] = FixedPoint.FromNats(costs.CrossEntropyNats[pane]);
            panes.Events[pane] = (long)costs.Events[pane];
            panes.Mass[pane * cells] = costs.Events[pane];
            panes.Policy[pane] = new PolicySums(
                0, panes.Events[pane], 0, sums, new UInt128[sums.Length], new UInt128[sums.Length]);
        }

        return new LiveWindow(
            labels.Series, labels.Window, labels.ToMs, new PaneClasses(reference.ClassSpace.Id, 0, null), panes.Events.Sum(), panes.Total(),
            Complete: true, LatestEventMs: labels.ToMs, Retired: false, panes.TotalPolicy())
        {
            Panes = panes,
        };
    }
}
