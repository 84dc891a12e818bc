using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace DriftMonitor.Worker.Wire;

/// <summary>Everything that travels on our topics as bytes, and back.</summary>
/// <remarks>
/// As a deserializer it gives null for bytes that are none of it: it must not throw inside the consumer. What cannot be merged here, for it
/// is of another configuration or format, is an <see cref="UnreadableLane"/> or a <see cref="FeedbackProgress"/> that says so; what was
/// written down under another configuration of windows says nothing, and is null.
/// </remarks>
/// <param name="plan">The windows.</param>
/// <param name="joinPlan">What the panes of labels follow from; null when there are none.</param>
/// <param name="sources">The numbers of source partitions.</param>
/// <param name="format">The formats.</param>
internal sealed class RecordCodec(WindowPlan plan, string? joinPlan, SourcePartitions sources, RecordFormat format)
    : IDeserializer<PaneMessage?>
{
    /// <summary>The largest record a pane makes, with key and framing: what the producer and the panes topic must take.</summary>
    /// <remarks>
    /// A cell takes at most 20 bytes, and one more to say which it is when all are kept, so <see cref="ClassSpace.MaxClasses"/> of them
    /// take 4 MB. Where a pane names its classes itself there are at most <see cref="PredictionDecoder.MaxInferredClasses"/>, of at most
    /// 771 bytes each: 7.9 MB with their cells.
    /// </remarks>
    public const int MaxBytes = KafkaClients.MaxMessageBytes;

    private const byte FirstTag = 0x08; // the format is the first field of every record, and never 0
    private const int BitsOfByte = 8;

    private readonly string _lanePlan = plan.Lanes.ToString();
    private readonly RecordKeys _keys = new(plan);
    // a series has hundreds of panes and one class space; what no series has any more is not kept
    private readonly Dictionary<string, WeakReference<ClassSpace>> _spaces = [];
    private readonly Dictionary<RepeatedField<SourceTopic>, ImmutableArray<int>> _sources = []; // and hardly ever another set of sources

    /// <summary>Whether a record was written before there were formats.</summary>
    public static bool IsOlderKind(ReadOnlySpan<byte> record) => record.Length > 0 && record[0] != FirstTag;

    public byte[] Encode(PaneRegister register)
    {
        var pane = Pane(register.Series, register.PaneStartMs, plan.BasePaneMs);
        pane.Offsets = new Offsets
        {
            First = register.FirstOffset,
            Last = register.LastOffset,
            EarliestEventMs = register.EarliestEventMs,
            LatestEventMs = register.LatestEventMs,
        };
        pane.Outputs = SumsCodec.Encode(register.Sums, register.Classes);
        return Bytes(new PlaneRecord { Source = Log(sources[register.SourcePartition]), Pane = pane });
    }

    public byte[] Encode(LaneProgress progress)
    {
        var lane = new LaneState { CaughtUp = progress.CaughtUp, AsOfMs = progress.AsOfMs, NextOffset = progress.NextOffset };
        if (progress.SeenUntilMs != LaneProgress.Nothing)
        {
            lane.SeenUntilMs = progress.SeenUntilMs;
        }

        if (progress.ClosedBeforeMs != LaneProgress.Nothing)
        {
            lane.ClosedBeforeMs = progress.ClosedBeforeMs;
        }

        if (progress.LostBeforeMs != LaneProgress.Nothing)
        {
            lane.LostBeforeMs = progress.LostBeforeMs;
        }

        return Bytes(new PlaneRecord { Source = Log(sources[progress.SourcePartition], progress.Epoch), Plan = _lanePlan, Lane = lane });
    }

    /// <param name="topic">The topic of the labels.</param>
    /// <param name="register">The pane's value.</param>
    public byte[] Encode(string topic, FeedbackRegister register)
    {
        var pane = Pane(register.Key.Series, register.Key.StartMs, register.Key.LengthMs);
        (pane.RunId, pane.Attribution, pane.Labels) = (register.RunId, (int)register.Key.Attribution, SumsCodec.Encode(register.Sums));
        return Bytes(new PlaneRecord { Source = Log(new TopicPartition(topic, register.SourcePartition)), Pane = pane });
    }

    /// <param name="topic">The topic of the labels.</param>
    /// <param name="progress">How far the run has come.</param>
    public byte[] Encode(string topic, FeedbackProgress progress) => Bytes(new PlaneRecord
    {
        Source = Log(new TopicPartition(topic, progress.SourcePartition)),
        Plan = joinPlan,
        Join = new JoinState
        {
            RunId = progress.RunId,
            Records = progress.Records,
            AsOfMs = progress.AsOfMs,
            LabelsLostBeforeMs = progress.LabelsLostBeforeMs,
            PredictionsLostBeforeMs = progress.PredictionsLostBeforeMs,
        },
    });

    public byte[] Encode(SettledPane settled)
    {
        var pane = Pane(settled.Series, settled.StartMs, settled.LengthMs);
        pane.Settled = new Settled { LatestEventMs = settled.LatestEventMs, CoveredFromMs = settled.CoveredFromMs };
        if (settled.ClassesSinceMs is { } classesSinceMs)
        {
            pane.Settled.ClassesSinceMs = classesSinceMs;
        }

        pane.Settled.Sources.AddRange(Sources(settled.Sources));
        pane.Outputs = SumsCodec.Encode(settled.Sums, settled.Classes);
        return Bytes(new PlaneRecord { Plan = _keys.Levels, Pane = pane });
    }

    /// <summary>Only up to when panes are settled: they are encoded one by one.</summary>
    public byte[] Encode(Settlement settlement)
    {
        var settled = new SettledState { BeforeMs = settlement.BeforeMs, ResumeOffset = settlement.ResumeOffset };
        settled.Heard.AddRange(settlement.Heard.Select(
            lane => new HeardOf
            {
                Source = Log(sources[lane.SourcePartition], lane.Epoch),
                NextOffset = lane.NextOffset,
                AsOfMs = lane.AsOfMs,
            }));
        if (settlement.LostBeforeMs != LaneProgress.Nothing)
        {
            settled.LostBeforeMs = settlement.LostBeforeMs;
        }

        return Bytes(new PlaneRecord { Plan = _keys.Levels, Settled = settled });
    }

    public byte[] Encode(AlarmTest test) => Bytes(new PlaneRecord
    {
        AlarmTest = new AlarmTestValue
        {
            Model = test.Model,
            Severity = (int)test.Severity,
            FromMs = test.FromMs,
            UntilMs = test.UntilMs,
        },
    });

    public PaneMessage? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var record = IsOlderKind(bytes) ? new PlaneRecord() : PlaneRecord.Parser.ParseFrom(bytes);
            var problem = format.Problem(record.Format);
            return record.KindCase switch
            {
                _ when record.Format == 0 => null,
                PlaneRecord.KindOneofCase.Lane or PlaneRecord.KindOneofCase.Join when IsNone(record.Source) => null,
                PlaneRecord.KindOneofCase.Lane when (problem ?? OtherWindows(record.Plan)) is { } why =>
                    new UnreadableLane(IdOf(record.Source), why, null),
                PlaneRecord.KindOneofCase.Lane => Decode(IdOf(record.Source), EpochOf(record.Source), record.Lane),
                PlaneRecord.KindOneofCase.Join => Decode(record, record.Join, problem),
                PlaneRecord.KindOneofCase.Pane when problem is null => IsWhole(record.Pane) ? Decode(record, record.Pane) : null,
                PlaneRecord.KindOneofCase.Settled when problem is null => record.Plan == _keys.Levels ? Decode(record.Settled) : null,
                PlaneRecord.KindOneofCase.AlarmTest when problem is null => Decode(record.AlarmTest),
                _ when problem is null => null,
                _ => new UnreadableLane(IsNone(record.Source) ? UnreadableLane.AllSources : IdOf(record.Source), problem, null),
            };
        }
        catch (Exception problem) when (problem is InvalidProtocolBufferException or ArgumentException)
        {
            return null;
        }
    }

    PaneMessage? IDeserializer<PaneMessage?>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull ? null : Decode(data);

    private static PaneValue Pane(SeriesKey series, long startMs, long lengthMs) =>
        new() { Model = series.Model, Segment = series.Segment, StartMs = startMs, LengthMs = lengthMs };

    private static SourceLog Log(TopicPartition partition, string? epoch = null) =>
        new() { Topic = partition.Topic, Partition = partition.Partition, Epoch = epoch ?? "" };

    private static string? EpochOf(SourceLog source) => source.Epoch.Length == 0 ? null : source.Epoch;

    private static bool IsNone(SourceLog? source) => source is null or { Topic.Length: 0 } or { Partition: < 0 };

    private static bool IsWhole(PaneValue pane) =>
        pane.Model.Length > 0 && pane.Segment.Length > 0
        && pane.LengthMs > 0 && pane.StartMs % pane.LengthMs == 0
        && (pane.Outputs is null || SumsCodec.IsWhole(pane.Outputs));

    private static bool IsWhole(PaneValue pane, Offsets offsets) =>
        offsets.First >= 0
        && offsets.First <= offsets.Last
        && pane.StartMs <= offsets.EarliestEventMs
        && offsets.EarliestEventMs <= offsets.LatestEventMs
        && offsets.LatestEventMs < pane.StartMs + pane.LengthMs;

    private byte[] Bytes(PlaneRecord record)
    {
        record.Format = format.Written;
        return record.ToByteArray();
    }

    private string? OtherWindows(string other) =>
        other == _lanePlan ? null : $"its windows have {other}; this replica's {_lanePlan}";

    private PaneMessage? Decode(PlaneRecord record, PaneValue pane) => pane switch
    {
        { Offsets: { } offsets, Outputs: { } outputs } when !IsNone(record.Source) && IsWhole(pane, offsets) =>
            Decode(record, pane, offsets, outputs),
        { Settled: { } settled, Outputs: { } outputs } when record.Plan == _keys.Levels && _keys.HasLevel(pane.LengthMs) =>
            Decode(pane, settled, outputs),
        { HasRunId: true, Labels: { } labels, Attribution: >= 0 and <= 1 } when !IsNone(record.Source) => new FeedbackRegister(
            record.Source.Partition,
            pane.RunId,
            new FeedbackPaneKey(
                new SeriesKey(pane.Model, pane.Segment), (Attribution)pane.Attribution, pane.LengthMs, pane.StartMs),
            SumsCodec.Decode(labels)),
        _ => null,
    };

    private PaneMessage? Decode(PlaneRecord record, PaneValue pane, Offsets offsets, OutputSums outputs)
    {
        if (ClassesOf(outputs) is not { } classes)
        {
            return null;
        }

        var sums = SumsCodec.Decode(outputs);
        var register = new PaneRegister( // the source last: what is no register must not make another of it
            IdOf(record.Source),
            new SeriesKey(pane.Model, pane.Segment),
            pane.StartMs,
            classes,
            offsets.First,
            offsets.Last,
            offsets.EarliestEventMs,
            offsets.LatestEventMs,
            sums);
        return pane.LengthMs == plan.BasePaneMs ? register : new UnreadableLane(
            register.SourcePartition, $"its smallest slide is {pane.LengthMs} ms, this replica's {plan.BasePaneMs} ms", register);
    }

    private SettledPane? Decode(PaneValue pane, Settled settled, OutputSums outputs) =>
        ClassesOf(outputs) is not { } classes ? null : new SettledPane(
            new SeriesKey(pane.Model, pane.Segment),
            pane.StartMs,
            pane.LengthMs,
            classes,
            settled.LatestEventMs,
            settled.CoveredFromMs,
            SumsCodec.Decode(outputs))
        {
            Sources = Numbers(settled.Sources),
            ClassesSinceMs = settled.HasClassesSinceMs ? settled.ClassesSinceMs : null,
        };

    private static LaneProgress Decode(int source, string? epoch, LaneState lane) =>
        new(source, lane.HasClosedBeforeMs ? lane.ClosedBeforeMs : LaneProgress.Nothing, lane.CaughtUp, lane.AsOfMs)
        {
            Epoch = epoch,
            SeenUntilMs = lane.HasSeenUntilMs ? lane.SeenUntilMs : LaneProgress.Nothing,
            NextOffset = lane.NextOffset,
            LostBeforeMs = lane.HasLostBeforeMs ? lane.LostBeforeMs : LaneProgress.Nothing,
        };

    private FeedbackProgress Decode(PlaneRecord record, JoinState join, string? problem) =>
        new(record.Source.Partition, join.RunId, join.Records, join.AsOfMs)
        {
            Unreadable = problem ?? (record.Plan == joinPlan ? null : record.Plan),
            LabelsLostBeforeMs = join.LabelsLostBeforeMs,
            PredictionsLostBeforeMs = join.PredictionsLostBeforeMs,
        };

    private Settlement Decode(SettledState settled) => new(settled.BeforeMs, [])
    {
        ResumeOffset = settled.ResumeOffset,
        Heard =
        [
            .. settled.Heard.Where(lane => !IsNone(lane.Source))
                .Select(lane => new HeardLane(IdOf(lane.Source), lane.NextOffset, lane.AsOfMs, EpochOf(lane.Source))),
        ],
        LostBeforeMs = settled.HasLostBeforeMs ? settled.LostBeforeMs : LaneProgress.Nothing,
    };

    private static AlarmTest? Decode(AlarmTestValue wire) =>
        new AlarmTest(wire.Model, (AlarmSeverity)wire.Severity, wire.FromMs, wire.UntilMs) is { IsWhole: true } test ? test : null;

    /// <summary>Null when the names are not those of the id.</summary>
    private PaneClasses? ClassesOf(OutputSums wire)
    {
        ClassSpace? inferred = null;
        if (wire.InferredClasses.Count > 0 && _spaces.GetValueOrDefault(wire.ClassSpaceId)?.TryGetTarget(out inferred) != true)
        {
            inferred = ClassSpace.Create(wire.InferredClasses);
            if (inferred.Id != wire.ClassSpaceId)
            {
                return null;
            }

            _spaces[wire.ClassSpaceId] = new WeakReference<ClassSpace>(inferred);
        }

        return new PaneClasses(wire.ClassSpaceId, wire.ClassSpaceGeneration, inferred, inferred?.Choices ?? Math.Max(1, wire.Choices));
    }

    private int IdOf(SourceLog source) => sources.IdOf(new TopicPartition(source.Topic, source.Partition));

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

    private ImmutableArray<int> Numbers(RepeatedField<SourceTopic> wire)
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
}
