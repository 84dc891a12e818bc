namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>What was said of an alarm when it began.</summary>
/// <param name="OnsetMs">Since when its drift is there.</param>
/// <param name="Above">What was above: window, measure and value.</param>
/// <param name="Sentence">The sentence.</param>
/// <param name="Threshold">
/// The threshold: of a budget it follows from the counts of events that have been calibrated by then, which is a matter of time.
/// </param>
internal sealed record SaidBegin(long? OnsetMs, string Above, string Sentence, string Threshold);
