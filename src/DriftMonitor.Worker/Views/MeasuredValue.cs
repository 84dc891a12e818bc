namespace DriftMonitor.Worker.Views;

/// <summary>A value beside its threshold, both in the unit of the measure: nats, or of accuracy the share of wrong predictions.</summary>
/// <param name="Window">The window's name.</param>
/// <param name="ToMs">The window's exclusive end, epoch milliseconds of event time.</param>
/// <param name="Measure">Which value.</param>
/// <param name="Value">The value.</param>
/// <param name="Threshold">What it must exceed.</param>
internal sealed record MeasuredValue(string Window, long ToMs, Measure Measure, double Value, double Threshold);
