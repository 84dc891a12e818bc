namespace DriftMonitor.Divergence;

/// <summary>The pseudo-events that keep every divergence finite: additive smoothing of both distributions.</summary>
/// <remarks>
/// With ε pseudo-events the reference gets ε spread uniformly, q̃ₖ = (Rₖ + ε/K) / (m + ε), and the live window gets ε drawn from the
/// reference, p̃ₖ = (Sₖ + ε q̃ₖ) / (n + ε), where Rₖ and Sₖ are Σ p over m and n events and K counts the cells compared. So no q̃ₖ is 0, an
/// unseen class costs more the larger the reference is, and an empty window is exactly at the reference. ε = 0 turns it off. Source:
/// additive (Lidstone) smoothing, e.g. Manning and Schütze, <i>Foundations of Statistical Natural Language Processing</i>, 6.2.2; a
/// Dirichlet prior centred on q̃ for the live window.
/// </remarks>
public static class PseudoEvents
{
    /// <summary>q̃ from the reference's shares q = R/m and its number of events m.</summary>
    /// <param name="shares">q, K cells.</param>
    /// <param name="events">m.</param>
    /// <param name="pseudoEvents">ε ≥ 0.</param>
    /// <param name="smoothed">Receives q̃, K cells.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void SmoothReference(ReadOnlySpan<double> shares, double events, double pseudoEvents, Span<double> smoothed)
    {
        RequireSameLength(shares, smoothed);
        var uniform = pseudoEvents / shares.Length;
        for (var k = 0; k < shares.Length; k++)
        {
            smoothed[k] = ((shares[k] * events) + uniform) / (events + pseudoEvents);
        }
    }

    /// <summary>p̃ from the live window's shares p = S/n, its number of events n and the smoothed reference.</summary>
    /// <param name="shares">p, K cells, replaced by p̃; all 0 when n is 0.</param>
    /// <param name="events">n; n + ε must not be 0.</param>
    /// <param name="pseudoEvents">ε ≥ 0.</param>
    /// <param name="smoothedReference">q̃, K cells.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void SmoothLive(Span<double> shares, double events, double pseudoEvents, ReadOnlySpan<double> smoothedReference)
    {
        RequireSameLength(shares, smoothedReference);
        if (events == 0)
        {
            smoothedReference.CopyTo(shares); // exactly, without rounding
            return;
        }

        for (var k = 0; k < shares.Length; k++)
        {
            shares[k] = ((shares[k] * events) + (pseudoEvents * smoothedReference[k])) / (events + pseudoEvents);
        }
    }

    private static void RequireSameLength(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        if (one.Length != other.Length || one.IsEmpty)
        {
            throw new ArgumentException($"{one.Length} and {other.Length} cells: both must be the same number, at least 1");
        }
    }
}
