using System.Diagnostics.Metrics;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.State;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.Metrics;

/// <summary>What is counted of one topic: a handle for the thread that reads it, so that counting a record looks nothing up.</summary>
/// <remarks>Thread-safe. Counting is one interlocked addition.</remarks>
internal sealed class TopicMetrics
{
    private static readonly ImmutableArray<RejectionReason> Reasons =
        [.. Enum.GetValues<RejectionReason>().Where(reason => reason != RejectionReason.None)];

    /// <summary>The fields that a record counts without when they cannot be read.</summary>
    public static ImmutableArray<PredictionField> FieldsThatFallBack { get; } =
        [PredictionField.Timestamp, PredictionField.Segment, PredictionField.Version];

    private readonly LabelSets _labelSets;
    private readonly ImmutableArray<ModelCounter> _rejected;
    private readonly ImmutableArray<ModelCounter> _fallenBack;
    private readonly ModelCounter _ignored;
    private readonly ModelCounter _duplicates;
    private volatile Assignment _assignment = new([]);
    private long _consumed;
    private long _uncheckedIds;
    private long _events;
    private long _deadLetters;
    private long _deadLettersFailed;

    /// <param name="labelSets">Of partitions.</param>
    /// <param name="ofModels">Of what is counted by model.</param>
    /// <param name="maxModels">The most models that have counters of their own.</param>
    public TopicMetrics(string topic, LabelSets labelSets, LabelSets ofModels, int maxModels)
    {
        Topic = topic;
        Labels = [new("topic", topic)];
        _labelSets = labelSets;
        _rejected = [.. Reasons.Select(reason => Counter(WithLabel("reason", RejectionLabels.Of(reason))))];
        _fallenBack = [.. FieldsThatFallBack.Select(field => Counter(WithLabel("field", PredictionFields.NameOf(field))))];
        _ignored = Counter(Labels);
        _duplicates = Counter(Labels);

        ModelCounter Counter(Tags labels) => new(labels, ofModels, maxModels);
    }

    public string Topic { get; }

    public Tags Labels { get; }

    public long Consumed => Volatile.Read(ref _consumed);

    public long Ignored => _ignored.Total;

    public long Rejected => _rejected.Sum(counter => counter.Total);

    /// <summary>How many count in no window, since one with their id came before them: events, which are the rows of records.</summary>
    public long Duplicates => _duplicates.Total;

    /// <summary>How many predictions were read that are neither ignored nor rejected before they are counted: rows of records.</summary>
    public long Events => Volatile.Read(ref _events);

    /// <summary>How many events had an id for which there was no memory, so that its duplicates count.</summary>
    public long UncheckedIds => Volatile.Read(ref _uncheckedIds);

    /// <summary>How many of those that were read are neither ignored nor rejected.</summary>
    public long Accepted => Consumed - Ignored - Rejected;

    public long Late => Of(RejectionReason.Late).Total;

    /// <summary>The latest of those that were rejected, ignored or fell back.</summary>
    public LatestRecords Latest { get; } = new();

    public long DeadLetters => Volatile.Read(ref _deadLetters);

    public long DeadLettersFailed => Volatile.Read(ref _deadLettersFailed);

    public int AssignedPartitions => _assignment.Partitions.Length;

    public int PausedPartitions => _assignment.Partitions.Count(partition => partition.Lag.Paused);

    /// <summary>Counts records that were read, whatever becomes of them.</summary>
    public void CountConsumed(long records = 1) => Interlocked.Add(ref _consumed, records);

    /// <summary>Counts a record that is no prediction or label, and is not meant to be.</summary>
    /// <param name="model">Null where it is not known, here and below.</param>
    public void CountIgnored(WatchedModel? model, in NotedRecord record)
    {
        _ignored.Add(model);
        Latest.Note(new LatestRecords.Kind(RecordOutcome.Ignored, "", model), ReasonText.Ignored, record);
    }

    /// <summary>Counts an event that counts in no window, since one with its id came before it.</summary>
    public void CountDuplicate(WatchedModel? model, in NotedRecord record)
    {
        _duplicates.Add(model);
        Latest.Note(new LatestRecords.Kind(RecordOutcome.Duplicate, "", model), ReasonText.NoDuplicate, record);
    }

    /// <summary>Counts a prediction that is to be counted in a window, if it is no duplicate.</summary>
    /// <remarks>For the one thread that reads the topic.</remarks>
    public void CountEvent() => Volatile.Write(ref _events, _events + 1);

    /// <summary>Counts events whose ids found no memory.</summary>
    public void CountUncheckedIds(long events) => Interlocked.Add(ref _uncheckedIds, events);

    /// <summary>Counts an event that counts without fields that could not be read.</summary>
    public void CountFallenBack(PredictionField fields, WatchedModel? model, in NotedRecord record)
    {
        for (var i = 0; i < FieldsThatFallBack.Length; i++)
        {
            var field = FieldsThatFallBack[i];
            if ((fields & field) != 0)
            {
                _fallenBack[i].Add(model);
                Latest.Note(
                    new LatestRecords.Kind(RecordOutcome.FallenBack, PredictionFields.NameOf(field), model), ReasonText.Expected(field),
                    record);
            }
        }
    }

    /// <summary>Counts a record that no window counts.</summary>
    public void CountRejected(RejectionReason reason, WatchedModel? model, in NotedRecord record)
    {
        Of(reason).Add(model);
        Latest.Note(
            new LatestRecords.Kind(RecordOutcome.Rejected, RejectionLabels.Of(reason), model), ReasonText.Expected(reason), record);
    }

    /// <summary>Counts a record of ours that cannot be read.</summary>
    public void CountMalformed() => Of(RejectionReason.Malformed).Add(null);

    /// <summary>Counts a record whose deserializer has thrown.</summary>
    public void CountUnreadable()
    {
        CountConsumed();
        CountMalformed();
    }

    /// <summary>Counts a rejected record that was copied to the dead-letter topic, or could not be.</summary>
    public void CountDeadLetter(bool delivered) => Interlocked.Increment(ref delivered ? ref _deadLetters : ref _deadLettersFailed);

    /// <summary>Says which partitions this replica reads and how far it is behind, in place of what was said before.</summary>
    public void UsePartitions(IEnumerable<PartitionLag> partitions)
    {
        var before = _assignment.Partitions;
        ImmutableArray<Partition> now = [.. partitions.Select(lag => Of(lag, before))];
        _assignment = new Assignment(now);
        _labelSets.Release(before.Count(old => !now.Any(kept => kept.LabelNumber == old.LabelNumber)));
    }

    public IEnumerable<Measurement<long>> IgnoredPoints() => _ignored.Points();

    public IEnumerable<Measurement<long>> DuplicatePoints() => _duplicates.Points();

    public IEnumerable<Measurement<long>> RejectedPoints() => _rejected.SelectMany(counter => counter.Points());

    public IEnumerable<Measurement<long>> FallenBackPoints() => _fallenBack.SelectMany(counter => counter.Points());

    public IEnumerable<(long Records, Tags Labels)> Lag()
    {
        foreach (var partition in _assignment.Partitions)
        {
            if (partition.Lag.Records is { } records && _labelSets.Shows(partition.LabelNumber))
            {
                yield return (records, partition.Labels);
            }
        }
    }

    private ModelCounter Of(RejectionReason reason) => _rejected[(int)reason - 1]; // without None

    private Partition Of(PartitionLag lag, ImmutableArray<Partition> before) =>
        before.FirstOrDefault(known => known.Lag.Partition == lag.Partition) is { Labels: not null } same ? same with { Lag = lag }
        : new Partition(lag, WithLabel("partition", lag.Partition.ToString(CultureInfo.InvariantCulture)), _labelSets.Issue());

    private Tags WithLabel(string name, string value) => [new(name, value), .. Labels];

    private sealed record Assignment(ImmutableArray<Partition> Partitions);

    private readonly record struct Partition(PartitionLag Lag, Tags Labels, long LabelNumber);
}
