using System.Numerics.Tensors;
using DriftMonitor.References;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// A multivariate CUSUM over base panes, as far from the reference as the χ² metric says: a sequential scheme without a window.
/// </summary>
/// <remarks>
/// A pane of n events with mass s adds x = (s − n q)/√n; C = ‖S + x‖; S becomes 0 when C ≤ k, else (S + x)(1 − k/C); the score is ‖S‖. The
/// squared length is Σ x²/(r q) with r = Σ (Var/q)/(K − 1), so that x has the length √(K − 1) while nothing drifts: r is 1 for one-hot
/// outputs, less for soft ones. Its memory is about (K − 2)/(2 k²) panes, after which an alarm has ended (five minutes at least).
/// Source: R. B. Crosier, Multivariate Generalizations of Cumulative Sum Quality-Control Schemes, Technometrics 30, 1988.
/// </remarks>
internal sealed class CrosierCusum : IPaneDetector
{
    private readonly double _k;
    private readonly double[] _shares;
    private readonly double[] _inverse; // of r q
    private double[] _sum;
    private double[] _weighted;

    public CrosierCusum(ReferenceSnapshot of, double k)
    {
        (_k, _shares) = (k, of.Smoothed());
        var scale = 0.0;
        for (var i = 0; i < _shares.Length; i++)
        {
            scale += of.All.Variances[i] / _shares[i] / (_shares.Length - 1);
        }

        (_inverse, _sum, _weighted) = (
            [.. _shares.Select(share => 1 / (scale * share))], new double[_shares.Length], new double[_shares.Length]);
        EndsAfterLooks = [Math.Max(WindowMeasure.Looks, (int)((_shares.Length - 2) / (2 * k * k)))];
    }

    public int[] EndsAfterLooks { get; }

    public void Add(double[] mass, int events, Span<float> scores)
    {
        if (events > 0)
        {
            var root = Math.Sqrt(events);
            for (var i = 0; i < _sum.Length; i++)
            {
                _sum[i] += (mass[i] / root) - (root * _shares[i]);
            }
        }

        var length = Length();
        var shrunk = Math.Max(0, length - (events > 0 ? _k : 0));
        TensorPrimitives.Multiply(_sum, length > 0 ? shrunk / length : 0, _sum);
        scores[0] = (float)shrunk;
    }

    public IPaneDetector Copy()
    {
        var copy = (CrosierCusum)MemberwiseClone();
        (copy._sum, copy._weighted) = ([.. _sum], new double[_sum.Length]);
        return copy;
    }

    private double Length()
    {
        TensorPrimitives.Multiply<double>(_sum, _sum, _weighted);
        return Math.Sqrt(TensorPrimitives.Dot<double>(_weighted, _inverse));
    }
}
