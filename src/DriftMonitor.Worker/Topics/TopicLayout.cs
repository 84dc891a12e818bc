using Confluent.Kafka;

namespace DriftMonitor.Worker.Topics;

/// <summary>The partitions that there are.</summary>
/// <param name="Sources">Those of all predictions topics.</param>
/// <param name="PanesPartitions">How many the panes topic has, and the rollups topic at least.</param>
internal sealed record TopicLayout(IReadOnlyList<TopicPartition> Sources, int PanesPartitions);
