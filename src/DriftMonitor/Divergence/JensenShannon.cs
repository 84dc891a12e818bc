using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Jensen–Shannon divergence: the symmetric, bounded relative of the Kullback–Leibler divergence.</summary>
/// <remarks>
/// JS(p, q) = ½ KL(p‖m) + ½ KL(q‖m) with m = ½ (p + q), in nats, between 0 (equal) and ln 2 (no class in common).
/// Zeros are harmless: a class with p = 0 or q = 0 adds a finite amount. Divide by ln 2 for bits.
/// </remarks>
/// <seealso href="https://doi.org/10.1109/18.61115">J. Lin, Divergence Measures Based on the Shannon Entropy, 1991</seealso>
public static class JensenShannon
{
    private const double Ln2 = 0.6931471805599453;

    /// <summary>The divergence JS(p, q) = JS(q, p) in nats, within [0, ln 2].</summary>
    /// <param name="p">A point on the simplex; that is not checked here.</param>
    /// <param name="q">A point on the simplex; that is not checked here.</param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    public static double Divergence(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => Math.Clamp(ClassTerms.Sum<Term>(p, q), 0, Ln2);

    /// <summary>The distance √JS(p, q), which is a metric: symmetric, and never longer by a detour. At most √ln 2 = 0.8326.</summary>
    /// <remarks>Rounding of 1e-17 in the divergence is 3e-9 in its root: a smaller distance than that means nothing.</remarks>
    /// <param name="p">A point on the simplex; that is not checked here.</param>
    /// <param name="q">A point on the simplex; that is not checked here.</param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    /// <seealso href="https://doi.org/10.1109/TIT.2003.813506">
    /// D. M. Endres and J. E. Schindelin, A New Metric for Probability Distributions, 2003</seealso>
    public static double Distance(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => Math.Sqrt(Divergence(p, q));

    private readonly struct Term : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> p, Vector256<double> q) => Half(p, p + q) + Half(q, p + q);

        // 2p/(p+q) rather than p/m: halving could take the smallest doubles to zero.
        private static Vector256<double> Half(Vector256<double> p, Vector256<double> both) =>
            Vector256.ConditionalSelect(Vector256.IsZero(p), Vector256<double>.Zero, 0.5 * p * Vector256.Log((p + p) / both));
    }
}
