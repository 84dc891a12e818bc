using DriftMonitor.Divergence;

namespace DriftMonitor.Calibration;

/// <summary>KL divergence in both directions, smoothed as the evaluator smooths it, and the CUSUM over panes. Used by one thread.</summary>
/// <remarks>
/// The evaluator begins a CUSUM anew with each window, at a cost of one step for each of its panes. Here five go on side by side, begun a
/// quarter of a window apart, and the oldest, which is a window old or up to a third older, is told: the little that lies further back than
/// a window has been forgiven many times over.
/// </remarks>
/// <param name="variances">V of each of the cells compared: of single events.</param>
/// <param name="events">How many a window has.</param>
/// <param name="referenceEvents">m.</param>
/// <param name="pseudoEvents">ε.</param>
/// <param name="cusum">The panes of a window that has a CUSUM, and what it forgives; null for one that has none.</param>
internal sealed class DriftMeasure(
    double[] variances, double events, double referenceEvents, double pseudoEvents, (int Panes, double Fluctuation)? cusum) : ISimulatedMeasure
{
    private const int RunningCusums = 5;

    private readonly double[] _reference = new double[variances.Length];
    private readonly double[] _live = new double[variances.Length];
    private readonly DriftCusum[] _cusums = new DriftCusum[cusum is null ? 0 : RunningCusums];
    private readonly int _panesApart = ((cusum?.Panes ?? 1) + RunningCusums - 2) / (RunningCusums - 1);
    private int _panes;

    public int ValueCount => cusum is null ? 2 : 3;

    public void StartReference(ReadOnlySpan<double> reference)
    {
        PseudoEvents.SmoothReference(reference, referenceEvents, pseudoEvents, _reference);
        for (var i = 0; i < _cusums.Length; i++)
        {
            _cusums[i] = new DriftCusum(_reference, variances, events, referenceEvents, cusum!.Value.Fluctuation);
        }

        _panes = 0;
    }

    public void AddPane(ReadOnlySpan<double> mass, double count)
    {
        if (_cusums.Length > 0 && _panes % _panesApart == 0)
        {
            _cusums[_panes / _panesApart % RunningCusums].Restart();
        }

        foreach (var sum in _cusums)
        {
            sum.Add(mass, count);
        }

        _panes++;
    }

    public void Measure(ReadOnlySpan<double> mass, double count, Span<double> nats)
    {
        TensorPrimitives.Max(mass, 0, _live); // soft noise is about normal, and may leave a rare class a hair below 0
        var total = TensorPrimitives.Sum<double>(_live);
        nats.Clear();
        if (total > 0)
        {
            TensorPrimitives.Divide(_live, total, _live);
            PseudoEvents.SmoothLive(_live, count, pseudoEvents, _reference);
            nats[0] = ZeroIfInfinite(KullbackLeibler.Divergence(_live, _reference));
            nats[1] = ZeroIfInfinite(KullbackLeibler.Divergence(_reference, _live));
        }

        if (_cusums.Length > 0)
        {
            nats[2] = _cusums[(((_panes - 1) / _panesApart) + 1) % RunningCusums].Nats; // the next to begin again
        }
    }

    /// <summary>Without pseudo-events a class may be missing on one side; the service exports no such value, so no alarm comes.</summary>
    private static double ZeroIfInfinite(double nats) => double.IsFinite(nats) ? nats : 0;
}
