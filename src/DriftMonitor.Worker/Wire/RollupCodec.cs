using Confluent.Kafka;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace DriftMonitor.Worker.Wire;

/// <summary>What the rollups topic holds as bytes, and back.</summary>
/// <remarks>
/// With every pane goes the key of the one that no window needs any more, to be written with null, so that a compacted topic holds for each
/// series just what its windows reach back. (Not one key for both: a replica that no longer owns the partition, and writes an old pane once
/// more, would take a new one's place.) Keys name the configuration of windows: while a group is changed over, replicas of another one
/// write theirs beside ours, not over them. As a deserializer it gives an empty one for bytes that say nothing under this configuration of
/// windows.
/// </remarks>
internal sealed class RollupCodec(WindowPlan plan, SourcePartitions sources) : IDeserializer<Rollup>
{
    /// <summary>The newest format of records that is read here, and the one that is written.</summary>
    public const int Format = 1;

    private const int BitsOfByte = 8;
    private const int Settlements = 64; // of which the last counts, and that is not always the one written last

    private readonly Dictionary<string, ClassSpace> _spaces = []; // a series has hundreds of panes and one class space
    private readonly Dictionary<RepeatedField<SourceTopic>, ImmutableArray<int>> _sources = []; // and hardly ever another set of sources
    private readonly string _levels = string.Join(' ', plan.Rollups.Select(level => $"{level.LengthMs}*{level.Panes}"));

    public byte[] Key(SettledPane pane) => Key(pane, pane.StartMs);

    /// <summary>The key of the pane that expires when another of its series is written: no window reaches back to it any more.</summary>
    public byte[] ExpiredKey(SettledPane pane) => Key(pane, ExpiredStart(pane));

    /// <summary>The key that the version before gave the expired pane: what it has left expires, too.</summary>
    public byte[] FormerExpiredKey(SettledPane pane) =>
        Encoding.UTF8.GetBytes($"{pane.Series.Model}\0{pane.Series.Segment}\0{pane.LengthMs}\0{ExpiredStart(pane)}");

    private long ExpiredStart(SettledPane pane) => plan.Rollups.Single(level => level.LengthMs == pane.LengthMs).ExpiredStart(pane.StartMs);

    public byte[] Key(Settlement settlement) => Key(settlement.BeforeMs);

    /// <summary>The key of the settlement that expires with a later one.</summary>
    public byte[] ExpiredKey(Settlement settlement) => Key(settlement.BeforeMs - (Settlements * plan.BasePaneMs));

    public byte[] Encode(SettledPane pane)
    {
        var wire = new RolledUpPane
        {
            Model = pane.Series.Model,
            Segment = pane.Series.Segment,
            StartMs = pane.StartMs,
            LengthMs = pane.LengthMs,
            ClassSpaceId = pane.Classes.SpaceId,
            ClassSpaceGeneration = pane.Classes.Generation,
            LatestEventMs = pane.LatestEventMs,
            CoveredFromMs = pane.CoveredFromMs,
            Events = pane.Sums.Events,
        };
        wire.InferredClasses.AddRange(pane.Classes.Inferred?.Names ?? []);
        wire.Cells = SumsCodec.Write(pane.Sums, wire.Mass, wire.Squares, wire.KeptCellGaps);
        wire.Policy = PolicyMomentsCodec.Encode(pane.Sums.Policy);
        wire.Sources.AddRange(Sources(pane.Sources));
        return new RollupRecord { Format = Format, Levels = _levels, Pane = wire }.ToByteArray();
    }

    /// <param name="settlement">What is settled; its panes are encoded one by one.</param>
    /// <param name="resumeOffset">From where on the panes partition must be read by whoever takes over.</param>
    public byte[] Encode(Settlement settlement, long resumeOffset)
    {
        var wire = new Settled { BeforeMs = settlement.BeforeMs, ResumeOffset = resumeOffset };
        wire.Heard.AddRange(settlement.NextOffsets.Select(lane =>
        {
            var partition = sources[lane.SourcePartition];
            return new HeardLane { Topic = partition.Topic, Partition = partition.Partition, NextOffset = lane.NextOffset };
        }));
        if (settlement.LostBeforeMs != LaneProgress.Nothing)
        {
            wire.LostBeforeMs = settlement.LostBeforeMs;
        }

        return new RollupRecord { Format = Format, Levels = _levels, Settled = wire }.ToByteArray();
    }

    public Rollup Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        try
        {
            var record = isNull ? new RollupRecord() : RollupRecord.Parser.ParseFrom(data);
            return record switch
            {
                _ when record.Format > Format => new Rollup(null, null, IsNewer: true),
                _ when record.Levels != _levels => default,
                { Pane: { } pane } when IsWhole(pane) => new Rollup(Decode(pane), null),
                { Settled: { } settled } => new Rollup(null, settled),
                _ => default,
            };
        }
        catch (Exception problem) when (problem is InvalidProtocolBufferException or ArgumentException)
        {
            return default;
        }
    }

    /// <summary>Whether the parts fit each other; what does not is as good as not there.</summary>
    private bool IsWhole(RolledUpPane wire) =>
        plan.Rollups.Any(level => level.LengthMs == wire.LengthMs)
        && wire.StartMs % wire.LengthMs == 0
        && wire.Model.Length > 0 && wire.Segment.Length > 0
        && (wire.Events > 0 || wire.Policy is not null)
        && SumsCodec.CellsOf(wire.Cells, wire.Mass) is > 1 and <= ClassSpace.MaxClasses + 1 && wire.Mass.Count == wire.Squares.Count
        && (wire.InferredClasses.Count == 0 || wire.InferredClasses.Count + 1 == SumsCodec.CellsOf(wire.Cells, wire.Mass));

    private SettledPane Decode(RolledUpPane wire) => new(
        new SeriesKey(wire.Model, wire.Segment),
        wire.StartMs,
        wire.LengthMs,
        new PaneClasses(wire.ClassSpaceId, wire.ClassSpaceGeneration, Inferred(wire)),
        wire.LatestEventMs,
        wire.CoveredFromMs,
        SumsCodec.Read(wire.Events, wire.Cells, wire.KeptCellGaps, wire.Mass, wire.Squares, wire.Policy))
    {
        Sources = Sources(wire.Sources),
    };

    /// <summary>By name: numbers are each process's own.</summary>
    private IEnumerable<SourceTopic> Sources(ImmutableArray<int> numbers)
    {
        foreach (var topic in numbers
            .Select(number => sources[number])
            .GroupBy(partition => partition.Topic)
            .OrderBy(topic => topic.Key, StringComparer.Ordinal))
        {
            var bits = new byte[(topic.Max(partition => partition.Partition.Value) / BitsOfByte) + 1];
            foreach (var partition in topic)
            {
                bits[partition.Partition.Value / BitsOfByte] |= (byte)(1 << (partition.Partition.Value % BitsOfByte));
            }

            yield return new SourceTopic { Topic = topic.Key, Partitions = ByteString.CopyFrom(bits) };
        }
    }

    private ImmutableArray<int> Sources(RepeatedField<SourceTopic> wire)
    {
        if (!_sources.TryGetValue(wire, out var numbers))
        {
            numbers = [.. wire
                .SelectMany(topic => Enumerable.Range(0, topic.Partitions.Length * BitsOfByte)
                    .Where(partition => (topic.Partitions[partition / BitsOfByte] >> (partition % BitsOfByte) & 1) == 1)
                    .Select(partition => sources.IdOf(new TopicPartition(topic.Topic, partition))))
                .Order()];
            _sources.Add(wire, numbers);
        }

        return numbers;
    }

    private ClassSpace? Inferred(RolledUpPane wire) =>
        wire.InferredClasses.Count == 0 ? null
        : _spaces.TryGetValue(wire.ClassSpaceId, out var space) ? space
        : _spaces[wire.ClassSpaceId] = ClassSpace.Create(wire.InferredClasses);

    private byte[] Key(SettledPane pane, long startMs) =>
        Encoding.UTF8.GetBytes($"{pane.Series.Model}\0{pane.Series.Segment}\0{pane.LengthMs}\0{startMs}\0{_levels}");

    private byte[] Key(long settledBeforeMs) => Encoding.UTF8.GetBytes($"{settledBeforeMs}\0{_levels}");
}
