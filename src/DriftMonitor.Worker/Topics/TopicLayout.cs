using Confluent.Kafka;

namespace DriftMonitor.Worker.Topics;

/// <summary>The topics that are there once the service starts.</summary>
/// <param name="Sources">The partitions of all predictions topics.</param>
/// <param name="PanesPartitions">How many the panes topic has, and the rollups topic at least.</param>
/// <param name="RoutedPartitions">How many the topics have that predictions and labels are routed into; 0 where there are none.</param>
/// <param name="CalibrationPartitions">How many that of calibrations has; 0 where there is none.</param>
/// <param name="ReferencePartitions">How many that of references has; 0 where there is none.</param>
internal sealed record TopicLayout(
    IReadOnlyList<TopicPartition> Sources, int PanesPartitions, int RoutedPartitions, int CalibrationPartitions, int ReferencePartitions);
