using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Something of a simulated model that may raise alarms: what its panes hold, and how the monitor's classes judge it.</summary>
internal interface IWatched
{
    /// <summary>How many sums a pane has.</summary>
    int Cells { get; }

    /// <summary>Evaluates a full window once.</summary>
    /// <param name="evaluator">Evaluates outputs and policies.</param>
    /// <param name="reference">What is compared with.</param>
    /// <param name="sums">The window.</param>
    /// <param name="window">Its length and slide.</param>
    /// <param name="toMs">Its end.</param>
    /// <returns>Judges it by thresholds, as often as is wanted.</returns>
    Func<ThresholdsInForce, JudgedLook> Evaluate(
        DriftEvaluator evaluator, ReferenceSnapshot reference, SimulatedWindow sums, WindowSpec window, long toMs);

    /// <summary>What the reference has too little of for windows of so many events.</summary>
    IEnumerable<Shortfall> Shortfalls(Calibrations.OfReference known, WindowSpec window, long events);
}
