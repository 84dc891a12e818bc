using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Noise floor: the Kullback–Leibler divergence that sampling alone shows on average when nothing has drifted.</summary>
/// <remarks>
/// <para>
/// ½ Σ_k Var_k/q_k · (1/n + 1/m), in nats, for the means of n live and m reference events, all independent; Var_k is the variance
/// of one event's p_k. It is the first term of an expansion, the same for both directions of the divergence, and good once every class has
/// some events. Events that repeat one another lift the true floor above it.
/// </para>
/// <para>
/// Hard (one-hot) outputs have Var_k = q_k (1 − q_k), which makes it (K − 1)/2 · (1/n + 1/m). Soft outputs vary less
/// and sit far lower, so that form is wrong for them.
/// </para>
/// </remarks>
/// <seealso href="https://doi.org/10.1214/aoms/1177732360">
/// S. S. Wilks, The Large-Sample Distribution of the Likelihood Ratio, 1938
/// (for one-hot outputs 2n KL tends to χ² with K − 1 degrees of freedom, whose mean is K − 1)</seealso>
/// <seealso href="https://doi.org/10.1002/047174882X">
/// T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd ed., 2006, problem 11.2 (KL ≈ ½ χ² near p = q)</seealso>
public static class NoiseFloor
{
    /// <summary>The floor in nats for outputs of any kind.</summary>
    /// <param name="reference">
    /// q, a point on the simplex; that is not checked here. A class with q = 0 never varied, and is left out.
    /// </param>
    /// <param name="variance">Var_k of each class over the reference's events, none negative; that is not checked here.</param>
    /// <param name="liveEvents">n &gt; 0.</param>
    /// <param name="referenceEvents">m &gt; 0; +∞ for a reference known without error.</param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is not above 0, or is NaN.</exception>
    public static double Of(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> variance, double liveEvents, double referenceEvents) =>
        0.5 * ClassTerms.Sum<Term>(reference, variance) * SampleWeight(liveEvents, referenceEvents);

    private static double SampleWeight(double liveEvents, double referenceEvents) =>
        1 / Positive(liveEvents) + 1 / Positive(referenceEvents);

    private static double Positive(double events, [CallerArgumentExpression(nameof(events))] string name = "") =>
        events > 0 ? events : throw new ArgumentOutOfRangeException(name, events, "There must be events.");

    private readonly struct Term : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> reference, Vector256<double> variance) =>
            Vector256.ConditionalSelect(Vector256.IsZero(reference), Vector256<double>.Zero, variance / reference);
    }
}
