using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Join;

/// <summary>
/// Copies predictions and labels into topics of ours, each into the partition of its id, for the join to find both in one.
/// </summary>
/// <remarks>
/// For predictions of several topics, and for labels whose partitions or keys are not those of their predictions. A record is copied as it
/// is, once for each partition that a row of it belongs to. Offsets are committed after the copies have arrived, so that nothing is lost;
/// what is copied twice the join finds to be known, or a duplicate, but for a label that brings its own prediction along. A prediction
/// without an id, or that is none, is not copied: stage 1 counts it. A label that is none is, for the join to count.
/// </remarks>
internal sealed class RoutingConsumer : PartitionConsumer<byte[]?, RoutingLane>
{
    private const long CommitEveryMs = 1_000;
    private static readonly TimeSpan WhileFull = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(5);

    private readonly FeedbackSettings _feedback;
    private readonly LabelRouting _routing;
    private readonly int _partitions;
    private readonly RawDeserializer _raw;
    private readonly LabelReader _labels;
    private readonly Dictionary<string, PredictionReader> _predictions;
    private readonly RoutedRecords _routed;
    private readonly TopicMetrics _topic; // of the labels: stage 1 shows how far behind it is on those of predictions
    private readonly SortedDictionary<int, List<int>> _rows = []; // of one record, by the partition that they belong to
    private long _committedMs;

    /// <param name="partitions">How many partitions both topics of ours have.</param>
    /// <param name="labels">Reads labels.</param>
    /// <param name="decoder">Decodes predictions; of this consumer alone.</param>
    public RoutingConsumer(
        MonitorSettings settings, int partitions, LabelReader labels, PredictionDecoder decoder, ServiceMetrics metrics,
        KafkaConnection connection)
        : this(settings, settings.Feedback!, partitions, labels, decoder, new RawDeserializer(), metrics, connection)
    {
    }

    private RoutingConsumer(
        MonitorSettings settings, FeedbackSettings feedback, int partitions, LabelReader labels, PredictionDecoder decoder,
        RawDeserializer raw, ServiceMetrics metrics, KafkaConnection connection)
        : base(
            connection,
            KafkaClient.Routing,
            KafkaClients.Consumer(settings.Client, $"{settings.GroupId}-routing", withHeaders: true),
            [feedback.Source.Topic, .. feedback.Routing!.PredictionSources],
            raw)
    {
        (_feedback, _routing, _partitions, _raw, _labels) = (feedback, feedback.Routing!, partitions, raw, labels);
        var faults = new DecodingFaults(Time, Log);
        _predictions = _routing.PredictionSources.ToDictionary(
            topic => topic,
            topic => new PredictionReader(
                settings.Predictions[topic], decoder, settings.MaxRecordBytes, problem => faults.Tell(problem, topic)),
            StringComparer.Ordinal);
        (_routed, _topic) = (new RoutedRecords(connection), metrics.Topic(feedback.Source.Topic));
    }

    public override void Dispose()
    {
        base.Dispose();
        if (!IsRunning)
        {
            _routed.Dispose();
        }
    }

    protected override IEnumerable<(RoutingLane State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
    {
        foreach (var committed in Queries.Committed(assigned))
        {
            var start = committed.Offset;
            if (start == Offset.Unset)
            {
                var nowMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
                var first = Queries.FirstSince(committed.TopicPartition, Math.Max(0, _feedback.Plan.ReadFromMs(nowMs)));
                start = first.IsSpecial ? Offset.Beginning : first; // the end, when nothing is that young: or the broker does not know
            }

            yield return (new RoutingLane(committed.TopicPartition), new TopicPartitionOffset(committed.TopicPartition, start));
        }
    }

    protected override void Read(RoutingLane partition, ConsumeResult<Ignore, byte[]?> record)
    {
        while (_routed.IsFull)
        {
            Stopping.ThrowIfCancellationRequested();
            _routed.ThrowIfFatal();
            _routed.Flush(WhileFull);
            ShowProgress();
        }

        _rows.Clear();
        var (value, key, headers) = (record.Message.Value, _raw.Key, record.Message.Headers);
        var modelKey = key is { Length: <= OriginalRecord.MaxModelBytes } ? key.AsSpan() : default;
        var isLabels = partition.Partition.Topic == _feedback.Source.Topic;
        var rows = 0;
        if (isLabels)
        {
            foreach (var label in _labels.Read(value, value is null, headers, modelKey))
            {
                Take(label.Id is { } id ? ModelPartitions.Of(id, _partitions) : record.Partition.Value % _partitions, rows++);
            }
        }
        else
        {
            var reader = _predictions[partition.Partition.Topic];
            for (reader.Begin(value, value is null, headers, modelKey); reader.TryNext(); rows++)
            {
                if (reader.Record is { Rejection: RejectionReason.None, IsIgnored: false, Id.IsEmpty: false } prediction)
                {
                    Take(ModelPartitions.Of(prediction.Id.ToString(), _partitions), rows);
                }
            }
        }

        var noted = new NotedRecord(record.Partition, record.Offset, 0, record.Message.Timestamp.UnixTimestampMs);
        var topic = isLabels ? _routing.LabelsTopic : _routing.PredictionsTopic;
        foreach (var (to, ofPartition) in _rows)
        {
            _routed.Publish(
                new TopicPartition(topic, to),
                new Message<byte[], byte[]>
                {
                    Key = key!,
                    Value = value!,
                    Headers = RoutedRecord.HeadersOf(headers, record.Topic, ofPartition.Count == rows ? null : ofPartition),
                    Timestamp = new Timestamp(record.Message.Timestamp.UnixTimestampMs, TimestampType.CreateTime),
                },
                isLabels ? error => CountGivenUp(error, noted) : _ => { }); // of predictions their labels tell, which find none
        }

        partition.Next = record.Offset + 1;

        void Take(int to, int row)
        {
            if (!_rows.TryGetValue(to, out var rowsOfPartition))
            {
                _rows[to] = rowsOfPartition = [];
            }

            rowsOfPartition.Add(row);
        }
    }

    /// <summary>Labels that never arrive are counted here, since the join does not see them.</summary>
    private void CountGivenUp(Error error, NotedRecord record)
    {
        _topic.CountConsumed();
        _topic.CountRejected(
            error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge ? RejectionReason.TooLarge : RejectionReason.Malformed,
            model: null, record);
    }

    protected override void Tick(long nowMs)
    {
        _routed.ThrowIfFatal();
        if (nowMs - _committedMs is >= CommitEveryMs or < 0)
        {
            _committedMs = nowMs;
            _routed.Flush(WhileFull);
            StoreArrived(Partitions);
            _topic.UsePartitions(Partitions.Where(lane => lane.Partition.Topic == _topic.Topic).Select(
                lane => new PartitionLag(lane.Partition.Partition, Queries.Lag(lane.Partition))));
        }
    }

    protected override void Close(IReadOnlyList<RoutingLane> partitions, bool lost)
    {
        if (lost)
        {
            return;
        }

        _routed.Flush(LastFlush);
        if (StoreArrived(partitions) is { Count: > 0 } arrived)
        {
            try
            {
                Consumer.Commit(arrived);
            }
            catch (KafkaException problem)
            {
                Errors.Note(problem.Cause()); // they are copied again, and the join finds them known
            }
        }
    }

    protected override void CountUnreadable(string topic)
    {
    }

    protected override void ReachedEnd(RoutingLane partition, long offset)
    {
    }

    protected override void NoteLoss(RoutingLane partition, LostRecords lost)
    {
    }

    private List<TopicPartitionOffset> StoreArrived(IReadOnlyCollection<RoutingLane> partitions)
    {
        List<TopicPartitionOffset> arrived = _routed.IsSettled
            ? [
                .. partitions.Where(lane => lane.Next is not null).Select(
                    lane => new TopicPartitionOffset(lane.Partition, lane.Next!.Value))]
            : [];
        arrived.ForEach(Consumer.StoreOffset);
        return arrived;
    }
}
