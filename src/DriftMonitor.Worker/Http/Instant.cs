using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Worker.Http;

/// <summary>A time in a query: as of RFC 3339, such as 2026-01-31T23:59:00Z, or epoch milliseconds.</summary>
internal readonly record struct Instant(long Ms)
{
    public static bool TryParse([NotNullWhen(true)] string? text, out Instant instant)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms))
        {
            instant = new(ms);
            return true;
        }

        var isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        instant = new(time.ToUnixTimeMilliseconds());
        return isTime;
    }
}
