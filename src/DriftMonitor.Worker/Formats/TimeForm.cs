namespace DriftMonitor.Worker.Formats;

/// <summary>How times are read that do not say it themselves.</summary>
/// <param name="Unit">What a number counts.</param>
/// <param name="Zone">Where text without an offset was written; null for UTC.</param>
internal readonly record struct TimeForm(TimeUnit Unit, TimeZoneInfo? Zone = null);
