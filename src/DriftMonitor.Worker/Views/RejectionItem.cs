using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Views;

/// <summary>Records of one outcome, reason and model.</summary>
/// <param name="Outcome">What became of them.</param>
/// <param name="Reason">Why; null for none.</param>
/// <param name="Model">Null where it is not known.</param>
/// <param name="Count">How many there were.</param>
/// <param name="Expected">What was expected instead.</param>
/// <param name="Records">Where the latest stand, the last one first. Nothing of what they hold.</param>
internal sealed record RejectionItem(
    RecordOutcome Outcome, string? Reason, string? Model, long Count, string Expected, ImmutableArray<RejectedRecord> Records);
