namespace DriftMonitor.Worker.Status;

/// <summary>The replica that owns a model.</summary>
/// <param name="Replica">Its name: <c>Kafka:Client:group.instance.id</c>, or that of its machine.</param>
/// <param name="Url">Where the other replicas reach it; null when that is not known.</param>
internal sealed record StatusOwner(string Replica, string? Url);
