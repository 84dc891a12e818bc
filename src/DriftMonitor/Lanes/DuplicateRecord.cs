namespace DriftMonitor.Lanes;

/// <summary>Says that a prediction counts in no pane, since one with its id came before it for a pane that is open.</summary>
/// <param name="Record">The record, which is not to be used after the next one has come.</param>
public sealed record DuplicateRecord(PredictionRecord Record) : StageEvent;
