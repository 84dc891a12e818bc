namespace DriftMonitor.Worker.Views;

/// <summary>How views write texts.</summary>
internal static class ViewText
{
    /// <summary>Null where nothing is said.</summary>
    public static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
