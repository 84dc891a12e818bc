using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>How sure single outputs are: a pane has the sum of their entropies. Their classes are all the same.</summary>
internal sealed class WatchedDispersion : IWatched
{
    public int Cells => 1;

    public Func<ThresholdsInForce, JudgedLook> Evaluate(
        DriftEvaluator evaluator, ReferenceSnapshot reference, SimulatedWindow sums, WindowSpec window, long toMs)
    {
        var (entropies, cells) = (sums.Panes(Cells), reference.ClassSpace.CellCount);
        var outputs = new WindowPanes(entropies.Events, new double[window.Panes * cells]);
        for (var pane = 0; pane < window.Panes; pane++)
        {
            outputs.Mass[pane * cells] = outputs.Events[pane];
            outputs.Entropy[pane] = new EntropySums(outputs.Events[pane], FixedPoint.FromNats(entropies.Mass[pane]));
        }

        var report = evaluator.Evaluate(
            new LiveWindow(
                new SeriesKey(reference.Model, SeriesKey.All), window, toMs, new PaneClasses(reference.ClassSpace.Id, 0, null),
                outputs.Events.Sum(), outputs.Total(), Complete: true, LatestEventMs: toMs, Retired: false)
            {
                Panes = outputs,
                Entropy = outputs.TotalEntropy(),
            },
            reference);
        return thresholds =>
        {
            var judged = thresholds.Judge(report);
            return new JudgedLook(report.Ready ? judged.Dispersion : [], watch => watch.Note(judged));
        };
    }

    public IEnumerable<Shortfall> Shortfalls(Calibrations.OfReference known, WindowSpec window, long events) =>
        known.Means().SelectMany(mean => mean.Calibration.Shortfalls(window, events));
}
