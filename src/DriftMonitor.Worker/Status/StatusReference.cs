namespace DriftMonitor.Worker.Status;

/// <summary>The reference in use for a model.</summary>
internal sealed record StatusReference(string Id, int Version);
