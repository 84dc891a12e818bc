using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>A window of labels and its readings, which are worked out once. Immutable.</summary>
/// <param name="Window">The window.</param>
/// <param name="CrossEntropy">What its labels cost beside its thresholds: those that it has.</param>
public sealed record JudgedLabels(FeedbackWindow Window, ImmutableArray<Reading> CrossEntropy);
