using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Labels by their own time: a pane has what they cost, and how many say that a prediction was wrong.</summary>
internal sealed class WatchedLabels : IWatched
{
    public const int Cost = 0;
    public const int Error = 1;

    public int Cells => 2;

    public Func<ThresholdsInForce, JudgedLook> Evaluate(
        DriftEvaluator evaluator, ReferenceSnapshot reference, SimulatedWindow sums, WindowSpec window, long toMs)
    {
        var panes = sums.Panes(Cells);
        double[] events = [.. panes.Events], costs = [.. OfEach(Cost)], errors = [.. OfEach(Error)];
        var labels = events.Sum();
        var measures = new FeedbackMeasures(
            (long)labels, 0, labels > 0 ? costs.Sum() / labels : null, null, null, labels > 0 ? 1 - (errors.Sum() / labels) : null, null,
            null, null, []);
        var live = new FeedbackWindow(new SeriesKey(reference.Model, SeriesKey.All), window, Attribution.LabelTime, toMs, measures)
        {
            Panes = () => new PaneCosts(events, costs, errors),
        };
        return thresholds =>
        {
            var judged = thresholds.Judge(live);
            return new JudgedLook([.. judged.CrossEntropy, .. judged.Errors], watch => watch.Note(judged));
        };

        IEnumerable<double> OfEach(int cell) => Enumerable.Range(0, window.Panes).Select(pane => panes.MassOf(pane)[cell]);
    }

    public IEnumerable<Shortfall> Shortfalls(Calibrations.OfReference known, WindowSpec window, long events) =>
        known.Means().SelectMany(mean => mean.Calibration.Shortfalls(window, events));
}
