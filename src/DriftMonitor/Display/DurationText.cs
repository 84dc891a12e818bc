namespace DriftMonitor.Display;

/// <summary>Durations as text, as settings are written and as people read them.</summary>
public static class DurationText
{
    private const long LongestMs = 36_500L * 86_400_000; // 100 years: every sum and difference of times stays within range

    private static readonly (long Ms, string Name)[] Units = [(1, "ms"), (1_000, "s"), (60_000, "m"), (3_600_000, "h"), (86_400_000, "d")];

    /// <summary>Reads a positive whole number of ms, s, m, h or d, up to 36500d.</summary>
    public static bool TryParse(string text, out long milliseconds)
    {
        var name = text[text.AsSpan().TrimEnd("msdh").Length..];
        var unitMs = Array.Find(Units, unit => unit.Name == name).Ms;
        milliseconds = 0;
        if (unitMs > 0
            && long.TryParse(text.AsSpan(..^name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count <= LongestMs / unitMs)
        {
            milliseconds = count * unitMs;
        }

        return milliseconds > 0;
    }

    /// <summary>A duration as it can be read again: a whole number of the largest unit that divides it, <c>30d</c>.</summary>
    public static string Exact(long milliseconds)
    {
        var (unitMs, name) = Array.FindLast(Units, unit => milliseconds % unit.Ms == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / unitMs}{name}");
    }

    /// <summary>A duration in the largest unit of which it has two, with up to three decimals: <c>10m</c>, <c>3.5d</c>.</summary>
    public static string Rounded(double milliseconds)
    {
        var (unitMs, name) = Array.FindLast(Units, unit => unit.Ms == 1_000 || (unit.Ms > 1_000 && milliseconds >= 2 * unit.Ms));
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / unitMs:0.###}{name}");
    }

    /// <summary>A duration in its two largest units: <c>8m 20s</c>, <c>3d 4h</c>.</summary>
    public static string TwoUnits(long milliseconds)
    {
        var seconds = milliseconds / 1_000 * 1_000;
        var larger = Math.Max(1, Array.FindLastIndex(Units, unit => unit.Ms <= seconds));
        var (largerMs, smallerMs) = (Units[larger].Ms, Units[larger - 1].Ms);
        var (count, rest) = (seconds / largerMs, seconds % largerMs / smallerMs);
        return string.Create(CultureInfo.InvariantCulture, $"{count}{Units[larger].Name}")
            + (rest == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {rest}{Units[larger - 1].Name}"));
    }
}
