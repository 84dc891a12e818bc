using System.Text;
using Confluent.Kafka;
using DriftMonitor.Distributions;
using DriftMonitor.Events;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Messages.Wire;
using Google.Protobuf;

namespace DriftMonitor.Worker.Messages;

/// <summary>Pane messages as the bytes that travel on the panes topic, and back.</summary>
/// <remarks>
/// As a deserializer it gives null for bytes that are no pane message of this configuration: it must not throw inside the consumer.
/// A register whose pane has another length, left in the topic by another configuration, is none.
/// </remarks>
internal sealed class PaneCodec(SourcePartitions sources, long paneMs) : IDeserializer<PaneMessage?>
{
    /// <summary>The largest record that a pane message makes, key and framing included: what the producer and the panes topic must take.</summary>
    /// <remarks>
    /// A cell takes at most 20 bytes, and one more to say which it is when all are kept, so <see cref="ClassSpace.MaxClasses"/> of them take 4 MB. Where a pane names its classes itself there are at
    /// most <see cref="PredictionDecoder.MaxInferredClasses"/>, of at most 771 bytes each: 7.9 MB with their cells.
    /// </remarks>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>The record key of a series: what puts all its registers into one partition.</summary>
    public static byte[] Key(SeriesKey series) => Encoding.UTF8.GetBytes($"{series.Model}\0{series.Segment}");

    public byte[] Encode(TopicPartition source, PaneRegister register)
    {
        var wire = new Register
        {
            Model = register.Series.Model,
            Segment = register.Series.Segment,
            PaneStartMs = register.PaneStartMs,
            PaneMs = paneMs,
            ClassSpaceId = register.Classes.SpaceId,
            ClassSpaceGeneration = register.Classes.Generation,
            FirstOffset = register.FirstOffset,
            LastOffset = register.LastOffset,
            EarliestEventMs = register.EarliestEventMs,
            LatestEventMs = register.LatestEventMs,
            Events = register.Sums.Events,
        };
        if (register.Classes.Inferred is { } inferred)
        {
            wire.InferredClasses.AddRange(inferred.Names);
        }

        wire.Cells = SumsCodec.Write(register.Sums, wire.Mass, wire.Squares, wire.KeptCellGaps);
        wire.Policy = PolicyMomentsCodec.Encode(register.Sums.Policy);
        return new PaneRecord { SourceTopic = source.Topic, SourcePartition = source.Partition, Register = wire }.ToByteArray();
    }

    public static byte[] Encode(TopicPartition source, LaneProgress progress)
    {
        var wire = new Progress { CaughtUp = progress.CaughtUp, AsOfMs = progress.AsOfMs };
        if (progress.ClosedBeforeMs != LaneProgress.Nothing)
        {
            wire.ClosedBeforeMs = progress.ClosedBeforeMs;
        }

        if (progress.LostBeforeMs != LaneProgress.Nothing)
        {
            wire.LostBeforeMs = progress.LostBeforeMs;
        }

        return new PaneRecord { SourceTopic = source.Topic, SourcePartition = source.Partition, Progress = wire }.ToByteArray();
    }

    public PaneMessage? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var wire = PaneRecord.Parser.ParseFrom(bytes);
            return wire.KindCase switch
            {
                _ when wire.SourceTopic.Length == 0 || wire.SourcePartition < 0 => null,
                PaneRecord.KindOneofCase.Register when IsWhole(wire.Register) => Decode(wire, wire.Register),
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
    private bool IsWhole(Register wire) =>
        wire.PaneMs == paneMs
        && wire.PaneStartMs % paneMs == 0
        && wire.PaneStartMs <= wire.EarliestEventMs && wire.EarliestEventMs <= wire.LatestEventMs && wire.LatestEventMs < wire.PaneStartMs + paneMs
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
            LostBeforeMs = wire.HasLostBeforeMs ? wire.LostBeforeMs : LaneProgress.Nothing,
        };

    /// <summary>Asked for last: what is no pane message must not make another source of it.</summary>
    private int SourceOf(PaneRecord record) => sources.IdOf(new TopicPartition(record.SourceTopic, record.SourcePartition));
}
