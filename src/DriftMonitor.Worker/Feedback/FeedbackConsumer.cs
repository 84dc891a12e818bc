using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Feedback;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Messages;
using DriftMonitor.Worker.Prometheus;

namespace DriftMonitor.Worker.Feedback;

/// <summary>Stage 1 of feedback: one lane for each assigned partition, which joins its labels to the predictions of the same number.</summary>
/// <remarks>
/// A group of its own over the feedback topic. Nothing is committed to Kafka: the offsets of both logs stand in the lane's store, with the data.
/// </remarks>
internal sealed class FeedbackConsumer : PartitionConsumer<Ignore, FeedbackRecord, FeedbackLane>
{
    private static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(4);

    private readonly MonitorSettings _settings;
    private readonly FeedbackSettings _feedback;
    private readonly Func<Partition, IFeedbackStore> _openStore;
    private readonly WaitingPredictions? _predictions;
    private readonly FeedbackPublisher _publisher;
    private readonly MonitorMetrics _metrics;
    private readonly TopicMetrics _topic;
    private readonly Dictionary<Partition, FeedbackLane> _lanes = [];
    private readonly FeedbackDeserializer _deserializer;
    private readonly DeadLetterPublisher? _deadLetters;
    private readonly RecordStamps _stamps;
    private long _lastBeat;

    public FeedbackConsumer(
        MonitorSettings settings,
        FeedbackDeserializer deserializer,
        PredictionDecoder predictions,
        Func<Partition, IFeedbackStore> openStore,
        FeedbackPublisher publisher,
        MonitorMetrics metrics,
        TimeProvider time,
        ILogger<FeedbackConsumer> log,
        DeadLetterPublisher? deadLetters = null)
        : base(
            settings,
            WithStart(KafkaClients.Consumer(settings, $"{settings.GroupId}-feedback")),
            [settings.Feedback!.Topic],
            deserializer,
            deserializer,
            KafkaClient.Feedback,
            metrics,
            time,
            log)
    {
        (_settings, _feedback, _openStore, _publisher, _metrics) = (settings, settings.Feedback!, openStore, publisher, metrics);
        (_deserializer, _deadLetters, _stamps) = (deserializer, deadLetters, new RecordStamps(time, settings.Plan.AllowedSkewMs));
        _topic = metrics.Topic(_feedback.Topic);
        _predictions = _feedback.Join ? new WaitingPredictions(settings, predictions, metrics, time, log) : null;
    }

    protected override IEnumerable<(FeedbackLane State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
    {
        foreach (var partition in assigned)
        {
            var store = _openStore(partition.Partition);
            var join = new FeedbackJoin(
                _feedback.Plan, store, _metrics.Feedback.CountUnmatched, _metrics.Feedback.CountMatched);
            var lane = new FeedbackLane(partition, store, join, unchecked((ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue)));
            _lanes[partition.Partition] = lane;
            if (_predictions is null)
            {
                lane.ReachPredictionsEnd();
            }
            else
            {
                _predictions.Add(partition.Partition, StartOf(new TopicPartition(_predictions.Topic, partition.Partition), store.Position.PredictionsNext));
            }

            yield return (lane, new TopicPartitionOffset(partition, StartOf(partition, store.Position.FeedbackNext)));
        }
    }

    protected override void Read(FeedbackLane partition, ConsumeResult<Ignore, FeedbackRecord> record)
    {
        var recordMs = record.Message.Timestamp.UnixTimestampMs;
        var feedback = record.Message.Value;
        if (feedback.Rejection == RejectionReason.None)
        {
            feedback = _stamps.Problem(recordMs) is var problem && problem != RejectionReason.None ? FeedbackRecord.Rejected(problem)
                : !_feedback.Join && feedback.Prediction is null ? FeedbackRecord.Rejected(RejectionReason.MissingOutput)
                : feedback;
        }

        _topic.CountConsumed();
        var reason = partition.Join.Add(feedback.At(record.Offset, recordMs), recordMs);
        _topic.CountRejected(reason);
        if (reason != RejectionReason.None && _deadLetters is not null)
        {
            _deadLetters.Publish(record.TopicPartitionOffset, recordMs, reason, _deserializer.Original, _topic);
            partition.HasDeadLetters = true;
            if (_deadLetters.IsFull)
            {
                _deadLetters.Flush(LastFlush);
            }
        }

        partition.ReadFeedback();
    }

    protected override void ReachedEnd(FeedbackLane partition) => partition.ReachFeedbackEnd();

    protected override void Tick(long nowMs)
    {
        _publisher.ThrowIfFatal();
        _predictions?.Read(_lanes, Join);
        var interval = (long)_settings.PublishInterval.TotalMilliseconds;
        var beat = (nowMs - ((long)_settings.EvaluationDelay.TotalMilliseconds / 2)) / interval;
        var isBeat = beat != _lastBeat;
        _lastBeat = beat;
        foreach (var lane in Partitions)
        {
            if (lane.IsCommitDue(nowMs))
            {
                DeliverDeadLetters(lane);
                lane.Commit(nowMs);
            }

            if (lane.Pending?.Failure is { } failure)
            {
                throw failure;
            }

            if (isBeat && lane.IsRebuilt && lane.Pending is null or { IsAcknowledged: true })
            {
                DeliverDeadLetters(lane);
                lane.Pending = _publisher.Publish(lane, lane.Publish(nowMs));
            }
        }

        if (isBeat)
        {
            _topic.UsePartitions(Partitions.Select(lane => new PartitionLag(lane.Partition.Partition, Lag(lane.Partition), false)));
        }
    }

    protected override void Close(IReadOnlyList<FeedbackLane> partitions, bool lost)
    {
        foreach (var lane in partitions)
        {
            _lanes.Remove(lane.Partition.Partition);
        }

        _predictions?.Remove(partitions.Select(lane => lane.Partition.Partition));
        var nowMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var lane in partitions)
        {
            DeliverDeadLetters(lane);
            if (!lost && lane.IsRebuilt)
            {
                _publisher.Publish(lane, lane.Publish(nowMs));
            }
            else if (!lost)
            {
                lane.Commit(nowMs);
            }

            lane.Dispose();
        }

        if (!lost)
        {
            _publisher.Flush(LastFlush);
        }
    }

    /// <summary>To be called before a commit: what stands before the position is not read again.</summary>
    private void DeliverDeadLetters(FeedbackLane lane)
    {
        if (lane.HasDeadLetters)
        {
            _deadLetters!.Flush(LastFlush);
            lane.HasDeadLetters = false;
        }
    }

    private void Join(FeedbackLane lane, PredictionRecord record)
    {
        if (record.Rejection == RejectionReason.None)
        {
            record.Reject(_stamps.Problem(record.RecordTimeMs)); // a stamp ahead of our clock would move the log's on, and what waits would be forgotten
        }

        lane.Join.Add(record);
    }

    /// <summary>Where the store left off; on an empty disk, where what a window can depend on begins.</summary>
    private Offset StartOf(TopicPartition partition, long next)
    {
        if (next >= 0)
        {
            return next;
        }

        var from = new Timestamp(Math.Max(0, _feedback.Plan.ReadFromMs(Time.GetUtcNow().ToUnixTimeMilliseconds())), TimestampType.CreateTime);
        var offset = Ask(() => Consumer.OffsetsForTimes([new TopicPartitionTimestamp(partition, from)], QueryTimeout))[0].Offset;
        return offset.IsSpecial ? Offset.Beginning : offset; // the end, when nothing is that young: or the broker does not know
    }

    private static ConsumerConfig WithStart(ConsumerConfig config)
    {
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.EnableAutoCommit = false;
        config.ConsumeResultFields = "timestamp,topic";
        return config;
    }
}
