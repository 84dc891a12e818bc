namespace DriftMonitor.Worker.Views;

/// <summary>What replicas have read of the sources' topics since their starts, and what became of records that do not count.</summary>
/// <param name="Replicas">A replica each; those that do not answer say so.</param>
internal sealed record RejectionsView(ImmutableArray<ReplicaRejections> Replicas);
