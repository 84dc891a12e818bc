using DriftMonitor.Windows;
using DriftMonitor.Worker.Messages.Wire;

namespace DriftMonitor.Worker.Messages;

/// <summary>A record of the rollups topic: a pane, or up to when all panes are written; neither when it says nothing to us.</summary>
internal readonly record struct Rollup(SettledPane? Pane, Settled? Settled);
