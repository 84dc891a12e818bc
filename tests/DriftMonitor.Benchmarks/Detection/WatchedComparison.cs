using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// One-hot outputs of a segment beside the rest of its model's live traffic: a pane has the segment's mass of each class, then the rest's.
/// </summary>
internal sealed class WatchedComparison(int classes, string segment) : IWatched
{
    public int Cells => 2 * classes;

    public SeriesKey Series(string model) => new SeriesKey(model, segment).VersusRest;

    public Func<ThresholdsInForce, JudgedLook> Evaluate(
        DriftEvaluator evaluator, ReferenceSnapshot reference, SimulatedWindow sums, WindowSpec window, long toMs)
    {
        var panes = sums.Panes(Cells);
        var (own, others) = (Half(panes, 0), Half(panes, classes));
        var (mass, rest) = (own.Total(), others.Total());
        var report = evaluator.Evaluate(
            new LiveWindow(
                Series(reference.Model), window, toMs, new PaneClasses(reference.ClassSpace.Id, 0, null), own.Events.Sum(), mass,
                Complete: true, LatestEventMs: toMs, Retired: false)
            {
                Panes = own,
                Rest = new OtherWindow(others.Events.Sum(), rest, rest, Complete: true) { Panes = others },
            },
            reference);
        return thresholds =>
        {
            var judged = thresholds.Judge(report);
            return new JudgedLook(report.Ready ? judged.Drift : [], watch => watch.Note(judged));
        };
    }

    public IEnumerable<Shortfall> Shortfalls(Calibrations.OfReference known, WindowSpec window, long events) =>
        known.Live(segment).Shortfalls(window, events);

    private WindowPanes Half(WindowPanes panes, int from)
    {
        var half = new WindowPanes(new long[panes.Events.Length], new double[panes.Events.Length * (classes + 1)]);
        for (var pane = 0; pane < half.Events.Length; pane++)
        {
            var mass = panes.MassOf(pane).Slice(from, classes);
            mass.CopyTo(half.Mass.AsSpan(pane * half.Cells));
            foreach (var events in mass)
            {
                half.Events[pane] += (long)Math.Round(events);
            }
        }

        return half;
    }
}
