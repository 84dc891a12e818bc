namespace DriftMonitor.Divergence;

/// <summary>
/// Estimates of KL(current‖reference) from one sampled token or action, of which only the two log-probabilities are known.
/// </summary>
/// <remarks>
/// <para>
/// With r = π_ref/π_cur at what was sampled <em>from the current policy</em>, in nats:
/// </para>
/// <list type="bullet">
/// <item><c>K1</c> = −ln r: without bias, of either sign, noisy.</item>
/// <item><c>K2</c> = ½ (ln r)²: never negative, little noise, biased by a little while the policies are close.</item>
/// <item><c>K3</c> = (r − 1) − ln r: without bias, never negative, usually less noisy than K1.</item>
/// </list>
/// <para>
/// One sample means little; average them. The direction is <c>live_vs_reference</c>. For the other one, KL(old‖new) as in PPO,
/// the samples come from the old policy, which is then passed as the current one. ln r is clamped to [−20, 20], or a single token could
/// outweigh a window: e²⁰ is 4.9e8. Clamping biases the mean, so count <c>Clamped</c>. The default value is that of two equal policies.
/// </para>
/// </remarks>
/// <param name="K1">−ln r.</param>
/// <param name="K2">½ (ln r)².</param>
/// <param name="K3">(r − 1) − ln r.</param>
/// <param name="Clamped">Whether ln r was beyond ±20.</param>
/// <seealso href="http://joschu.net/blog/kl-approx.html">J. Schulman, Approximating KL Divergence, 2020</seealso>
public readonly record struct SampledKullbackLeibler(double K1, double K2, double K3, bool Clamped)
{
    /// <summary>Where ln r is clamped, on both sides.</summary>
    public const double LogRatioLimit = 20;

    /// <summary>The means of the three estimates over the tokens of one response; clamped if any was.</summary>
    /// <param name="current">ln π_cur of each token, under the policy that drew them.</param>
    /// <param name="reference">ln π_ref of each.</param>
    /// <exception cref="ArgumentException">No token, another number of tokens on either side, or a ratio that is NaN.</exception>
    public static SampledKullbackLeibler MeanOf(ReadOnlySpan<double> current, ReadOnlySpan<double> reference)
    {
        if (current.IsEmpty || current.Length != reference.Length)
        {
            throw new ArgumentException($"{current.Length} log-probabilities against {reference.Length}", nameof(reference));
        }

        var (k1, k2, k3, clamped) = (0.0, 0.0, 0.0, false);
        for (var i = 0; i < current.Length; i++)
        {
            var token = Of(current[i], reference[i]);
            (k1, k2, k3, clamped) = (k1 + token.K1, k2 + token.K2, k3 + token.K3, clamped | token.Clamped);
        }

        return new(k1 / current.Length, k2 / current.Length, k3 / current.Length, clamped);
    }

    /// <summary>The three estimates from one sample.</summary>
    /// <param name="current">ln π_cur of the sample, under the policy that drew it.</param>
    /// <param name="reference">ln π_ref of the same sample; −∞, where the reference rules it out, is clamped like any other.</param>
    /// <exception cref="ArgumentException">
    /// ln r = reference − current is NaN: an argument is NaN, or both are the same infinity.
    /// </exception>
    public static SampledKullbackLeibler Of(double current, double reference)
    {
        double logRatio = reference - current;
        if (double.IsNaN(logRatio))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The log-probabilities {current} and {reference} have no ratio."),
                nameof(reference));
        }

        double clamped = Math.Clamp(logRatio, -LogRatioLimit, LogRatioLimit);

        // Near 0 the difference in K3 is all rounding and may fall below 0, which the true value never does.
        double k3 = Math.Max(0, Math.Exp(clamped) - 1 - clamped);
        return new(-clamped, 0.5 * clamped * clamped, k3, Clamped: clamped != logRatio);
    }
}
