using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Join;

/// <summary>Stage 1 of feedback: a lane for each assigned partition, which joins its labels to predictions of the same number.</summary>
/// <remarks>
/// A group of its own over the feedback topic. The offsets of both logs are in the lane's store, with the data
/// (<see cref="StoredLanes"/>). How far labels were counted is committed too (<see cref="CountedLabels"/>).
/// </remarks>
internal sealed class FeedbackConsumer : PartitionConsumer<IReadOnlyList<FeedbackRecord>, FeedbackLane>
{
    private readonly MonitorSettings _settings;
    private readonly FeedbackSettings _feedback;
    private readonly WaitingPredictions? _predictions;
    private readonly FeedbackCommits _commits;
    private readonly StoredLanes _lanes;
    private readonly LogWitness _witness;
    private readonly PlanePublisher _publisher;
    private readonly FeedbackMetrics _metrics;
    private readonly TopicMetrics _topic;
    private readonly FeedbackDeserializer _deserializer;
    private readonly DeadLetterPublisher? _deadLetters;
    private readonly RecordStamps _stamps;
    private readonly RefusalLog _refusals;
    private readonly List<RejectionReason> _reasons = [];
    private volatile string? _degraded;
    private long _lastBeat;

    public FeedbackConsumer(
        MonitorSettings settings,
        FeedbackDeserializer deserializer,
        FeedbackStores stores,
        PlanePublisher publisher,
        MonitorMetrics metrics,
        KafkaConnection connection,
        DeadLetterPublisher? deadLetters = null)
        : base(
            connection,
            KafkaClient.Feedback,
            KafkaClients.Consumer(settings.Client, $"{settings.GroupId}-feedback", withHeaders: settings.Feedback!.ReadsHeaders),
            [settings.Feedback.Topic],
            deserializer)
    {
        (_settings, _feedback, _publisher, _metrics) = (settings, settings.Feedback!, publisher, metrics.Feedback);
        (_deserializer, _deadLetters, _stamps) = (deserializer, deadLetters, new RecordStamps(Time, settings.Plan.AllowedSkewMs));
        _topic = metrics.Service.Topic(_feedback.Topic);
        _predictions = _feedback.Join
            ? new WaitingPredictions(settings, deserializer.Predictions, connection, Join, LosePredictions)
            : null;
        _refusals = new RefusalLog(Log, Time);
        var counted = new CountedLabels(Consumer, Queries, Log);
        _commits = new FeedbackCommits(publisher, deadLetters, counted, Log);
        _witness = new LogWitness(connection, $"{settings.GroupId}-feedback", Errors);
        var logs = new JoinedLogs(_witness, connection, ShowProgress, () => Stopping, Log);
        _lanes = new StoredLanes(
            stores, _predictions, counted, logs, Queries, new UnmatchedLabels(_metrics, Time, Log), _metrics, Time, Log);
    }

    /// <summary>What the predictions that labels are joined to wait for; null for nothing.</summary>
    public string? PredictionsWaitFor => _predictions?.WaitsFor;

    /// <summary>Which labels are not joined and why, null when all are.</summary>
    public string? Degraded => _degraded;

    protected override IEnumerable<(FeedbackLane State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
    {
        foreach (var partition in assigned)
        {
            var lane = new FeedbackLane(partition);
            yield return (lane, new TopicPartitionOffset(partition, _lanes.Begin(lane) ?? Offset.End));
        }
    }

    protected override void Read(FeedbackLane partition, ConsumeResult<Ignore, IReadOnlyList<FeedbackRecord>> record)
    {
        _reasons.Clear();
        foreach (var feedback in record.Message.Value)
        {
            if (!partition.IsOpen || !TryJoin(partition, record, feedback, out var reason))
            {
                return; // all of it is read from where the store is, once there is one, and counted then
            }

            _reasons.Add(reason);
        }

        if (partition.IsUntold(record.Offset))
        {
            Count(partition, record);
        }
    }

    private void Count(FeedbackLane partition, ConsumeResult<Ignore, IReadOnlyList<FeedbackRecord>> record)
    {
        var (read, labels) = (_deserializer.Labels, record.Message.Value);
        _topic.CountConsumed();
        var isRejected = false;

        // Rejections were counted and copied before, perhaps by whoever had the store that was lost.
        var isUncounted = record.Offset >= partition.Join.CountedBefore;
        for (var row = 0; row < labels.Count; row++)
        {
            var label = labels[row];
            var noted = new NotedRecord(record.Partition, record.Offset, label.Row, record.Message.Timestamp.UnixTimestampMs);
            if (label.IsIgnored)
            {
                if (row == 0 && labels.All(each => each.IsIgnored))
                {
                    _topic.CountIgnored(read.Model, noted);
                }
            }
            else if (_reasons[row] != RejectionReason.None && isUncounted && !isRejected)
            {
                isRejected = true;
                var undeclared = read.Undeclared is { } frame ? UndeclaredFrame.Remedy(frame) : null;
                noted = noted with { Where = read.PlaceOf(_reasons[row]), Remedy = undeclared };
                _topic.CountRejected(_reasons[row], ModelOf(label), noted);
                _refusals.Note(_topic, _reasons[row], noted);
            }
            else if (_reasons[row] == RejectionReason.None && isUncounted && read.FallenBack[row] != PredictionField.Unknown)
            {
                _topic.CountFallenBack(read.FallenBack[row], ModelOf(label), noted);
            }
        }

        if (isUncounted && _reasons.Find(reason => reason != RejectionReason.None) is not RejectionReason.None and var first)
        {
            Copy(partition, record, first);
        }

        WatchedModel? ModelOf(FeedbackRecord label) =>
            label.Model.Length > 0 ? _deserializer.Predictions.Known(label.Model) : read.Model;
    }

    private bool TryJoin(
        FeedbackLane partition, ConsumeResult<Ignore, IReadOnlyList<FeedbackRecord>> record, FeedbackRecord feedback,
        out RejectionReason reason)
    {
        var recordMs = record.Message.Timestamp.UnixTimestampMs;
        if (feedback is { Rejection: RejectionReason.None, IsIgnored: false })
        {
            feedback = _stamps.Problem(recordMs) is var problem && problem != RejectionReason.None
                ? FeedbackRecord.Rejected(problem) with { Row = feedback.Row }
                : !_feedback.Join && feedback.Prediction is null
                    ? FeedbackRecord.Rejected(RejectionReason.MissingOutput) with { Row = feedback.Row }
                : feedback;
        }

        reason = RejectionReason.None;
        try
        {
            reason = partition.Join.Add(feedback.At(record.Offset, recordMs), recordMs);
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            _lanes.Fail(partition, problem);
            return false;
        }

        partition.LeaveFeedbackEnd();
        return true;
    }

    private void Copy(FeedbackLane partition, ConsumeResult<Ignore, IReadOnlyList<FeedbackRecord>> record, RejectionReason reason)
    {
        if (_deadLetters is null)
        {
            return;
        }

        _deadLetters.Publish(
            record.TopicPartitionOffset, record.Message.Timestamp.UnixTimestampMs, reason, _deserializer.Original, _topic);
        partition.HasDeadLetters = true;
        if (_deadLetters.IsFull)
        {
            _deadLetters.Flush(FeedbackCommits.LastFlush);
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
        if (!IsRunning)
        {
            _predictions?.Dispose();
            _witness.Dispose();
        }
    }

    protected override void CountUnreadable(string topic) => _topic.CountUnreadable();

    protected override void NoteLoss(FeedbackLane partition, LostRecords lost)
    {
        var beforeMs = _settings.Plan.LostBefore(lost.LatestMs);
        if (partition.IsOpen && lost.IsAnotherLog)
        {
            BeginAnew(partition, labels: true, beforeMs);
        }
        else if (partition.IsOpen)
        {
            partition.Join.LoseLabels(new RecordsLost(lost.NextOffset, beforeMs));
        }
    }

    protected override void Tick(long nowMs)
    {
        _publisher.ThrowIfFatal();
        _predictions?.Read();
        var interval = (long)_settings.PublishInterval.TotalMilliseconds;
        var beat = (nowMs - ((long)_settings.EvaluationDelay.TotalMilliseconds / 2)) / interval;
        var isBeat = beat != _lastBeat;
        _lastBeat = beat;
        _refusals.LookAt(_topic);
        foreach (var lane in Partitions)
        {
            _lanes.Attempt(lane, () => _commits.Work(lane, nowMs, isBeat));
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
                _lanes.Attempt(lane, () => _commits.Finish(lane, nowMs));
            }

            if (lane.IsOpen)
            {
                _lanes.Stop(lane);
                lane.Dispose();
            }
        }

        if (!lost)
        {
            _publisher.Flush(FeedbackCommits.LastFlush);
        }
    }

    /// <summary>A lane without a store is not read; every ten seconds its store is tried again.</summary>
    private void Pace(FeedbackLane lane, long nowMs)
    {
        if (!lane.IsOpen && !lane.Paused)
        {
            Consumer.Pause([lane.Partition]);
            lane.Paused = true;
        }

        if (lane.IsRetryDue(nowMs) && _lanes.Begin(lane) is { } start)
        {
            ReadFrom(new TopicPartitionOffset(lane.Partition, start));
            Consumer.Resume([lane.Partition]);
            lane.Paused = false;
        }
    }

    private void LosePredictions(FeedbackLane lane, LostRecords lost)
    {
        var beforeMs = _settings.Plan.LostBefore(lost.LatestMs);
        if (lost.IsAnotherLog)
        {
            BeginAnew(lane, labels: false, beforeMs);
        }
        else
        {
            lane.Join.LosePredictions(new RecordsLost(lost.NextOffset, beforeMs));
        }
    }

    private void BeginAnew(FeedbackLane lane, bool labels, long beforeMs)
    {
        if (_lanes.BeginAnew(lane, labels, beforeMs) is { } start)
        {
            ReadFrom(new TopicPartitionOffset(lane.Partition, start));
        }
    }

    private void Join(FeedbackLane lane, PredictionRecord record)
    {
        if (!lane.IsOpen)
        {
            return; // its store failed when the join was to begin anew: the predictions are read again when it opens
        }

        if (record.Rejection == RejectionReason.None)
        {
            record.Reject(_stamps.Problem(record.RecordTimeMs)); // a stamp ahead of our clock would move the log's and expire what waits
        }

        try
        {
            lane.Join.Add(record);
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            _lanes.Fail(lane, problem);
        }
    }
}
