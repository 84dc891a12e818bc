namespace DriftMonitor.Windows;

/// <summary>Says that registers of panes before a time may be lost for good: windows that reach back so far are incomplete.</summary>
/// <param name="BeforeMs">Event time, epoch milliseconds.</param>
public sealed record RegistersLost(long BeforeMs) : PaneMessage;
