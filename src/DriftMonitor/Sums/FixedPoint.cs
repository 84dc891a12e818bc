namespace DriftMonitor.Sums;

/// <summary>Probability mass in units of 2⁻³²: integers, so that sums are exact and do not depend on their order.</summary>
/// <remarks>
/// A probability is rounded to the nearest unit, an error of at most 2⁻³³ ≈ 1.2·10⁻¹⁰ an event. A pane's 64 bits hold 2³² ≈ 4.3·10⁹
/// events in one class; windows sum panes in 128 bits.
/// </remarks>
public static class FixedPoint
{
    /// <summary>Units in a probability of 1.</summary>
    public const double One = 4294967296.0;

    /// <summary>What one unit is.</summary>
    public const double Unit = 1 / One;

    /// <summary>The units nearest to a number of nats, of either sign and below 2³⁰.</summary>
    public static long FromNats(double nats) => (long)Math.Round(nats * One, MidpointRounding.ToEven);

    /// <summary>The units nearest to a probability in [0, 1].</summary>
    public static ulong FromProbability(double probability) => (ulong)((probability * One) + 0.5);

    /// <summary>The mass, in events, that so many units are.</summary>
    public static double ToEvents(UInt128 units) => (double)units / One;
}
