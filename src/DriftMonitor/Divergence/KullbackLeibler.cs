using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Kullback–Leibler divergence: what it costs on average to believe q when p is true.</summary>
/// <remarks>
/// <para>
/// KL(p‖q) = Σ p ln(p/q) = H(p, q) − H(p), in nats, 0 only for p = q and without an upper bound. It is not symmetric. With p live and
/// q reference it is the direction <c>live_vs_reference</c>; with p reference and q live it is <c>reference_vs_live</c>.
/// </para>
/// <para>
/// Terms of both signs cancel, so a divergence that is 0 or nearly so can come out about 1e-16 on either side of 0. It is not clamped,
/// so that the contributions always add up to it.
/// </para>
/// </remarks>
/// <seealso href="https://doi.org/10.1214/aoms/1177729694">S. Kullback and R. A. Leibler, On Information and Sufficiency, 1951</seealso>
public static class KullbackLeibler
{
    /// <summary>The divergence KL(p‖q) in nats.</summary>
    /// <param name="p">A point on the simplex; that is not checked here. A class with p = 0 adds 0, whatever its q.</param>
    /// <param name="q">
    /// A point on the simplex; that is not checked here. A class with q = 0 and p &gt; 0 makes the result +∞, and so does a q so small
    /// (below 1e-308 p) that p/q leaves the range of a double.
    /// </param>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    public static double Divergence(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => ClassTerms.Sum<Term>(p, q);

    /// <summary>The divergence KL(p‖q) in nats, and each class's signed term p ln(p/q) of it.</summary>
    /// <param name="p">As for <see cref="Divergence"/>.</param>
    /// <param name="q">As for <see cref="Divergence"/>.</param>
    /// <param name="destination">
    /// Takes the terms in class order. A term is negative where p &lt; q, and is +∞ where it makes the divergence so.
    /// </param>
    /// <returns>The same bits as <see cref="Divergence"/>, and as the terms added one by one from the first to the last.</returns>
    /// <exception cref="ArgumentException">A span is empty, or they differ in length.</exception>
    public static double Contributions(ReadOnlySpan<double> p, ReadOnlySpan<double> q, Span<double> destination) =>
        destination.Length == p.Length
            ? ClassTerms.Sum<Term>(p, q, destination)
            : throw new ArgumentException($"destination has {destination.Length} classes, but p has {p.Length}.", nameof(destination));

    private readonly struct Term : IClassTerm
    {
        public static Vector256<double> Of(Vector256<double> p, Vector256<double> q) =>
            Vector256.ConditionalSelect(Vector256.IsZero(p), Vector256<double>.Zero, p * Vector256.Log(p / q));
    }
}
