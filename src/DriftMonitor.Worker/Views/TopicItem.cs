namespace DriftMonitor.Worker.Views;

/// <summary>A topic that is read.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Partitions">How many of its partitions are read here.</param>
/// <param name="Paused">How many of them are not read for the time being.</param>
/// <param name="LagRecords">How many records have not been read yet; null while that is not known.</param>
/// <param name="Consumed">How many have been read since the start.</param>
internal sealed record TopicItem(string Topic, int Partitions, int Paused, long? LagRecords, long Consumed);
