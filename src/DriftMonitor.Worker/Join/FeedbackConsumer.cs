using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Join;

/// <summary>Stage 1 of feedback: one lane for each assigned partition, which joins its labels to the predictions of the same number.</summary>
/// <remarks>
/// A group of its own over the feedback topic. The offsets of both logs are in the lane's store, with the data. Kafka is told the labels'
/// offset too, as a witness that outlives the disk: labels before it were counted, so whoever reads them again, to rebuild a lost store,
/// does not count them again.
/// A store that cannot be used costs the labels of its partition until it can, and nothing else.
/// </remarks>
internal sealed class FeedbackConsumer : PartitionConsumer<FeedbackRecord, FeedbackLane>
{
    private static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(4);

    private readonly MonitorSettings _settings;
    private readonly FeedbackSettings _feedback;
    private readonly FeedbackStores _stores;
    private readonly WaitingPredictions? _predictions;
    private readonly FeedbackPublisher _publisher;
    private readonly FeedbackMetrics _metrics;
    private readonly TopicMetrics _topic;
    private readonly Dictionary<Partition, FeedbackLane> _lanes = [];
    private readonly FeedbackDeserializer _deserializer;
    private readonly DeadLetterPublisher? _deadLetters;
    private readonly RecordStamps _stamps;
    private volatile string? _degraded;
    private long _lastBeat;

    public FeedbackConsumer(
        MonitorSettings settings,
        FeedbackDeserializer deserializer,
        FeedbackStores stores,
        FeedbackPublisher publisher,
        MonitorMetrics metrics,
        KafkaConnection connection,
        DeadLetterPublisher? deadLetters = null)
        : base(
            connection,
            KafkaClient.Feedback,
            KafkaClients.Consumer(settings.Client, $"{settings.GroupId}-feedback"),
            [settings.Feedback!.Topic],
            deserializer,
            deserializer)
    {
        (_settings, _feedback, _stores, _publisher, _metrics) = (settings, settings.Feedback!, stores, publisher, metrics.Feedback);
        (_deserializer, _deadLetters, _stamps) = (deserializer, deadLetters, new RecordStamps(Time, settings.Plan.AllowedSkewMs));
        _topic = metrics.Service.Topic(_feedback.Topic);
        _predictions = _feedback.Join ? new WaitingPredictions(settings, deserializer.Predictions, connection) : null;
    }

    /// <summary>Which labels are not joined and why, null when all are.</summary>
    public string? Degraded => _degraded;

    protected override IEnumerable<(FeedbackLane State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
    {
        foreach (var partition in assigned)
        {
            var lane = new FeedbackLane(partition);
            yield return (lane, new TopicPartitionOffset(partition, Begin(lane) ?? Offset.End));
        }
    }

    protected override void Read(FeedbackLane partition, ConsumeResult<Ignore, FeedbackRecord> record)
    {
        if (!partition.IsOpen)
        {
            return; // it is read from where the store is, once there is one
        }

        var recordMs = record.Message.Timestamp.UnixTimestampMs;
        var feedback = record.Message.Value;
        if (feedback.Rejection == RejectionReason.None)
        {
            feedback = _stamps.Problem(recordMs) is var problem && problem != RejectionReason.None ? FeedbackRecord.Rejected(problem)
                : !_feedback.Join && feedback.Prediction is null ? FeedbackRecord.Rejected(RejectionReason.MissingOutput)
                : feedback;
        }

        RejectionReason reason;
        try
        {
            reason = partition.Join.Add(feedback.At(record.Offset, recordMs), recordMs);
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            Fail(partition, problem);
            return;
        }

        partition.LeaveFeedbackEnd();
        if (!partition.IsUntold(record.Offset))
        {
            return;
        }

        _topic.CountConsumed();
        if (record.Offset < partition.Join.CountedBefore)
        {
            return; // counted and copied before, by whoever had the store that was lost
        }

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
    }

    protected override void ReachedEnd(FeedbackLane partition, long offset)
    {
        if (partition.IsOpen)
        {
            partition.ReachFeedbackEnd();
        }
    }

    protected override void Interrupt(FeedbackLane partition) => partition.LeaveFeedbackEnd();

    public override void Dispose()
    {
        base.Dispose();
        _predictions?.Dispose();
    }

    protected override void CountUnreadable(string topic) => _topic.CountUnreadable();

    protected override void Lose(FeedbackLane partition, LostRecords lost)
    {
        if (partition.IsOpen)
        {
            partition.LoseLabels(new RecordsLost(lost.NextOffset, _settings.Plan.LostBefore(lost.LatestMs)));
        }
    }

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
            Attempt(lane, () => Work(lane, nowMs, isBeat));
            Pace(lane, nowMs);
        }

        var degraded = Partitions.Where(lane => lane.IsDegraded).ToList();
        _metrics.SetDegraded(degraded.Count);
        _degraded = degraded.FirstOrDefault() is { } first
            ? $"the labels of {first.Partition} are not joined: {first.Problem?.Message}"
            : null;
        if (isBeat)
        {
            // Labels that wait for a store are no stall that would blind the alerts of models.
            _topic.UsePartitions(Partitions.Select(
                lane => new PartitionLag(lane.Partition.Partition, lane.IsDegraded ? null : Queries.Lag(lane.Partition))));
        }
    }

    protected override void Close(IReadOnlyList<FeedbackLane> partitions, bool lost)
    {
        var nowMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var lane in partitions)
        {
            if (lane.Paused)
            {
                Consumer.Resume([lane.Partition]); // else it is still paused when it is assigned again
            }

            if (!lost && lane.IsOpen)
            {
                Attempt(lane, () => Finish(lane, nowMs));
            }

            if (lane.IsOpen)
            {
                Stop(lane);
                lane.Dispose();
            }
        }

        if (!lost)
        {
            _publisher.Flush(LastFlush);
        }
    }

    private void Work(FeedbackLane lane, long nowMs, bool isBeat)
    {
        if (!lane.IsOpen)
        {
            return;
        }

        if (lane.IsCommitDue(nowMs))
        {
            DeliverDeadLetters(lane);
            lane.Commit(nowMs);
            Committed(lane);
        }

        if (lane.Pending?.Failure is { } failure)
        {
            throw failure;
        }

        if (isBeat && lane.IsRebuilt && lane.Pending is null or { IsAcknowledged: true })
        {
            DeliverDeadLetters(lane);
            lane.Pending = _publisher.Publish(lane, lane.Publish(nowMs));
            Committed(lane);
        }
    }

    private void Finish(FeedbackLane lane, long nowMs)
    {
        DeliverDeadLetters(lane);
        if (lane.IsRebuilt)
        {
            _publisher.Publish(lane, lane.Publish(nowMs));
        }
        else
        {
            lane.Commit(nowMs);
        }

        Committed(lane);
    }

    /// <summary>A store that takes a commit can be used; and Kafka is told, in the background, how far labels were counted.</summary>
    private void Committed(FeedbackLane lane)
    {
        if (lane.IsDegraded)
        {
            lane.Problem = null;
            Log.LogInformation("the labels of {Partition} are joined again", lane.Partition);
        }

        if (lane.Join.Position.FeedbackNext is var next && next > lane.Join.CountedBefore && next != lane.Witnessed)
        {
            Witness(lane, next);
        }
    }

    /// <summary>Tells Kafka how far labels were counted, as well as it can be told.</summary>
    private void Witness(FeedbackLane lane, long next)
    {
        var offset = new TopicPartitionOffset(lane.Partition, next);
        var isSmaller = next < lane.Witnessed;
        lane.Witnessed = next;
        try
        {
            Consumer.StoreOffset(offset);
            if (isSmaller)
            {
                Consumer.Commit([offset]); // of a log made anew, which librdkafka does not commit by itself
            }
        }
        catch (KafkaException problem)
        {
            Log.LogDebug("it was not noted that the labels before {Offset} are counted: {Problem}", offset, problem.Message);
        }
    }

    /// <summary>Opens the lane's store and reads the predictions from where it left off.</summary>
    /// <returns>Where labels are to be read from; null when the store cannot be used.</returns>
    private Offset? Begin(FeedbackLane lane)
    {
        IFeedbackStore store;
        try
        {
            store = _stores.Open(lane.Partition.Partition, lane.Problem);
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            Fail(lane, problem);
            return null;
        }

        try
        {
            return Begin(lane, store);
        }
        catch
        {
            store.Dispose(); // else its directory stays locked
            throw;
        }
    }

    private Offset Begin(FeedbackLane lane, IFeedbackStore store)
    {
        var (partition, position) = (lane.Partition.Partition, store.Position);
        var start = StartOf(lane.Partition, position.FeedbackNext);
        var join = new FeedbackJoin(_feedback.Plan, store, _metrics.CountUnmatched, _metrics.CountMatched, _metrics.CountRebuilt)
        {
            CountedBefore = CountedBefore(lane, position.FeedbackNext),
        };
        if (_predictions is not null)
        {
            var predictions = StartOf(new TopicPartition(_predictions.Topic, partition), position.PredictionsNext);
            if (position.PredictionsNext < 0 && !predictions.IsSpecial)
            {
                join.BeginPredictions(_feedback.Plan.ReadFromMs(Time.GetUtcNow().ToUnixTimeMilliseconds()));
            }

            _predictions.Add(partition, predictions);
        }

        lane.Begin(store, join);
        _lanes[partition] = lane;
        if (_predictions is null)
        {
            lane.ReachPredictionsEnd();
        }

        return start;
    }

    /// <summary>What a store does costs the lane its labels when it fails, not the process.</summary>
    private void Attempt(FeedbackLane lane, Action work)
    {
        try
        {
            work();
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            Fail(lane, problem);
        }
    }

    private void Fail(FeedbackLane lane, Exception problem)
    {
        if (!lane.IsDegraded)
        {
            Log.LogError(
                "the feedback store {Directory} cannot be used ({Problem}): the labels of {Partition} are not joined for now, and wait in their "
                + "topic. It is tried again every few seconds; make room, or let this process write there, or delete the directory to have it "
                + "rebuilt from the topics. Drift monitoring is not affected",
                _stores.DirectoryOf(lane.Partition.Partition),
                problem.Message,
                lane.Partition);
        }

        if (lane.IsOpen)
        {
            Stop(lane);
        }

        lane.Fail(problem, Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private void Stop(FeedbackLane lane)
    {
        _lanes.Remove(lane.Partition.Partition);
        _predictions?.Remove([lane.Partition.Partition]);
    }

    /// <summary>A lane without a store is not read; one is looked for now and then.</summary>
    private void Pace(FeedbackLane lane, long nowMs)
    {
        if (!lane.IsOpen && !lane.Paused)
        {
            Consumer.Pause([lane.Partition]);
            lane.Paused = true;
        }

        if (lane.IsRetryDue(nowMs) && Begin(lane) is { } start)
        {
            ReadFrom(new TopicPartitionOffset(lane.Partition, start));
            Consumer.Resume([lane.Partition]);
            lane.Paused = false;
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

        try
        {
            lane.Join.Add(record);
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            Fail(lane, problem);
        }
    }

    /// <summary>The offset before which the labels were counted already, however they are read again: as the group committed it.</summary>
    private long CountedBefore(FeedbackLane lane, long next)
    {
        var counted = Queries.Committed([lane.Partition])[0].Offset;
        lane.Witnessed = counted.IsSpecial ? -1 : counted;
        return lane.Witnessed <= next ? 0
            : Math.Min(counted, Queries.End(lane.Partition)); // of a topic made anew nothing was counted
    }

    /// <summary>Where the store left off; on an empty disk, where what a window can depend on begins.</summary>
    private Offset StartOf(TopicPartition partition, long next)
    {
        if (next >= 0)
        {
            return next;
        }

        var offset = Queries.FirstSince(partition, Math.Max(0, _feedback.Plan.ReadFromMs(Time.GetUtcNow().ToUnixTimeMilliseconds())));
        return offset.IsSpecial ? Offset.Beginning : offset; // the end, when nothing is that young: or the broker does not know
    }
}
