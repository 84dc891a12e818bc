using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Population stability index: both directions of the Kullback–Leibler divergence at once.</summary>
/// <remarks>
/// PSI(p, q) = Σ (p − q) ln(p/q) = KL(p‖q) + KL(q‖p), in nats, 0 only for p = q, symmetric and without an upper bound.
/// No term is negative.
/// Credit scoring reads below 0.1 as stable and above 0.25 as shifted; that custom knows nothing of the number of events.
/// </remarks>
/// <seealso href="https://doi.org/10.1098/rspa.1946.0056">
/// H. Jeffreys, An Invariant Form for the Prior Probability in Estimation Problems, 1946</seealso>
public static class PopulationStability
{
    /// <summary>The index PSI(p, q) = PSI(q, p) in nats.</summary>
    /// <param name="p">A point on the simplex; that is not checked here. A class with p = q, both 0 included, adds 0.</param>
    /// <param name="q">
    /// A point on the simplex; that is not checked here. A class that only one of the two has makes the result +∞,
    /// and so does one whose p/q or q/p leaves the range of a double.
    /// </param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    public static double Index(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => ClassTerms.Sum<Term>(p, q);

    private readonly struct Term : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> p, Vector256<double> q) =>
            Vector256.ConditionalSelect(Vector256.Equals(p, q), Vector256<double>.Zero, (p - q) * Vector256.Log(p / q));
    }
}
