namespace DriftMonitor.Worker.Prometheus;

/// <summary>How far an assigned partition is behind.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Records">How many records have not been read yet; null while that is unknown.</param>
internal readonly record struct PartitionLag(int Partition, long? Records);
