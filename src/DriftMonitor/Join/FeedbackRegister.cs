namespace DriftMonitor.Join;

/// <summary>The whole value so far of one pane of labelled predictions, as one run of a lane of the join has it.</summary>
/// <param name="SourcePartition">The partition whose labels and predictions are joined.</param>
/// <param name="RunId">The run: a random number.</param>
/// <param name="Key">Which pane.</param>
/// <param name="Sums">The value, not to be changed.</param>
public sealed record FeedbackRegister(int SourcePartition, ulong RunId, FeedbackPaneKey Key, FeedbackSums Sums) : PaneMessage;
