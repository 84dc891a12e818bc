namespace DriftMonitor.Worker.Metrics;

/// <summary>How far an assigned partition is behind, and whether it is held.</summary>
/// <param name="Records">How many records have not been read yet; null while that is unknown.</param>
/// <param name="Paused">Whether it is not read for the time being, since what was read of it cannot be published.</param>
internal readonly record struct PartitionLag(int Partition, long? Records, bool Paused = false);
