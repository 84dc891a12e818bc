namespace DriftMonitor.Join;

/// <summary>Says that registers of labels before a time may be lost for good: windows of labels that reach so far are incomplete.</summary>
/// <param name="BeforeMs">The time of labels and predictions, epoch milliseconds.</param>
public sealed record LabelsLost(long BeforeMs) : PaneMessage;
