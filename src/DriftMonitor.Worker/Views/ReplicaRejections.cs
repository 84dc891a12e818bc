namespace DriftMonitor.Worker.Views;

/// <summary>What a replica has read.</summary>
/// <param name="Replica">Its name.</param>
/// <param name="Problem">Why it does not answer; null where it does.</param>
/// <param name="Topics">The topics that it reads.</param>
internal sealed record ReplicaRejections(string Replica, string? Problem, ImmutableArray<TopicRejections> Topics);
