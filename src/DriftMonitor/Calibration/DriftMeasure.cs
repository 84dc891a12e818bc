using System.Numerics.Tensors;
using DriftMonitor.Distributions;
using DriftMonitor.Divergence;

namespace DriftMonitor.Calibration;

/// <summary>KL divergence in both directions, smoothed as the evaluator smooths it, and the CUSUM over panes. Used by one thread.</summary>
/// <remarks>
/// The CUSUM goes on from window to window, where the evaluator begins it anew with each: what lies further back than a window has been forgiven many times
/// over, and one step a look takes the place of one a pane.
/// </remarks>
/// <param name="variances">V of each of the cells compared: of single events.</param>
/// <param name="events">How many a window has.</param>
/// <param name="referenceEvents">m.</param>
/// <param name="pseudoEvents">ε.</param>
/// <param name="withCusum">Whether the windows have panes enough for a CUSUM.</param>
internal sealed class DriftMeasure(double[] variances, double events, double referenceEvents, double pseudoEvents, bool withCusum) : INullMeasure
{
    private readonly double[] _reference = new double[variances.Length];
    private readonly double[] _live = new double[variances.Length];
    private DriftCusum? _cusum;

    public int Values => withCusum ? 3 : 2;

    public void Use(ReadOnlySpan<double> reference)
    {
        PseudoEvents.SmoothReference(reference, referenceEvents, pseudoEvents, _reference);
        _cusum = withCusum ? new DriftCusum(_reference, variances, events, referenceEvents) : null;
    }

    public void Add(ReadOnlySpan<double> mass, double count) => _cusum?.Add(mass, count);

    public void Of(ReadOnlySpan<double> mass, double count, Span<double> nats)
    {
        TensorPrimitives.Max(mass, 0, _live); // soft noise is about normal, and may leave a rare class a hair below 0
        var total = TensorPrimitives.Sum<double>(_live);
        nats.Clear();
        if (total > 0)
        {
            TensorPrimitives.Divide(_live, total, _live);
            PseudoEvents.SmoothLive(_live, count, pseudoEvents, _reference);
            nats[0] = Finite(KullbackLeibler.Divergence(_live, _reference));
            nats[1] = Finite(KullbackLeibler.Divergence(_reference, _live));
        }

        if (_cusum is { } cusum)
        {
            nats[2] = cusum.Nats;
        }
    }

    /// <summary>Without pseudo-events a class may be missing on one side; the service exports no such value, so it raises no alarm.</summary>
    private static double Finite(double nats) => double.IsFinite(nats) ? nats : 0;
}
