namespace DriftMonitor.Worker.State;

/// <summary>A version of a model's reference in the references topic.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Of two the higher one is used.</param>
/// <param name="Snapshot">What is used of it; null where nothing is.</param>
/// <param name="UndoneMs">When it was taken back, epoch milliseconds; null for one that may be used.</param>
/// <param name="Problem">Why it cannot be used; null where it can, or was not tried.</param>
internal sealed record PushedVersion(string Model, int Version, ReferenceSnapshot? Snapshot, long? UndoneMs, string? Problem);
