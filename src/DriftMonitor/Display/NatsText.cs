using System.Globalization;

namespace DriftMonitor.Display;

/// <summary>How a number of nats is written for people: four decimals, and of a smaller one its first digits, for a long window's may be tiny.</summary>
public static class NatsText
{
    private const double Small = 0.001;

    /// <summary>The number, a dash for none or one that is not finite.</summary>
    public static string Of(double? value) => value is not { } nats || !double.IsFinite(nats) ? "–"
        : nats.ToString(nats != 0 && Math.Abs(nats) < Small ? "0.00e-0" : "0.0000", CultureInfo.InvariantCulture);
}
