namespace DriftMonitor.Windows;

/// <summary>Says that registers of panes before a time may be missing and cannot be had any more; windows that reach back so far are not complete.</summary>
/// <param name="BeforeMs">Event time, epoch milliseconds.</param>
public sealed record RegistersLost(long BeforeMs) : PaneMessage;
