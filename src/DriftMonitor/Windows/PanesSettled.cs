namespace DriftMonitor.Windows;

/// <summary>Says which panes have become final, in the order of time: what a successor needs of the past.</summary>
/// <param name="Settlement">The panes.</param>
public sealed record PanesSettled(Settlement Settlement) : StageEvent;
