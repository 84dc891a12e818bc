using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>What events say of two policies: a pane has the sum of each estimate.</summary>
/// <param name="estimates">Those of whole distributions, or those of sampled log-probabilities.</param>
internal sealed class WatchedPolicies(params PolicyEstimate[] estimates) : IWatched
{
    private static readonly int All = Enum.GetValues<PolicyEstimate>().Length;

    public int Cells => estimates.Length;

    public PolicyEstimate[] Estimates => estimates;

    public Func<ThresholdsInForce, JudgedLook> Evaluate(
        DriftEvaluator evaluator, ReferenceSnapshot reference, SimulatedWindow sums, WindowSpec window, long toMs)
    {
        var (panes, cells) = (sums.Panes(Cells), reference.ClassSpace.CellCount);
        var policies = new WindowPanes(new long[window.Panes], new double[window.Panes * cells]);
        for (var pane = 0; pane < window.Panes; pane++)
        {
            policies.Policy[pane] = SumsOf(panes.Events[pane], panes.MassOf(pane));
        }

        var report = evaluator.Evaluate(
            new LiveWindow(
                new SeriesKey(reference.Model, SeriesKey.All), window, toMs, new PaneClasses(reference.ClassSpace.Id, 0, null), Events: 0,
                new UInt128[cells], Complete: true, LatestEventMs: toMs, Retired: false, policies.TotalPolicy())
            {
                Panes = policies,
            },
            reference);
        return thresholds =>
        {
            var judged = thresholds.Judge(report);
            return new JudgedLook(report.Ready ? judged.Policy : [], watch => watch.Note(judged));
        };
    }

    public IEnumerable<Shortfall> Shortfalls(Calibrations.OfReference known, WindowSpec window, long events) =>
        known.Means().SelectMany(mean => mean.Calibration.Shortfalls(window, events));

    private PolicySums? SumsOf(long events, ReadOnlySpan<double> nats)
    {
        if (events == 0)
        {
            return null;
        }

        var sums = new Int128[All];
        for (var i = 0; i < estimates.Length; i++)
        {
            sums[(int)estimates[i]] = (Int128)Math.Round(nats[i] * FixedPoint.One);
        }

        var exact = estimates.Contains(PolicyEstimate.ExactLiveVsReference);
        var squares = new UInt128[All]; // which decide nothing
        return new PolicySums(exact ? events : 0, exact ? 0 : events, 0, sums, squares, squares);
    }
}
