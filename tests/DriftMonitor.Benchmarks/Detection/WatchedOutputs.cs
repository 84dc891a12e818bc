using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>The outputs of all of a model's traffic, or of a segment: a pane has the mass of each class.</summary>
internal sealed class WatchedOutputs(int classes, string segment = SeriesKey.All) : IWatched
{
    public int Cells => classes;

    /// <summary>The classes: those by position unless they are others.</summary>
    public ClassSpace Space { get; init; } = ClassSpace.Indexed(classes);

    public string Segment => segment;

    public Func<ThresholdsInForce, JudgedLook> Evaluate(
        DriftEvaluator evaluator, ReferenceSnapshot reference, SimulatedWindow sums, WindowSpec window, long toMs)
    {
        var mass = new UInt128[reference.ClassSpace.CellCount];
        for (var k = 0; k < sums.Mass.Length; k++)
        {
            mass[k] = (UInt128)Math.Round(Math.Max(0, sums.Mass[k]) * FixedPoint.One);
        }

        var report = evaluator.Evaluate(
            new LiveWindow(
                new SeriesKey(reference.Model, segment), window, toMs, new PaneClasses(reference.ClassSpace.Id, 0, null, Space.Choices),
                (long)Math.Round(sums.Events), mass, Complete: true, LatestEventMs: toMs, Retired: false)
            {
                Panes = sums.Panes(mass.Length),
            },
            reference);
        return thresholds =>
        {
            var judged = thresholds.Judge(report);
            return new JudgedLook(report.Ready ? judged.Drift : [], watch => watch.Note(judged));
        };
    }

    public IEnumerable<Shortfall> Shortfalls(Calibrations.OfReference known, WindowSpec window, long events) =>
        known.Drift(segment).Shortfalls(window, events);
}
