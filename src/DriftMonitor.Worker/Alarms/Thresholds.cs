namespace DriftMonitor.Worker.Alarms;

/// <summary>The value beyond which a measure is worth a warning, and the one beyond which it is worth waking somebody; null for none. Nats.</summary>
internal readonly record struct Thresholds(double? WarningNats, double? CriticalNats);
