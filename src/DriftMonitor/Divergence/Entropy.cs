namespace DriftMonitor.Divergence;

/// <summary>Shannon entropy: how undecided a distribution is.</summary>
/// <remarks>H(p) = −Σ p ln p, in nats, between 0 (one class has it all) and ln K (uniform over K classes).</remarks>
/// <seealso href="https://doi.org/10.1002/j.1538-7305.1948.tb01338.x">C. E. Shannon, A Mathematical Theory of Communication, 1948</seealso>
public static class Entropy
{
    /// <summary>The entropy of <paramref name="p"/> in nats: the same bits as <c>CrossEntropy.Between(p, p)</c>.</summary>
    /// <param name="p">A point on the simplex; that is not checked here. A class with p = 0 adds 0.</param>
    /// <exception cref="ArgumentException"><paramref name="p"/> is empty.</exception>
    public static double Of(ReadOnlySpan<double> p) => CrossEntropy.Between(p, p);

    /// <summary>
    /// The sum of the entropies of some choices, in nats, by the entropy of a distribution in which each has the same mass.
    /// </summary>
    /// <remarks>H = ln C + 1/C Σ Hᵢ for C choices. Rounding may take that below 0, which is 0.</remarks>
    /// <param name="nats">H, of all cells.</param>
    /// <param name="choices">C ≥ 1; of 1, H itself.</param>
    public static double OfChoices(double nats, int choices) => choices == 1 ? nats : choices * Math.Max(0, nats - Math.Log(choices));
}
