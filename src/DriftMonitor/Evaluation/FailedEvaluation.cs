using DriftMonitor.Windows;

namespace DriftMonitor.Evaluation;

/// <summary>Says that a window could not be evaluated. A report without numbers follows; the other models are still watched.</summary>
/// <param name="Window">The window.</param>
/// <param name="Fault">What was thrown.</param>
public sealed record FailedEvaluation(LiveWindow Window, Exception Fault) : StageEvent;
