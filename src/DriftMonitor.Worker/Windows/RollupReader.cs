using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Windows;

/// <summary>Reads what was written down of partitions that are taken over: the last settlement and the panes that it covers.</summary>
internal sealed class RollupReader(MonitorSettings settings, RecordCodec codec, KafkaConnection connection)
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _log = connection.Logs.CreateLogger<RollupReader>();
    private readonly ClientErrors _errors = connection.Errors(KafkaClient.Rollups, connection.Logs.CreateLogger<RollupReader>());

    /// <summary>
    /// Reads partitions of the rollups topic to their ends, one after the other, so that only one is held in memory. Blocks meanwhile, and
    /// for as long as the brokers cannot be reached.
    /// </summary>
    /// <param name="onProgress">Called again and again, so that a watchdog sees that this is no hang.</param>
    /// <param name="stop">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<RestoredPartition> Read(IReadOnlyList<Partition> partitions, Action onProgress, CancellationToken stop)
    {
        if (partitions.Count == 0)
        {
            yield break; // as after a rebalance that gives this replica nothing more
        }

        using var consumer = Consumer();
        var gaps = connection.Gaps(consumer, _errors, _log);
        foreach (var partition in partitions)
        {
            consumer.Assign(new TopicPartitionOffset(settings.RollupsTopic, partition, Offset.Beginning));
            var restored = new RestoredPartition();
            while (!ReachesEnd(consumer, gaps, restored))
            {
                stop.ThrowIfCancellationRequested();
                _errors.ThrowIfFatal();
                onProgress();
            }

            if (restored.Newer > 0)
            {
                _log.LogWarning(
                    "{Topic} [{Partition}]: {Records} records are of a newer version of DriftMonitor and cannot be read; its windows "
                    + "start anew from {Panes}: let all replicas run one version",
                    settings.RollupsTopic, partition.Value, restored.Newer, settings.PanesTopic);
            }

            yield return restored; // what is written from now on has its registers in the panes partition still
        }

        consumer.Close();
    }

    private bool ReachesEnd(IConsumer<Ignore, PaneMessage?> consumer, LogGaps<PaneMessage?> gaps, RestoredPartition restored)
    {
        try
        {
            gaps.Bridge();
            while (consumer.Consume(PollTimeout) is { } result)
            {
                if (gaps.LostBefore(result) is { } lost)
                {
                    restored.NoteLoss(settings.Plan.LostBefore(lost.LatestMs));
                }

                if (result.IsPartitionEOF)
                {
                    return true;
                }

                restored.Add(result.Message.Value);
            }
        }
        catch (ConsumeException problem)
        {
            gaps.Note(problem);
        }

        return false;
    }

    private IConsumer<Ignore, PaneMessage?> Consumer() =>
        connection.Consumer<PaneMessage?>(
            KafkaClients.Unjoined(settings.Client, $"{settings.GroupId}-rollups"), codec, _errors);
}
