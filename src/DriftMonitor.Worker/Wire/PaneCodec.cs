using Confluent.Kafka;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Wire;

/// <summary>Pane messages as the bytes that travel on the panes topic, and back.</summary>
/// <remarks>
/// As a deserializer it gives null for bytes that are no pane message: it must not throw inside the consumer. What a lane of another
/// configuration or of a newer version says is an <see cref="UnreadableLane"/>. The version before wrote no format, no
/// <see cref="LanePlan"/> and not up to when it has seen all; what is known of that follows from whether it had caught up.
/// </remarks>
internal sealed class PaneCodec(SourcePartitions sources, LanePlan plan) : IDeserializer<PaneMessage?>
{
    /// <summary>The newest format of records that is read here, and the one that is written.</summary>
    public const int Format = 1;

    private const long CaughtUpToMs = 5_000; // within which the version before has read what there is when it says that it has caught up

    /// <summary>The largest record a pane message makes, with key and framing: what the producer and the panes topic must take.</summary>
    /// <remarks>
    /// A cell takes at most 20 bytes, and one more to say which it is when all are kept, so <see cref="ClassSpace.MaxClasses"/> of them
    /// take 4 MB. Where a pane names its classes itself there are at most <see cref="PredictionDecoder.MaxInferredClasses"/>, of at most
    /// 771 bytes each: 7.9 MB with their cells.
    /// </remarks>
    public const int MaxBytes = KafkaClients.MaxMessageBytes;

    /// <summary>The record key of a series: what puts all its registers into one partition.</summary>
    public static byte[] Key(SeriesKey series) => Encoding.UTF8.GetBytes($"{series.Model}\0{series.Segment}");

    public byte[] Encode(TopicPartition source, PaneRegister register)
    {
        var wire = new Register
        {
            Model = register.Series.Model,
            Segment = register.Series.Segment,
            PaneStartMs = register.PaneStartMs,
            PaneMs = plan.PaneMs,
            ClassSpaceId = register.Classes.SpaceId,
            ClassSpaceGeneration = register.Classes.Generation,
            FirstOffset = register.FirstOffset,
            LastOffset = register.LastOffset,
            EarliestEventMs = register.EarliestEventMs,
            LatestEventMs = register.LatestEventMs,
            Events = register.Sums.Events,
        };
        wire.InferredClasses.AddRange(register.Classes.Inferred?.Names ?? []);
        wire.Cells = SumsCodec.Write(register.Sums, wire.Mass, wire.Squares, wire.KeptCellGaps);
        wire.Policy = PolicyMomentsCodec.Encode(register.Sums.Policy);
        return new PaneRecord
        {
            SourceTopic = source.Topic,
            SourcePartition = source.Partition,
            Format = Format,
            Register = wire,
        }.ToByteArray();
    }

    public byte[] Encode(TopicPartition source, LaneProgress progress)
    {
        var wire = new Progress
        {
            CaughtUp = progress.CaughtUp,
            AsOfMs = progress.AsOfMs,
            PaneMs = plan.PaneMs,
            AllowedLatenessMs = plan.AllowedLatenessMs,
            AllowedSkewMs = plan.AllowedSkewMs,
            DisorderSlackMs = plan.DisorderSlackMs,
            NextOffset = progress.NextOffset,
        };
        if (progress.SeenUntilMs != LaneProgress.Nothing)
        {
            wire.SeenUntilMs = progress.SeenUntilMs;
        }

        if (progress.ClosedBeforeMs != LaneProgress.Nothing)
        {
            wire.ClosedBeforeMs = progress.ClosedBeforeMs;
        }

        if (progress.LostBeforeMs != LaneProgress.Nothing)
        {
            wire.LostBeforeMs = progress.LostBeforeMs;
        }

        return new PaneRecord
        {
            SourceTopic = source.Topic,
            SourcePartition = source.Partition,
            Format = Format,
            Progress = wire,
        }.ToByteArray();
    }

    public PaneMessage? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var wire = PaneRecord.Parser.ParseFrom(bytes);
            return wire.KindCase switch
            {
                _ when wire.SourceTopic.Length == 0 || wire.SourcePartition < 0 => null,
                _ when wire.Format > Format =>
                    new UnreadableLane(SourceOf(wire), $"it writes format {wire.Format}, this replica reads formats up to {Format}", null),
                PaneRecord.KindOneofCase.Register when IsWhole(wire.Register) => Decode(wire, wire.Register) is not { } register ? null
                    : wire.Register.PaneMs == plan.PaneMs ? register
                    : new UnreadableLane(
                        register.SourcePartition, $"its smallest slide is {wire.Register.PaneMs} ms, this replica's {plan.PaneMs} ms",
                        register),
                PaneRecord.KindOneofCase.Progress when PlanOf(wire) is { } other && other != plan =>
                    new UnreadableLane(SourceOf(wire), $"its windows have {other}; this replica's {plan}", null),
                PaneRecord.KindOneofCase.Progress => Decode(wire, wire.Progress),
                _ => null,
            };
        }
        catch (Exception problem) when (problem is InvalidProtocolBufferException or ArgumentException)
        {
            return null;
        }
    }

    PaneMessage? IDeserializer<PaneMessage?>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull ? null : Decode(data);

    /// <summary>Whether the parts fit each other, so that no window takes in what its evaluation cannot read.</summary>
    private static bool IsWhole(Register wire) =>
        wire.PaneMs > 0
        && wire.PaneStartMs % wire.PaneMs == 0
            && wire.PaneStartMs <= wire.EarliestEventMs
            && wire.EarliestEventMs <= wire.LatestEventMs
            && wire.LatestEventMs < wire.PaneStartMs + wire.PaneMs
        && wire.FirstOffset >= 0 && wire.FirstOffset <= wire.LastOffset
        && wire.Model.Length > 0 && wire.Segment.Length > 0
        && (wire.Events > 0 || wire.Policy is not null)
        && SumsCodec.CellsOf(wire.Cells, wire.Mass) <= ClassSpace.MaxClasses + 1
        && (wire.InferredClasses.Count == 0 || wire.InferredClasses.Count + 1 == SumsCodec.CellsOf(wire.Cells, wire.Mass));

    private PaneRegister? Decode(PaneRecord record, Register wire)
    {
        var inferred = wire.InferredClasses.Count == 0 ? null : ClassSpace.Create(wire.InferredClasses);
        var sums = SumsCodec.Read(wire.Events, wire.Cells, wire.KeptCellGaps, wire.Mass, wire.Squares, wire.Policy);
        return inferred is not null && inferred.Id != wire.ClassSpaceId ? null : new PaneRegister(
            SourceOf(record),
            new SeriesKey(wire.Model, wire.Segment),
            wire.PaneStartMs,
            new PaneClasses(wire.ClassSpaceId, wire.ClassSpaceGeneration, inferred),
            wire.FirstOffset,
            wire.LastOffset,
            wire.EarliestEventMs,
            wire.LatestEventMs,
            sums);
    }

    private LaneProgress Decode(PaneRecord record, Progress wire) =>
        new(SourceOf(record), wire.HasClosedBeforeMs ? wire.ClosedBeforeMs : LaneProgress.Nothing, wire.CaughtUp, wire.AsOfMs)
        {
            SeenUntilMs = wire.HasSeenUntilMs
                ? wire.SeenUntilMs
                : record.Format == 0 && wire.CaughtUp
                ? wire.AsOfMs - CaughtUpToMs
                : LaneProgress.Nothing,
            NextOffset = record.Format == 0 ? -1 : wire.NextOffset,
            LostBeforeMs = wire.HasLostBeforeMs ? wire.LostBeforeMs : LaneProgress.Nothing,
        };

    /// <summary>Null of the version before, which did not say.</summary>
    private static LanePlan? PlanOf(PaneRecord record) => record.Format == 0 ? null
        : new LanePlan(
            record.Progress.PaneMs, record.Progress.AllowedLatenessMs, record.Progress.AllowedSkewMs, record.Progress.DisorderSlackMs);

    /// <summary>Asked for last: what is no pane message must not make another source of it.</summary>
    private int SourceOf(PaneRecord record) => sources.IdOf(new TopicPartition(record.SourceTopic, record.SourcePartition));
}
