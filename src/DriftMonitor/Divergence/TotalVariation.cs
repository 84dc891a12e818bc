using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Total variation: the largest difference in probability that p and q give to any set of classes.</summary>
/// <remarks>
/// TV(p, q) = ½ Σ |p − q|, without a unit, between 0 (equal) and 1 (no class in common). It is symmetric, a metric, and
/// indifferent to zeros: the share of traffic that changed class. Pinsker: TV ≤ √(½ KL).
/// </remarks>
/// <seealso href="https://doi.org/10.1002/047174882X">
/// T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd ed., 2006, §11.6</seealso>
public static class TotalVariation
{
    /// <summary>The distance TV(p, q) = TV(q, p), within [0, 1].</summary>
    /// <param name="p">A point on the simplex; that is not checked here.</param>
    /// <param name="q">A point on the simplex; that is not checked here.</param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    public static double Distance(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => Math.Min(1, 0.5 * ClassTerms.Sum<Term>(p, q));

    private readonly struct Term : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> p, Vector256<double> q) => Vector256.Abs(p - q);
    }
}
