using DriftMonitor.Worker.Wire.Proto;

namespace DriftMonitor.Worker.Wire;

/// <summary>A record of the rollups topic: a pane, or up to when all panes are written; neither when it says nothing to us.</summary>
/// <param name="Settled">Up to when all panes are written.</param>
/// <param name="IsNewer">Whether a newer version wrote it, in a format that cannot be read here.</param>
internal readonly record struct Rollup(SettledPane? Pane, Settled? Settled, bool IsNewer = false);
