using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Windows;

/// <summary>Reads what was written down of partitions that are taken over: the last settlement and the panes that it covers.</summary>
internal sealed class RollupReader(MonitorSettings settings, RecordCodec codec, KafkaConnection connection)
{
    private readonly ILogger _log = connection.Logs.CreateLogger<RollupReader>();
    private readonly PastReader<PaneMessage?> _past = new(
        connection, KafkaClient.Rollups, $"{settings.GroupId}-rollups", settings.RollupsTopic, codec);

    /// <summary>Reads partitions to their ends. Blocks meanwhile, and for as long as the brokers cannot be reached.</summary>
    /// <inheritdoc cref="PastReader{TValue}.Read"/>
    public IEnumerable<RestoredPartition> Read(IReadOnlyList<Partition> partitions, Action onProgress, CancellationToken stop)
    {
        var read = _past.Read(
            partitions, () => new RestoredPartition(), (restored, message) => restored.Add(message),
            (restored, lost) => restored.NoteLoss(settings.Plan.LostBefore(lost.LatestMs)), onProgress, stop);
        foreach (var (partition, restored) in partitions.Zip(read))
        {
            if (restored.Newer > 0)
            {
                _log.RollupsUnreadable(settings.RollupsTopic, partition.Value, restored.Newer, settings.PanesTopic);
            }

            yield return restored; // what is written from now on has its registers in the panes partition still
        }
    }
}
