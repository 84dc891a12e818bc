using DriftMonitor.Divergence;

namespace DriftMonitor.Calibration;

/// <summary>
/// KL divergence in both directions, smoothed as the evaluator smooths it, and the CUSUM over panes, in this order. Used by one thread.
/// </summary>
/// <remarks>
/// The evaluator begins a CUSUM anew with each window, which costs one step for each of the window's panes. Here five run side by side, and
/// begin a quarter of a window apart. The value is that of the oldest, which has seen 4 a + 1 to 5 a panes, where a is a quarter of the
/// window's panes, rounded up. So it reaches back 1 to 1.33 windows if it has 30 panes, 1.3 to 1.5 if it has 10, at most 1.54 (13 panes).
/// What it has seen before the window began has been forgiven many times over.
/// </remarks>
/// <param name="variances">V of each of the cells compared: of single events.</param>
/// <param name="events">A window's nominal events, a power of two, which a CUSUM needs beforehand; drawn windows may have others.</param>
/// <param name="referenceEvents">m.</param>
/// <param name="pseudoEvents">ε.</param>
/// <param name="choices">How many choices an event makes.</param>
/// <param name="cusum">Panes of a window that has a CUSUM, and its B (without unit); null for a window that has none.</param>
internal sealed class DriftMeasure(
    double[] variances, double events, double referenceEvents, double pseudoEvents, int choices,
    (int Panes, double Fluctuation)? cusum)
    : ISimulatedMeasure
{
    /// <summary>CUSUMs that run side by side; chosen: more would be nearer to a window's length, and cost more.</summary>
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
            _cusums[i] = new DriftCusum(_reference, variances, events, referenceEvents, cusum!.Value.Fluctuation, choices);
        }

        _panes = 0;
    }

    public void AddPane(ReadOnlySpan<double> cusumMass, double count)
    {
        if (_cusums.Length > 0 && _panes % _panesApart == 0)
        {
            _cusums[_panes / _panesApart % RunningCusums].Restart();
        }

        foreach (var sum in _cusums)
        {
            sum.Add(cusumMass, count);
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
            nats[2] = _cusums[(((_panes - 1) / _panesApart) + 1) % RunningCusums].Nats; // the oldest, which begins again next
        }
    }

    /// <summary>
    /// Without pseudo-events a class may be missing on one side. The service exports no infinite value, so none raises an alarm.
    /// </summary>
    private static double ZeroIfInfinite(double nats) => double.IsFinite(nats) ? nats : 0;
}
