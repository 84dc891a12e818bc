using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Cross-entropy: what it costs on average to predict q when the outcomes follow p.</summary>
/// <remarks>
/// H(p, q) = −Σ p ln q = H(p) + KL(p‖q), in nats, never below H(p). With p one-hot it is the log loss −ln q of the true class.
/// </remarks>
/// <seealso href="https://doi.org/10.1002/047174882X">T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd ed., 2006</seealso>
public static class CrossEntropy
{
    /// <summary>The cross-entropy H(p, q) in nats: p says how often a class comes, q is the prediction that pays for it.</summary>
    /// <param name="p">A point on the simplex; that is not checked here. A class with p = 0 adds 0, whatever its q.</param>
    /// <param name="q">A point on the simplex; that is not checked here. A class with q = 0 and p &gt; 0 makes the result +∞.</param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    public static double Between(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => ClassTerms.Sum<Term>(p, q);

    private readonly struct Term : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> p, Vector256<double> q) =>
            Vector256.ConditionalSelect(Vector256.IsZero(p), Vector256<double>.Zero, -p * Vector256.Log(q));
    }
}
