using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Noise floor: the Kullback–Leibler divergence that sampling alone shows on average when nothing has drifted.</summary>
/// <remarks>
/// <para>
/// E[KL(p̃‖q̃)], in nats, of n live and m reference events that are independent and drawn alike, both smoothed as
/// <see cref="PseudoEvents"/> does, class by class. The count of a class is taken for Poisson: X of mean λ = n q among the live events, R
/// of mean μ = m q in the reference. With s = ε/(n+ε) and K classes, to the first order in s,
/// </para>
/// <list type="bullet">
/// <item>live: Σ q (1−q) {(1−s) E[X/λ ln X/λ] + s (E[ln X/λ; X &gt; 0] + e^−λ (ln s − 1))},</item>
/// <item>reference: (1−s)² Σ q (1−q) (ln μ − E[ln R; R &gt; 0] − e^−μ ln ε/K).</item>
/// </list>
/// <para>
/// A class that the reference never showed adds its share of the pseudo-events, ε/K/(m+ε) · (1 − s + s ln s). The expectations are read off
/// a table over λ. Where every class has many events the sum is ½ Σ V/q · (1/n + 1/m), Wilks'
/// (K − 1)/2 · (1/n + 1/m) for one-hot outputs; with few events a class it is far lower for a known reference. V is the variance of one
/// event's p; soft outputs, which vary less than one-hot ones, count as w = q (1−q)/V times as many events.
/// </para>
/// <para>
/// q is only what m events showed. When some classes are unseen, the mass of those seen once (μ below 1½) is given to as many of the
/// unseen ones as Chao expects, N₁ (N₁−1) / (2 (N₂+1)), and taken from the seen ones in proportion, after Good and Turing.
/// </para>
/// <para>
/// Accuracy, by simulation: within 5 % for one-hot outputs of which q is known; within 20 % when it is what a reference of as few as 0.03
/// events a class showed. Soft outputs with few effective events a class do not reach zero as counts do: there the floor may be half too
/// high. KL(reference‖live) has the same floor where every class has many events, and a higher one below that. Events that repeat one
/// another lift the true floor above it.
/// </para>
/// </remarks>
/// <seealso href="https://doi.org/10.1214/aoms/1177732360">
/// S. S. Wilks, The Large-Sample Distribution of the Likelihood Ratio, 1938</seealso>
/// <seealso href="https://doi.org/10.1162/089976603321780272">
/// L. Paninski, Estimation of Entropy and Mutual Information, 2003 (E[X ln X] of counts is what biases plug-in entropies)</seealso>
/// <seealso href="https://doi.org/10.1093/biomet/40.3-4.237">
/// I. J. Good, The Population Frequencies of Species and the Estimation of Population Parameters, 1953</seealso>
/// <seealso href="https://www.jstor.org/stable/4615964">
/// A. Chao, Nonparametric Estimation of the Number of Classes in a Population, 1984</seealso>
public static class NoiseFloor
{
    private const int OnStack = 256;
    private const double SeenOnce = 1.5; // effective events, below
    private const double SeenTwice = 2.5;

    /// <summary>The floor in nats for outputs of any kind.</summary>
    /// <param name="reference">q, a point on the simplex; that is not checked here. K is its length.</param>
    /// <param name="variance">V of each class over the reference's events, none negative; that is not checked here.</param>
    /// <param name="liveEvents">n &gt; 0.</param>
    /// <param name="referenceEvents">m &gt; 0; +∞ for a reference known without error.</param>
    /// <param name="choices">
    /// How many choices an event makes (<see cref="Model.ClassSpace.Choices"/>): a class has 1/C of an event's mass, so its count is C
    /// times that. The floor is of the divergence over all cells.
    /// </param>
    /// <param name="pseudoEvents">
    /// ε ≥ 0. Without any, a class that only the live events show makes the divergence infinite; the floor then takes its q̃ for q.
    /// </param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is not above 0, or is NaN.</exception>
    public static double Of(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> variance, double liveEvents, double referenceEvents, double pseudoEvents,
        int choices = 1)
    {
        RequirePositive(liveEvents);
        RequirePositive(referenceEvents);
        ArgumentOutOfRangeException.ThrowIfNegative(pseudoEvents);
        var rented = reference.Length <= OnStack ? null : ArrayPool<double>.Shared.Rent(reference.Length);
        var effective = rented is null ? stackalloc double[reference.Length] : rented.AsSpan(0, reference.Length);
        try
        {
            ClassTerms.Sum<EffectiveShare>(reference, variance, effective);
            return Sum(reference, effective, liveEvents, referenceEvents, pseudoEvents, choices);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<double>.Shared.Return(rented);
            }
        }
    }

    /// <summary>½ Σ V/q: n times the floor once each class has many of n events, compared with a reference known without error.</summary>
    /// <inheritdoc cref="Of(ReadOnlySpan{double}, ReadOnlySpan{double}, double, double, double, int)"/>
    public static double Coefficient(ReadOnlySpan<double> reference, ReadOnlySpan<double> variance) =>
        0.5 * ClassTerms.Sum<RelativeVariance>(reference, variance);

    private static double Sum(
        ReadOnlySpan<double> q, ReadOnlySpan<double> effective, double liveEvents, double referenceEvents, double pseudoEvents, int choices)
    {
        var (hidden, mass) = Hidden(q, effective, referenceEvents);
        var live = Sum(q, effective, liveEvents, hidden, mass, choices);
        var seen = Sum(q, effective, referenceEvents, hidden, mass, choices);
        var s = pseudoEvents / (liveEvents + pseudoEvents);
        var logS = s == 0 ? 0 : Math.Log(s);
        var fromLive = ((1 - s) * live.Relative) + (s * (live.Logarithm + (live.Absent * (logS - 1)))) + ((1 - s) * (1 - s) * live.Many);
        var fromReference = pseudoEvents == 0
            ? seen.Many - seen.Logarithm
            : seen.Many - seen.LogarithmOfCount - seen.AbsentLogarithm - (seen.Absent * Math.Log(pseudoEvents / q.Length));
        var each = pseudoEvents / q.Length / (referenceEvents + pseudoEvents);
        return fromLive + ((1 - s) * (1 - s) * fromReference) + (each * (1 - s + (s * logS)) * seen.AbsentClasses);
    }

    private static PoissonSums Sum(
        ReadOnlySpan<double> q, ReadOnlySpan<double> effective, double events, int hidden, double mass, int choices)
    {
        var seen = new PoissonSums(q, effective, events * (1 - mass));
        var each = mass / hidden;
        return hidden == 0 ? seen : seen.With(1 - mass, new PoissonSums([each], [choices * each], events), hidden);
    }

    /// <summary>How many classes there are that were not seen, and their mass.</summary>
    private static (int Classes, double Mass) Hidden(ReadOnlySpan<double> q, ReadOnlySpan<double> effective, double referenceEvents)
    {
        var unseen = q.Count(0.0);
        if (unseen == 0 || referenceEvents < 2)
        {
            return default;
        }

        // Implementation note: without branches, which would go either way among rare classes
        var (once, twice, mass) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        for (var k = 0; k < q.Length; k += Vector256<double>.Count)
        {
            var (shares, means) = (Load(q[k..]), referenceEvents * Load(effective[k..]));
            var isOnce = Vector256.GreaterThan(means, Vector256<double>.Zero) & Vector256.LessThan(means, Vector256.Create(SeenOnce));
            var isTwice = Vector256.GreaterThanOrEqual(means, Vector256.Create(SeenOnce))
                & Vector256.LessThan(means, Vector256.Create(SeenTwice));
            once += isOnce & Vector256<double>.One;
            twice += isTwice & Vector256<double>.One;
            mass += isOnce & shares;
        }

        var (n1, n2) = (Vector256.Sum(once), Vector256.Sum(twice));
        var expected = Math.Ceiling(n1 * (n1 - 1) / (2 * (n2 + 1)));
        return n1 == 0 ? default : ((int)Math.Clamp(expected, 1, unseen), Math.Min(Vector256.Sum(mass), 1 - (1 / referenceEvents)));
    }

    private static Vector256<double> Load(ReadOnlySpan<double> rest) => rest.Length >= Vector256<double>.Count
        ? Vector256.Create(rest)
        : Vector256.Create(rest[0], rest.Length > 1 ? rest[1] : 0, rest.Length > 2 ? rest[2] : 0, 0);

    private static void RequirePositive(double events, [CallerArgumentExpression(nameof(events))] string name = "")
    {
        if (!(events > 0))
        {
            throw new ArgumentOutOfRangeException(name, events, "There must be events.");
        }
    }

    private readonly struct RelativeVariance : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> reference, Vector256<double> variance) =>
            Vector256.ConditionalSelect(Vector256.IsZero(reference), Vector256<double>.Zero, variance / reference);
    }

    /// <summary>w q, of which n times is the effective mean count: 0 for a class never seen, ∞ for one that never varies.</summary>
    private readonly struct EffectiveShare : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> reference, Vector256<double> variance) =>
            Vector256.ConditionalSelect(
                Vector256.IsZero(variance),
                Vector256.ConditionalSelect(
                    Vector256.IsZero(reference), Vector256<double>.Zero, Vector256.Create(double.PositiveInfinity)),
                reference * reference * (Vector256<double>.One - reference) / variance);
    }
}
