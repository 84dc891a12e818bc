namespace DriftMonitor.Worker.Configuration;

/// <summary>A setting in effect, for people to read.</summary>
/// <param name="Key">Its name: <c>Kafka:GroupId</c>.</param>
/// <param name="Value">Its value, hidden where it is secret; empty for none.</param>
/// <param name="Origin">Where it is written; null for a default.</param>
internal sealed record ShownSetting(string Key, string Value, string? Origin);
