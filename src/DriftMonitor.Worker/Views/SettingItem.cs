namespace DriftMonitor.Worker.Views;

/// <summary>A setting in effect.</summary>
internal sealed record SettingItem(string Key, string Value);
