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

    private static readonly ImmutableArray<PredictionField> FieldsThatFallBack = [PredictionField.Timestamp, PredictionField.Segment];

    private readonly LabelSets _labelSets;
    private readonly ImmutableArray<(RejectionReason Reason, Tags Labels)> _reasons;
    private readonly long[] _rejected = new long[(int)Reasons.Max() + 1];
    private volatile Assignment _assignment = new([]);
    private readonly ImmutableArray<(PredictionField Field, Tags Labels)> _fields;
    private readonly long[] _fallenBack = new long[FieldsThatFallBack.Length];
    private long _consumed;
    private long _ignored;
    private long _deadLetters;
    private long _deadLettersFailed;

    public TopicMetrics(string topic, LabelSets labelSets)
    {
        Topic = topic;
        Labels = [new("topic", topic)];
        _labelSets = labelSets;
        _reasons = [.. Reasons.Select(reason => (reason, WithLabel("reason", RejectionLabels.Of(reason))))];
        _fields = [.. FieldsThatFallBack.Select(field => (field, WithLabel("field", PredictionFields.NameOf(field))))];
        _labelSets.Issue(_reasons.Length + _fields.Length);
    }

    public string Topic { get; }

    public Tags Labels { get; }

    public long Consumed => Volatile.Read(ref _consumed);

    public long Ignored => Volatile.Read(ref _ignored);

    public long Late => Volatile.Read(ref _rejected[(int)RejectionReason.Late]);

    public long DeadLetters => Volatile.Read(ref _deadLetters);

    public long DeadLettersFailed => Volatile.Read(ref _deadLettersFailed);

    public int AssignedPartitions => _assignment.Partitions.Length;

    public int PausedPartitions => _assignment.Partitions.Count(partition => partition.Lag.Paused);

    /// <summary>Counts records that were read, whatever becomes of them.</summary>
    public void CountConsumed(long records = 1) => Interlocked.Add(ref _consumed, records);

    /// <summary>Counts an event that was read, whatever becomes of it.</summary>
    public void Count(bool isIgnored, PredictionField fallenBack)
    {
        CountConsumed();
        CountIgnored(isIgnored ? 1 : 0);
        if (fallenBack != PredictionField.Unknown)
        {
            CountFallenBack(fallenBack, 1);
        }
    }

    /// <summary>Counts records that are no predictions and are not meant to be.</summary>
    public void CountIgnored(long records) => Interlocked.Add(ref _ignored, records);

    /// <summary>Counts events that count without fields that could not be read.</summary>
    public void CountFallenBack(PredictionField fields, long events)
    {
        for (var i = 0; i < FieldsThatFallBack.Length; i++)
        {
            if ((fields & FieldsThatFallBack[i]) != 0)
            {
                Interlocked.Add(ref _fallenBack[i], events);
            }
        }
    }

    /// <summary>Counts a record that no window counts.</summary>
    public void CountRejected(RejectionReason reason)
    {
        if (reason != RejectionReason.None)
        {
            Interlocked.Increment(ref _rejected[(int)reason]);
        }
    }

    /// <summary>Counts a record whose deserializer has thrown.</summary>
    public void CountUnreadable()
    {
        CountConsumed();
        CountRejected(RejectionReason.Malformed);
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

    public IEnumerable<(long Count, Tags Labels)> Rejected() =>
        _reasons.Select(reason => (Volatile.Read(ref _rejected[(int)reason.Reason]), reason.Labels));

    public IEnumerable<(long Count, Tags Labels)> FallenBack() =>
        _fields.Select((field, i) => (Volatile.Read(ref _fallenBack[i]), field.Labels));

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

    private Partition Of(PartitionLag lag, ImmutableArray<Partition> before) =>
        before.FirstOrDefault(known => known.Lag.Partition == lag.Partition) is { Labels: not null } same ? same with { Lag = lag }
        : new Partition(lag, WithLabel("partition", lag.Partition.ToString(CultureInfo.InvariantCulture)), _labelSets.Issue());

    private Tags WithLabel(string name, string value) => [new(name, value), .. Labels];

    private sealed record Assignment(ImmutableArray<Partition> Partitions);

    private readonly record struct Partition(PartitionLag Lag, Tags Labels, long LabelNumber);
}
