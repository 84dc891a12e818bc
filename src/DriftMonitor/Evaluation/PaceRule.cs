namespace DriftMonitor.Evaluation;

/// <summary>Tells sudden from gradual drift by comparing a live window p with its reference q and with the window just before, t.</summary>
/// <remarks>
/// <para>
/// D(x) = ½ [KL(p‖x) + KL(x‖p)] grows with the square of the way between p and x, and shows its noise floor f(x) when there is none; so
/// √((D(t) − f(t)) / (D(q) − f(q))) is the share of the way from the reference that was made within a window's length. Far is what chance
/// shows once in a thousand windows of independent events: D &gt; m f, with m the 99.9 % quantile of χ²/ν for ν = classes − 1 (11 for two
/// classes, 3.1 for ten, 1.5 for a hundred).
/// </para>
/// <list type="table">
/// <item><term>none</term><description>D(q) ≤ m f(q)</description></item>
/// <item><term>sudden</term><description>D(t) &gt; m f(t) and D(t) − f(t) ≥ ¼ (D(q) − f(q)): half of the way or more</description></item>
/// <item><term>unknown</term><description>else, when D(q) − f(q) ≤ (m − 1) f(t): even a jump of that size might not show against the window
/// before; also without a trailing window that is ready, and when f(t) &gt; 0.05 nats, for there the floors are wrong (1,000 classes by
/// Zipf's law: by half)</description></item>
/// <item><term>gradual</term><description>else</description></item>
/// </list>
/// <para>
/// With L the window's length: a jump is sudden from when it shows until 1.5 L after it, then gradual, as is a step long ago. A ramp of
/// even speed cannot be told from a jump at first; it is sudden until 2.5 L after its beginning, then gradual. So a short window says what
/// the last minutes brought and a long one what the last days did; ask both. A model that swings each night moves suddenly each time.
/// Without a reference, or one of other classes, what moved is sudden and nothing else is known. Floors take events for independent: where
/// they repeat one another (the same user's, a camera's frames) both distances lie above their floors with no drift at all, and the verdict
/// is worth something only where a calibrated alarm is on.
/// </para>
/// </remarks>
/// <seealso href="https://doi.org/10.1073/pnas.17.12.684">E. B. Wilson and M. M. Hilferty, The Distribution of Chi-square, 1931 (the
/// quantile)</seealso>
public static class PaceRule
{
    private const double LargestFloorNats = 0.05;
    private const double OneInAThousand = 3.0902; // the normal distribution's quantile
    private const double HalfOfTheWaySquared = 0.25;

    /// <summary>The verdict on one window.</summary>
    /// <param name="reference">How far the window is from its reference; null without one.</param>
    /// <param name="trailing">How far it is from the window before; null when none is kept.</param>
    /// <param name="choices">How many choices an output makes: the floor may be as much for each.</param>
    public static DriftPace Of(Divergences? reference, TrailingDivergence? trailing, int choices = 1)
    {
        if (trailing is not { Ready: true } before || before.NoiseFloorNats > choices * LargestFloorNats)
        {
            return DriftPace.Unknown;
        }

        var margin = Margin(before.Classes);
        var movedNats = Mean(before.KlLiveVsTrailingNats, before.KlTrailingVsLiveNats);
        var moved = movedNats > margin * before.NoiseFloorNats;
        if (reference is not { } fixedOne)
        {
            return moved ? DriftPace.Sudden : DriftPace.Unknown;
        }

        var farNats = Mean(fixedOne.KlLiveVsReferenceNats, fixedOne.KlReferenceVsLiveNats);
        if (!(farNats > margin * fixedOne.NoiseFloorNats))
        {
            return DriftPace.None;
        }

        var driftNats = farNats - fixedOne.NoiseFloorNats;
        return moved && movedNats - before.NoiseFloorNats >= HalfOfTheWaySquared * driftNats ? DriftPace.Sudden
            : driftNats <= (margin - 1) * before.NoiseFloorNats ? DriftPace.Unknown
            : DriftPace.Gradual;
    }

    /// <summary>How many times its noise floor a divergence is once in a thousand windows that have not moved.</summary>
    public static double Margin(int classes)
    {
        var spread = 2 / (9.0 * Math.Max(1, classes - 1));
        return Math.Pow(1 - spread + (OneInAThousand * Math.Sqrt(spread)), 3);
    }

    private static double Mean(double oneWay, double otherWay) => 0.5 * (oneWay + otherWay);
}
