namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>How long something lasts, for people: its two largest units, and no seconds beside minutes.</summary>
internal static class SpanText
{
    private const long SecondMs = 1_000;
    private const long MinuteMs = 60 * SecondMs;
    private const long HourMs = 60 * MinuteMs;
    private const long DayMs = 24 * HourMs;

    public static string Of(long milliseconds)
    {
        var ms = Math.Max(0, milliseconds);
        return ms < MinuteMs ? Text(ms, SecondMs, "s")
            : ms < HourMs ? Text(ms, MinuteMs, "min")
            : ms < DayMs ? Both(ms, HourMs, "h", MinuteMs, "min")
            : Both(ms, DayMs, "d", HourMs, "h");
    }

    /// <summary>When something is or was, seen from now: <c>12 min ago</c>, <c>in 3 h</c>.</summary>
    public static string FromNow(long atMs, long nowMs) => atMs > nowMs ? $"in {Of(atMs - nowMs)}" : $"{Of(nowMs - atMs)} ago";

    private static string Both(long ms, long unitMs, string unit, long smallerMs, string smaller) =>
        ms % unitMs < smallerMs ? Text(ms, unitMs, unit) : $"{Text(ms, unitMs, unit)} {Text(ms % unitMs, smallerMs, smaller)}";

    private static string Text(long ms, long unitMs, string unit) => string.Create(CultureInfo.InvariantCulture, $"{ms / unitMs} {unit}");
}
