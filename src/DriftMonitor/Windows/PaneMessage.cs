namespace DriftMonitor.Windows;

/// <summary>What stage 1 tells stage 2: a pane's value, or how far a source partition has come.</summary>
/// <param name="SourcePartition">The partition of the predictions topic that it is about.</param>
public abstract record PaneMessage(int SourcePartition);
