using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Join;

/// <summary>Produces the panes of the join: each to the partition of its series, and after them the progress to every partition.</summary>
internal sealed class FeedbackPublisher : TopicPublisher
{
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    private readonly string _topic;
    private readonly int _partitions;
    private readonly FeedbackPaneCodec _codec;
    private readonly TimeProvider _time;

    public FeedbackPublisher(MonitorSettings settings, int partitions, KafkaConnection connection)
        : base(connection, KafkaClient.Feedback) =>
        (_topic, _partitions, _codec, _time) =
            (settings.FeedbackPanesTopic, partitions, new FeedbackPaneCodec(settings.Feedback!.Plan.Panes), connection.Time);

    public PendingPublication Publish(FeedbackLane lane, IReadOnlyList<(FeedbackPaneKey Key, FeedbackSums Sums)> panes)
    {
        var source = lane.Partition.Partition.Value;
        var pending = new PendingPublication(safeOffset: null, panes.Count + _partitions);
        foreach (var (key, sums) in panes)
        {
            Produce(
                PartitionOf(key.Series), FeedbackPaneCodec.Key(source, lane.RunId, key),
                FeedbackPaneCodec.Encode(source, lane.RunId, key, sums));
        }

        var progress = _codec.EncodeProgress(
            source, lane.RunId, lane.Join.Position, _time.GetUtcNow().ToUnixTimeMilliseconds());
        for (var partition = 0; partition < _partitions; partition++)
        {
            Produce(partition, FeedbackPaneCodec.Key(source, lane.RunId, null), progress);
        }

        return pending;

        void Produce(int partition, byte[] key, byte[] value) =>
            Producer.Produce(
                new TopicPartition(_topic, partition), new Message<byte[], byte[]> { Key = key, Value = value }, pending.OnDelivered);
    }

    /// <summary>By the series alone (FNV-1a), while the record's key, for compaction, has the pane too.</summary>
    private int PartitionOf(SeriesKey series)
    {
        var hash = FnvOffset;
        foreach (var value in PaneCodec.Key(series))
        {
            hash = (hash ^ value) * FnvPrime;
        }

        return (int)(hash % (uint)_partitions);
    }
}
