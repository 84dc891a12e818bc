namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>Counts for people.</summary>
internal static class CountText
{
    /// <summary>With its thousands apart: <c>12,345</c>.</summary>
    public static string Of(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>With what is counted, in the plural where there is not one.</summary>
    public static string Of(long count, string one, string? many = null) => $"{Of(count)} {(count == 1 ? one : many ?? $"{one}s")}";

    /// <summary>How many times its threshold a value is.</summary>
    public static string Times(double value, double threshold) => threshold > 0 && double.IsFinite(value)
        ? (value / threshold).ToString(value >= 10 * threshold ? "#,0 '×'" : "0.0 '×'", CultureInfo.InvariantCulture)
        : "–";
}
