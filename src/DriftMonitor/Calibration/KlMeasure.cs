using System.Numerics.Tensors;
using DriftMonitor.Distributions;
using DriftMonitor.Divergence;

namespace DriftMonitor.Calibration;

/// <summary>KL divergence in both directions, smoothed as the evaluator smooths it. Used by one thread.</summary>
/// <param name="cells">The cells compared.</param>
/// <param name="referenceEvents">m.</param>
/// <param name="pseudoEvents">ε.</param>
internal sealed class KlMeasure(int cells, double referenceEvents, double pseudoEvents) : INullMeasure
{
    private readonly double[] _reference = new double[cells];
    private readonly double[] _live = new double[cells];

    public int Values => 2;

    public void Use(ReadOnlySpan<double> reference) => PseudoEvents.SmoothReference(reference, referenceEvents, pseudoEvents, _reference);

    public (double First, double Second) Of(ReadOnlySpan<double> mass, double events)
    {
        TensorPrimitives.Max(mass, 0, _live); // soft noise is about normal, and may leave a rare class a hair below 0
        var total = TensorPrimitives.Sum<double>(_live);
        if (total <= 0)
        {
            return (0, 0);
        }

        TensorPrimitives.Divide(_live, total, _live);
        PseudoEvents.SmoothLive(_live, events, pseudoEvents, _reference);
        var (first, second) = (KullbackLeibler.Divergence(_live, _reference), KullbackLeibler.Divergence(_reference, _live));
        return (Finite(first), Finite(second));
    }

    /// <summary>Without pseudo-events a class may be missing on one side; the service exports no such value, so it raises no alarm.</summary>
    private static double Finite(double nats) => double.IsFinite(nats) ? nats : 0;
}
