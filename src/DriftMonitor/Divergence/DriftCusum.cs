using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>A multivariate CUSUM over a window's panes: it adds up a persistent drift, however small it is in each pane.</summary>
/// <remarks>
/// <para>
/// Crosier's scheme, by events in place of samples. S starts at 0; a pane of n events with mass s has the deviation d = s − n q. With C =
/// ‖S + d‖, S becomes (S + d) · max(0, 1 − k n/C): of every event's deviation k is forgiven, so S forgets what chance brings and grows
/// under a drift of more than k. The value is ½ (‖S‖/N)² nats, N the window's events: without forgiveness, about the KL divergence of the
/// whole window. ‖d‖² = Σ dₖ²/max(qₖ, 1/N), the metric of χ², in which a class of which the window expects less than one event does not
/// count for more than that.
/// </para>
/// <para>
/// k² = 5/2 · (T/N + T/m + B), with T = Σ Vₖ/max(qₖ, 1/N), V the variance of one event's pₖ, m the reference's events, and B the variance,
/// in the same metric, by which the means of windows differ of themselves. While nothing drifts ‖S‖² grows by T + B N an event and
/// forgiveness takes 2 k ‖S‖, so what S remembers are (T + B N)/(2 k²) events: the last fifth of the window, or less where the reference is
/// not much larger than it, for what that may be off by is forgiven as well. A drift that lasts adds up when it is more than k away: when
/// its KL divergence is more than about ½ k², which is 2.5 times the noise floor where B = 0.
/// </para>
/// <para>Used by one thread.</para>
/// </remarks>
/// <seealso href="https://doi.org/10.1080/00401706.1988.10488402">
/// R. B. Crosier, Multivariate Generalizations of Cumulative Sum Quality-Control Schemes, Technometrics 30, 1988</seealso>
public sealed class DriftCusum
{
    /// <summary>How many times over a window forgets what chance has brought.</summary>
    public const double Memories = 5;

    private readonly double _events;
    private readonly double _forgivenAnEvent;
    private readonly double[] _scale;
    private readonly double[] _scaledReference;
    private readonly double[] _sum; // S times the scale, so that its length is the plain one

    /// <summary>A sum that begins at 0.</summary>
    /// <param name="reference">q, K cells, smoothed.</param>
    /// <param name="variances">V, K cells.</param>
    /// <param name="events">N &gt; 0.</param>
    /// <param name="referenceEvents">m &gt; 0.</param>
    /// <param name="fluctuation">B ≥ 0.</param>
    /// <param name="choices">C, how many choices an event makes: a class of which the window expects one event has a share of 1/CN.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public DriftCusum(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> variances, double events, double referenceEvents, double fluctuation,
        int choices = 1)
    {
        if (reference.Length != variances.Length)
        {
            throw new ArgumentException($"{reference.Length} and {variances.Length} cells: both must be the same number");
        }

        _events = events;
        _scale = new double[reference.Length];
        _scaledReference = new double[reference.Length];
        _sum = new double[reference.Length];
        var trace = 0.0;
        for (var k = 0; k < _scale.Length; k++)
        {
            var weight = 1 / Math.Max(reference[k], 1 / (choices * events));
            trace += variances[k] * weight;
            _scale[k] = Math.Sqrt(weight);
            _scaledReference[k] = reference[k] * _scale[k];
        }

        _forgivenAnEvent = Math.Sqrt(Memories / 2 * ((trace / events) + (trace / referenceEvents) + fluctuation));
    }

    /// <summary>½ (‖S‖/N)² now.</summary>
    public double Nats { get; private set; }

    /// <summary>Begins again at 0.</summary>
    public void Restart()
    {
        Array.Clear(_sum);
        Nats = 0;
    }

    /// <summary>Takes the next pane.</summary>
    /// <param name="mass">s, K cells, in events.</param>
    /// <param name="events">n ≥ 0.</param>
    public void Add(ReadOnlySpan<double> mass, double events)
    {
        TensorPrimitives.MultiplyAdd(mass, _scale, _sum, _sum);
        TensorPrimitives.MultiplyAdd(_scaledReference, -events, _sum, _sum);
        var length = Math.Sqrt(ClassTerms.Sum<Product>(_sum, _sum));
        var shrunk = Math.Max(0, length - (_forgivenAnEvent * events));
        TensorPrimitives.Multiply(_sum, length > 0 ? shrunk / length : 0, _sum);
        Nats = shrunk * shrunk / (2 * _events * _events);
    }

    private readonly struct Product : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> p, Vector256<double> q) => p * q;
    }
}
