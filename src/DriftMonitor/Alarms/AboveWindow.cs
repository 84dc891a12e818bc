using System.Text.Json.Serialization;

namespace DriftMonitor.Alarms;

/// <summary>A window that is above its threshold, or has been within its own length.</summary>
/// <param name="Window">The window.</param>
/// <param name="SinceMs">The end of the first one that was above, epoch milliseconds.</param>
/// <param name="LastMs">The end of the latest one that was.</param>
public readonly record struct AboveWindow(WindowSpec Window, long SinceMs, long LastMs)
{
    /// <summary>What tells apart values of one kind that are decided each for itself, as the labels' two times.</summary>
    [JsonInclude]
    internal int Stream { get; init; }
}
