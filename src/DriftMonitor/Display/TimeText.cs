namespace DriftMonitor.Display;

/// <summary>Times as text for people: UTC, to the second.</summary>
public static class TimeText
{
    /// <summary>Date and time with the zone: <c>2026-01-31 23:59:00Z</c>.</summary>
    public static string Utc(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);

    /// <summary>Epoch milliseconds as date and time with the zone.</summary>
    public static string Utc(long milliseconds) => Utc(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    /// <summary>Epoch milliseconds as date and time, where the text around them names the zone.</summary>
    public static string DateAndTime(long milliseconds) => Utc(milliseconds)[..^1];

    /// <summary>Epoch milliseconds as the time of day: <c>23:59:00</c>.</summary>
    public static string TimeOfDay(long milliseconds) => Utc(milliseconds)[^9..^1];
}
