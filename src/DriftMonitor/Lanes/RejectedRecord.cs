namespace DriftMonitor.Lanes;

/// <summary>Says that a record counts in no pane: it is no prediction, late or future.</summary>
/// <param name="Record">The record, which is not to be used after the next one has come.</param>
/// <param name="Reason">Why.</param>
public sealed record RejectedRecord(PredictionRecord Record, RejectionReason Reason) : StageEvent;
