using System.Reactive.Linq;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Lanes;

/// <summary>Stage 1: reads predictions, one lane per assigned partition, and publishes their panes.</summary>
/// <remarks>
/// A lane's safe offset is committed once the publication that covers it is acknowledged. A lane has one publication in flight: the next
/// one waits and coalesces. When the brokers are too slow even for that, the lane is paused until they have caught up, so that memory
/// stays bounded.
/// </remarks>
internal sealed class PredictionConsumer : PartitionConsumer<PredictionReader, PredictionLane>
{
    private const long PauseAfterMs = 10_000;
    private const long BacklogMs = 5_000;
    private const int ShareOfIds = 4; // one over it: many ids must not take what models and their panes need
    private static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(4);

    private readonly MonitorSettings _settings;
    private readonly PredictionDeserializer _predictions;
    private readonly SourcePartitions _sources;
    private readonly PlanePublisher _publisher;
    private readonly DeadLetterPublisher? _deadLetters;
    private readonly ServiceMetrics _metrics;
    private readonly RecentRecords _recent;
    private readonly MemoryBudget _memory;
    private readonly MemoryBudget _idMemory;
    private readonly Subject<PredictionLane> _lanes = new();
    private readonly RecordStamps _stamps;
    private readonly RefusalLog _refusals;
    private readonly StartOffsets _starts;
    private readonly TopicIds _ids;
    private PredictionReader? _read; // what is read now
    private long _lastBeat;

    public PredictionConsumer(
        MonitorSettings settings,
        PredictionDeserializer predictions,
        SourcePartitions sources,
        PlanePublisher publisher,
        ServiceMetrics metrics,
        RecentRecords recent,
        WatchedModels models,
        KafkaConnection connection,
        DeadLetterPublisher? deadLetters = null)
        : base(
            connection,
            KafkaClient.Predictions,
            KafkaClients.Consumer(settings.Client, settings.GroupId, withHeaders: settings.ReadsHeaders),
            [.. settings.Predictions.Keys],
            predictions)
    {
        (_settings, _predictions, _sources) = (settings, predictions, sources);
        (_publisher, _deadLetters, _metrics, _recent, _memory) = (publisher, deadLetters, metrics, recent, models.Memory);
        recent.Move(Time.GetUtcNow().ToUnixTimeMilliseconds()); // records may come before the first tick
        _idMemory = models.Memory.Part(ShareOfIds);
        _stamps = new RecordStamps(Time, settings.Plan.AllowedSkewMs);
        _refusals = new RefusalLog(Log, Time);
        _ids = connection.Ids;
        _starts = new StartOffsets(settings, sources, Queries, Commit);
        _ = Query().Subscribe(next => Take(next.Lane, next.Said));
    }

    /// <summary>Stage 1, as one query over all partitions of predictions topics that this replica owns.</summary>
    private IObservable<(PredictionLane Lane, StageEvent Said)> Query() =>
        from lane in _lanes
        from said in lane.Records
            .AddIntoPanes(lane.PublishTicks, lane.Id, _settings.Plan, lane.Lost, _memory, _idMemory)
            .TakeUntil(lane.Abandoned)
        select (lane, said);

    /// <summary>Lanes start from the offset that was committed, a safe one.</summary>
    protected override IEnumerable<(PredictionLane State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
    {
        foreach (var start in _starts.Of(assigned))
        {
            var partition = start.TopicPartition;
            var lane = new PredictionLane(start, _sources.IdOf(partition), _metrics.Topic(partition.Topic));
            _lanes.OnNext(lane);
            yield return (lane, start);
        }
    }

    protected override void Read(PredictionLane partition, ConsumeResult<Ignore, PredictionReader> record)
    {
        var (source, recordMs) = (record.Message.Value, record.Message.Timestamp.UnixTimestampMs);
        _read = source;
        _recent.Begin();
        while (source.TryNext())
        {
            var prediction = source.Record;
            prediction.Offset = record.Offset;
            prediction.RecordTimeMs = recordMs;
            partition.Metrics.CountConsumed(prediction.Row == 0 ? 1 : 0);
            if (prediction.IsIgnored)
            {
                partition.Metrics.CountIgnored(source.Model, Noted(partition, prediction));
            }

            if (prediction.Rejection == RejectionReason.None && !prediction.IsIgnored)
            {
                prediction.Reject(_stamps.Problem(recordMs));
            }

            if (prediction is { Rejection: RejectionReason.None, IsIgnored: false })
            {
                partition.Metrics.CountEvent();
            }

            if (prediction is { Rejection: RejectionReason.None, IsIgnored: false } && source.FallenBack != PredictionField.Unknown)
            {
                partition.Metrics.CountFallenBack(source.FallenBack, source.Model, Noted(partition, prediction));
            }

            partition.Count(record.Offset, recordMs);
            partition.Records.OnNext(prediction);
            if (!prediction.IsIgnored)
            {
                _recent.CountRead(source.Model); // once it is counted as rejected, if it is: else the first would come and go as good
            }
        }
    }

    protected override bool IsPaused(PredictionLane partition) => partition.Paused;

    protected override void ReachedEnd(PredictionLane partition, long offset) => partition.ReachEnd(offset);

    protected override void CountUnreadable(string topic) => _metrics.Topic(topic).CountUnreadable();

    protected override void NoteLoss(PredictionLane partition, LostRecords lost)
    {
        partition.NoteLoss(new RecordsLost(lost.NextOffset, _settings.Plan.LostBefore(lost.LatestMs)));
        partition.Epoch = lost.IsAnotherLog ? _ids.Of(partition.Partition.Topic) : partition.Epoch;
    }

    protected override void Interrupt(PredictionLane partition) => partition.LeaveEnd();

    protected override void Tick(long nowMs)
    {
        _publisher.ThrowIfFatal();
        _recent.Move(nowMs);

        // Aligned with the panes, half of the evaluation's delay after their end: one half lets events arrive, the other panes travel.
        var interval = (long)_settings.PublishInterval.TotalMilliseconds;
        var arrivedMs = nowMs - ((long)_settings.EvaluationDelay.TotalMilliseconds / 2);
        var (beat, paneEndMs) = (arrivedMs / interval, _settings.Plan.PaneStart(arrivedMs));
        var isBeat = beat != _lastBeat;
        _lastBeat = beat;
        foreach (var lane in Partitions)
        {
            Settle(lane);
            Pace(lane, nowMs);
            lane.Beat |= isBeat;
            if (lane.IsLookDue(nowMs, paneEndMs))
            {
                lane.Look(nowMs, Consumer.GetWatermarkOffsets(lane.Partition).High);
            }

            if (lane.Pending is null && lane.IsDue(paneEndMs))
            {
                lane.Published();
                lane.PublishTicks.OnNext(
                    new PublishTick(nowMs, lane.AtEnd || nowMs - lane.LastRecordMs < BacklogMs, lane.SeenUntilMs ?? LaneProgress.Nothing));
            }
        }

        foreach (var topic in _settings.Predictions.Keys)
        {
            _refusals.LookAt(_metrics.Topic(topic));
        }

        if (isBeat)
        {
            _metrics.SetSegmentsRefused(_predictions.SegmentsRefused);
            ReportPartitions();
        }
    }

    protected override void Close(IReadOnlyList<PredictionLane> partitions, bool lost)
    {
        foreach (var lane in partitions)
        {
            if (lane.Paused)
            {
                Consumer.Resume([lane.Partition]); // else it is still paused, and silent, when it is assigned again
            }

            if (lost)
            {
                lane.Abandon(); // another member may own it: say nothing more
            }
            else
            {
                lane.Records.OnCompleted(); // publishes what is left
            }
        }

        ReportPartitions();
        if (lost)
        {
            return;
        }

        _publisher.Flush(LastFlush);
        _deadLetters?.Flush(LastFlush);
        var safe = partitions
            .Where(lane => lane.Pending is { IsAcknowledged: true, SafeOffset: not null })
            .Select(lane => new TopicPartitionOffset(lane.Partition, lane.Pending!.SafeOffset!.Value))
            .ToList();
        Commit(safe);
    }

    private void Take(PredictionLane lane, StageEvent said)
    {
        switch (said)
        {
            case RejectedRecord rejected:
                Reject(lane, rejected.Record, rejected.Reason);
                break;
            case DuplicateRecord { Record: var duplicate }:
                lane.Metrics.CountDuplicate(_read!.Model, Noted(lane, duplicate));
                break;
            case LanePublication publication:
                lane.Metrics.CountUncheckedIds(publication.UncheckedIds);
                Publish(lane, publication);
                break;
        }
    }

    private void Publish(PredictionLane lane, LanePublication publication)
    {
        lane.Epoch ??= _ids.Of(lane.Partition.Topic);
        lane.Pending = _publisher.Publish(
            publication with { Progress = publication.Progress with { Epoch = lane.Epoch } }, lane.TakeWhatMustComeBefore());
        lane.PendingSinceMs = Time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    private void Reject(PredictionLane lane, PredictionRecord record, RejectionReason reason)
    {
        _recent.CountRejected(_read!.Model);
        if (!lane.TakesRejection(record.Offset))
        {
            return; // of the rows of one record the first
        }

        var noted = Noted(lane, record) with
        {
            Where = record is { Rejection: RejectionReason.None, PayloadTimeMs: not null } ? _read.PlaceOf(reason) : _read.Where,
            Remedy = _read.Undeclared is { } frame ? UndeclaredFrame.Remedy(frame) : null,
        };
        lane.Metrics.CountRejected(reason, _read.Model, noted);
        _refusals.Note(lane.Metrics, reason, noted);
        _deadLetters?.Publish(
            new TopicPartitionOffset(lane.Partition, record.Offset), record.RecordTimeMs, reason, _predictions.Original, lane.Metrics,
            lane.DeadLetters);
    }

    private static NotedRecord Noted(PredictionLane lane, PredictionRecord record) =>
        new(lane.Partition.Partition, record.Offset, record.Row, record.RecordTimeMs);

    private void Settle(PredictionLane lane)
    {
        if (lane.Pending?.Failure is { } failure)
        {
            throw failure;
        }

        if (lane.Pending is not { IsAcknowledged: true } acknowledged)
        {
            return;
        }

        lane.Pending = null;
        if ((acknowledged.SafeOffset ?? lane.StartOffset) is { } safe)
        {
            var offset = new TopicPartitionOffset(lane.Partition, safe);
            Consumer.StoreOffset(offset);
            if (safe >= lane.StoredOffset.GetValueOrDefault() || Commit([offset]))
            {
                lane.StoredOffset = safe; // a smaller one, of a log made anew, librdkafka does not commit by itself
            }
        }
    }

    private bool Commit(List<TopicPartitionOffset> offsets)
    {
        try
        {
            if (offsets.Count > 0)
            {
                Consumer.Commit(offsets);
            }

            return true;
        }
        catch (KafkaException problem)
        {
            // Nothing is lost: the next owner re-reads from the offset committed before.
            Log.OffsetsUncommitted(string.Join(", ", offsets), problem.Message);
            return false;
        }
    }

    private void Pace(PredictionLane lane, long nowMs)
    {
        var pause = _deadLetters is { IsFull: true }
            || (lane.Pending is not null && (lane.IsFull || nowMs - lane.PendingSinceMs > PauseAfterMs));
        if (pause == lane.Paused)
        {
            return;
        }

        lane.Paused = pause;
        if (pause)
        {
            Consumer.Pause([lane.Partition]);
            Log.PartitionPaused(lane.Partition.ToString());
        }
        else
        {
            Consumer.Resume([lane.Partition]);
            Log.PartitionResumed(lane.Partition.ToString());
        }
    }

    private void ReportPartitions()
    {
        _recent.ReadsAll = Partitions.Count >= _sources.Partitions.Count(source => _settings.Predictions.ContainsKey(source.Topic));
        foreach (var topic in _settings.Predictions.Keys)
        {
            _metrics.Topic(topic).UsePartitions(
                Partitions.Where(lane => lane.Partition.Topic == topic).Select(
                    lane =>
                        new PartitionLag(
                            lane.Partition.Partition, Queries.Lag(lane.Partition), lane.Paused || HeldUp.Has(lane.Partition))));
        }
    }
}
