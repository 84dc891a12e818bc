using System.Reactive;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Lanes;

/// <summary>An assigned partition of a predictions topic, as observables: its records and when to publish.</summary>
internal sealed class PredictionLane(TopicPartitionOffset start, int id, TopicMetrics metrics)
{
    private const int MaxRecords = 200_000;
    private const long LookEveryMs = 100;

    private readonly Subject<Unit> _abandoned = new();
    private ReadExtent _extent = new();
    private int _sincePublication;
    private long _rejected = -1;
    private long? _publishedUntilMs;

    public TopicPartition Partition => start.TopicPartition;

    /// <summary>Where the lane began to read; null for the topic's beginning, wherever that is.</summary>
    public long? StartOffset => start.Offset.IsSpecial ? null : start.Offset.Value;

    public int Id => id;

    /// <summary>The id of the topic that is read; null while it is not known.</summary>
    public string? Epoch { get; set; }

    public TopicMetrics Metrics => metrics;

    public Subject<PredictionRecord> Records { get; } = new();

    public Subject<PublishTick> PublishTicks { get; } = new();

    public Subject<RecordsLost> Lost { get; } = new();

    /// <summary>Ends the lane without a last publication.</summary>
    public IObservable<Unit> Abandoned => _abandoned;

    /// <summary>What was published last and waits for its acknowledgement; null when nothing does.</summary>
    public PendingPublication? Pending { get; set; }

    /// <summary>The dead letters that the next publication waits for.</summary>
    public PendingPublication DeadLetters { get; private set; } = NoDeadLetters();

    /// <summary>Whether a record that is rejected is to be counted and copied, which its rows are together.</summary>
    public bool TakesRejection(long offset)
    {
        var isFirst = offset != _rejected;
        _rejected = offset;
        return isFirst;
    }

    public long PendingSinceMs { get; set; }

    public bool AtEnd => _extent.AtEnd;

    /// <summary>The latest time at which everything that the partition held had been read; null before any is known.</summary>
    public long? SeenUntilMs => _extent.SeenUntilMs;

    public long LastRecordMs { get; private set; }

    /// <summary>Whether so much was read since the last publication that waiting longer would cost memory.</summary>
    public bool IsFull => _sincePublication >= MaxRecords;

    /// <summary>Whether a beat has come since the last publication.</summary>
    public bool Beat { get; set; }

    /// <summary>
    /// Whether to publish: with the beat, and once the lane has seen all up to the end of the last pane and has not said so, since windows
    /// elsewhere wait for that.
    /// </summary>
    public bool IsDue(long paneEndMs) => Beat || IsFull || (IsOwed(paneEndMs) && SeenUntilMs >= paneEndMs);

    /// <summary>Whether to look where the log ends.</summary>
    public bool IsLookDue(long nowMs, long paneEndMs) =>
        !Paused && (Beat || (AtEnd && IsOwed(paneEndMs)) || _extent.IsDue(nowMs, LookEveryMs));

    /// <summary>Takes in where the log ends, as the brokers last named it.</summary>
    public void Look(long nowMs, long endOffset) => _extent.Look(nowMs, endOffset, Environment.TickCount64);

    public bool Paused
    {
        get;
        set
        {
            field = value;
            _extent.LeaveEnd();
        }
    }

    /// <summary>The last offset given to be committed; null before the first.</summary>
    public long? StoredOffset { get; set; }

    /// <summary>Passes on that records are lost. What was known of the log's end may be that of another log.</summary>
    public void NoteLoss(RecordsLost lost)
    {
        _extent = new ReadExtent();
        Lost.OnNext(lost);
    }

    public void Count(long offset, long recordMs)
    {
        _extent.Read(offset);
        LastRecordMs = recordMs;
        _sincePublication++;
    }

    public void ReachEnd(long offset) => _extent.ReachEnd(offset);

    public void LeaveEnd() => _extent.LeaveEnd();

    public void Published()
    {
        Beat = false;
        _sincePublication = 0;
        _publishedUntilMs = SeenUntilMs;
    }

    private bool IsOwed(long paneEndMs) => !(_publishedUntilMs >= paneEndMs);

    /// <summary>What the publication that is made now must wait for.</summary>
    public PendingPublication[] TakeWhatMustComeBefore()
    {
        PendingPublication[] before = Pending is { } pending ? [pending, DeadLetters] : [DeadLetters];
        DeadLetters = NoDeadLetters();
        return before;
    }

    private static PendingPublication NoDeadLetters() => new(safeOffset: null, records: 0);

    public void Abandon() => _abandoned.OnNext(Unit.Default);
}
