using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>
/// Addresses relative to a page one level deep. Names of models hold anything, so they stand in queries, never in paths.
/// </summary>
internal static class PageLink
{
    public static string Alarm(AlarmItem alarm) => $"alarm{AlarmQuery(alarm)}";

    /// <summary>Where the alarm is acknowledged: by its own severity, whatever people hear of it.</summary>
    public static string Acknowledgement(AlarmItem alarm) => $"api/v1/alarm/acknowledgement{AlarmQuery(alarm)}";

    /// <param name="window">The window whose chart is shown; null for the one that says most.</param>
    public static string Model(string model, string? window = null, string? segment = null) =>
        $"model{Query(("model", model), ("window", window), ("segment", segment))}";

    public static string References(string? model) => $"references{Query(("model", model))}";

    public static string Rejected(string? model) => $"rejected{Query(("model", model))}";

    public static string History(string model, string segment, string window) =>
        $"api/v1/history{Query(("model", model), ("segment", segment), ("window", window))}";

    /// <summary>The runbook of a model in a state, or of what an alarm is about.</summary>
    public static string Runbook(string name) => $"runbooks/{name}";

    /// <summary>A query of those that have a value, each escaped.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parts)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return query.ToString();
    }

    private static string AlarmQuery(AlarmItem alarm) => Query(
        ("model", alarm.Model), ("segment", alarm.Segment), ("window", alarm.First.Window), ("kind", SnakeCaseName.Of(alarm.Kind)),
        ("severity", SnakeCaseName.Of(alarm.Severity)), ("began_ms", alarm.BeganMs.ToString(CultureInfo.InvariantCulture)));
}
