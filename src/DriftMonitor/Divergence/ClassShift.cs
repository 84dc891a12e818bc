namespace DriftMonitor.Divergence;

/// <summary>How far a class's share must move, the others in proportion, for a distribution to be so many nats from what it was.</summary>
/// <remarks>
/// With q the share before and p after it, the divergence is that of two classes: KL = p ln(p/q) + (1−p) ln((1−p)/(1−q)), since the
/// proportions of the others cancel. A share of up to ½ rises, a larger one falls, so that there is room. Found by bisection, to the last
/// bits.
/// </remarks>
public static class ClassShift
{
    /// <summary>The share after a shift whose KL(p‖q) is so many nats; null when even all of one class is not that far.</summary>
    /// <param name="share">q, in (0, 1).</param>
    /// <param name="nats">The divergence, at least 0.</param>
    public static double? LiveVsReference(double share, double nats) =>
        Moved(share, nats, (p, q) => KullbackLeibler.Divergence([p, 1 - p], [q, 1 - q]));

    /// <summary>The share after a shift whose KL(q‖p) is so many nats.</summary>
    /// <inheritdoc cref="LiveVsReference"/>
    // +∞ at the end
    public static double ReferenceVsLive(double share, double nats) =>
        Moved(share, nats, (p, q) => KullbackLeibler.Divergence([q, 1 - q], [p, 1 - p]))!.Value;

    private static double? Moved(double share, double nats, Func<double, double, double> divergence)
    {
        if (!(share is > 0 and < 1) || !(nats >= 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(share), string.Create(
                    CultureInfo.InvariantCulture,
                    $"a share of {share} and {nats} nats: the share must lie between 0 and 1, the nats not below 0"));
        }

        var (near, far) = (share, share <= 0.5 ? 1.0 : 0.0);
        if (divergence(far, share) < nats)
        {
            return null;
        }

        for (var halving = 0; halving < 100; halving++)
        {
            var between = (near + far) / 2;
            (near, far) = divergence(between, share) < nats ? (between, far) : (near, between);
        }

        return far;
    }
}
