namespace DriftMonitor.Divergence;

/// <summary>Both KL divergences between two policies at one state, from the full probabilities of every action.</summary>
/// <remarks>
/// KL(cur‖ref) = Σ p ln(p/q), <c>live_vs_reference</c>, is what RLHF penalises with the frozen policy as the reference; KL(ref‖cur) = Σ q
/// ln(q/p),
/// <c>reference_vs_live</c>, is PPO's KL(old‖new) with the old policy as the reference. 0 ln 0 is 0. The logarithm of each ratio is clamped
/// to ±<see cref="LogRatioLimit"/>, so that an action which one policy rules out costs much and not infinitely; <c>Clamped</c> says whether
/// any was, since the value is then too low.
/// </remarks>
/// <param name="LiveVsReference">KL(current‖reference), nats, at least 0.</param>
/// <param name="ReferenceVsLive">KL(reference‖current), nats, at least 0.</param>
/// <param name="Clamped">Whether the logarithm of a ratio was beyond ±100 where either policy has mass.</param>
/// <seealso href="https://arxiv.org/abs/1707.06347">J. Schulman et al., Proximal Policy Optimization Algorithms, 2017</seealso>
public readonly record struct PairedKullbackLeibler(double LiveVsReference, double ReferenceVsLive, bool Clamped)
{
    /// <summary>Where the logarithm of a ratio is clamped, on both sides: no ratio of probabilities above 1e-43 is.</summary>
    public const double LogRatioLimit = 100;

    /// <summary>Both divergences.</summary>
    /// <param name="current">p: the probabilities of the policy that acts, which sum to 1.</param>
    /// <param name="reference">q: those of the policy that it is compared with.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static PairedKullbackLeibler Of(ReadOnlySpan<double> current, ReadOnlySpan<double> reference)
    {
        if (current.Length != reference.Length)
        {
            throw new ArgumentException($"{current.Length} probabilities against {reference.Length}", nameof(reference));
        }

        var (forward, backward, clamped) = (0.0, 0.0, false);
        for (var k = 0; k < current.Length; k++)
        {
            var (p, q) = (current[k], reference[k]);
            if (p == q)
            {
                continue; // 0 against 0 too, of which there is no ratio
            }

            var logRatio = Math.Log(p) - Math.Log(q); // ±∞ where one is 0
            var limited = Math.Clamp(logRatio, -LogRatioLimit, LogRatioLimit);
            clamped |= limited != logRatio;
            forward += p * limited;
            backward -= q * limited;
        }

        return new(Math.Max(0, forward), Math.Max(0, backward), clamped); // rounding may fall below 0, which the true value never does
    }
}
