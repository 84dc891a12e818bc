namespace DriftMonitor.Worker.Views;

/// <summary>A replica, by the statuses of its models.</summary>
/// <param name="Replica">Its name.</param>
/// <param name="Url">Where it says that it is reached.</param>
/// <param name="Models">How many models it owns.</param>
/// <param name="WrittenMs">When it last said something, wall-clock time; null of this one.</param>
/// <param name="IsGone">Whether that is too long ago.</param>
/// <param name="IsThis">Whether it is the one that answers.</param>
internal sealed record ReplicaItem(string Replica, string? Url, int Models, long? WrittenMs, bool IsGone, bool IsThis);
