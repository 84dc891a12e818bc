using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Metrics;

/// <summary>Settings that are exported, since rules need them.</summary>
/// <param name="PublicUrl">Where people reach the monitor; null when nobody has said so.</param>
/// <param name="TrafficFactor">By what a model's traffic may differ from its reference's; 0 for anything.</param>
/// <param name="Owners">Whose the models are; null for nobody's.</param>
internal sealed record ExportedSettings(string? PublicUrl = null, double TrafficFactor = 0, ModelOwners? Owners = null);
