using System.Buffers.Binary;
using Confluent.Kafka;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Wire;

/// <summary>Panes of feedback as bytes, and back. As a deserializer it gives null for bytes that are none: it must not throw.</summary>
internal sealed class FeedbackPaneCodec(string plan) : IDeserializer<PaneMessage?>
{
    /// <summary>The newest format of records that is read here, and the one that is written.</summary>
    public const int Format = 1;

    private const int SumBytes = 16;

    /// <summary>What compaction keeps the last record of.</summary>
    public static byte[] Key(int source, ulong runId, FeedbackPaneKey? pane) => Encoding.UTF8.GetBytes(pane is { } key
        ? FormattableString.Invariant(
            $"{source}\0{runId:x}\0{key.Series.Model}\0{key.Series.Segment}\0{(int)key.Attribution}\0{key.LengthMs}\0{key.StartMs}")
        : FormattableString.Invariant($"{source}\0{runId:x}"));

    public static byte[] Encode(int source, ulong runId, FeedbackPaneKey key, FeedbackSums sums) => new FeedbackPaneRecord
    {
        Format = Format,
        SourcePartition = source,
        RunId = runId,
        Register = new Proto.FeedbackRegister
        {
            Model = key.Series.Model,
            Segment = key.Series.Segment,
            Attribution = (int)key.Attribution,
            PaneMs = key.LengthMs,
            PaneStartMs = key.StartMs,
            Sums = Encode(sums),
        },
    }.ToByteArray();

    public byte[] EncodeProgress(int source, ulong runId, FeedbackPosition position, long asOfMs) => new FeedbackPaneRecord
    {
        Format = Format,
        SourcePartition = source,
        RunId = runId,
        Progress = new Proto.FeedbackProgress
        {
            Records = position.Progress,
            Plan = plan,
            AsOfMs = asOfMs,
            LabelsLostBeforeMs = position.LabelsLostBeforeMs,
            PredictionsLostBeforeMs = position.PredictionsLostBeforeMs,
        },
    }.ToByteArray();

    public static FeedbackPaneSums Encode(FeedbackSums sums)
    {
        var wire = new FeedbackPaneSums
        {
            Predictions = sums.Predictions,
            Events = sums.Events,
            SoftEvents = sums.SoftEvents,
            CappedEvents = sums.CappedEvents,
            Correct = sums.Correct,
            Loss = Bytes(sums.Loss),
            Expected = Bytes(sums.Expected),
            Kl = Bytes(sums.Kl),
            Brier = Bytes(sums.Brier),
        };
        if (sums.Events != 0)
        {
            wire.BinEvents.AddRange(sums.BinEvents.ToArray());
            wire.BinConfidence.AddRange(sums.BinConfidence.ToArray());
            wire.BinCorrect.AddRange(sums.BinCorrect.ToArray());
        }

        return wire;
    }

    public static FeedbackSums? Decode(FeedbackPaneSums wire)
    {
        int[] bins = [wire.BinEvents.Count, wire.BinConfidence.Count, wire.BinCorrect.Count];
        if (Array.Exists(bins, count => count is not (0 or FeedbackSums.Bins)) || bins.Distinct().Count() != 1)
        {
            return null;
        }

        var sums = new FeedbackSums
        {
            Predictions = wire.Predictions,
            Events = wire.Events,
            SoftEvents = wire.SoftEvents,
            CappedEvents = wire.CappedEvents,
            Correct = wire.Correct,
            Loss = Number(wire.Loss),
            Expected = Number(wire.Expected),
            Kl = Number(wire.Kl),
            Brier = Number(wire.Brier),
        };
        for (var bin = 0; bin < wire.BinEvents.Count; bin++)
        {
            sums.BinEvents[bin] = wire.BinEvents[bin];
            sums.BinConfidence[bin] = wire.BinConfidence[bin];
            sums.BinCorrect[bin] = wire.BinCorrect[bin];
        }

        return sums;
    }

    public PaneMessage? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var wire = FeedbackPaneRecord.Parser.ParseFrom(bytes);
            return wire.KindCase switch
            {
                FeedbackPaneRecord.KindOneofCase.Progress => new DriftMonitor.Join.FeedbackProgress(
                    wire.SourcePartition, wire.RunId, wire.Progress.Records, wire.Progress.AsOfMs)
                {
                    Unreadable = wire.Format > Format ? $"format {wire.Format}, this replica reads formats up to {Format}"
                        : wire.Progress.Plan != plan ? wire.Progress.Plan
                        : null,
                    LabelsLostBeforeMs = wire.Progress.LabelsLostBeforeMs,
                    PredictionsLostBeforeMs = wire.Progress.PredictionsLostBeforeMs,
                },
                FeedbackPaneRecord.KindOneofCase.Register when wire is
                {
                    Format: <= Format,
                    Register: { PaneMs: > 0, Sums: { } sums } register,
                }
                    && register.Attribution is >= 0 and <= 1 && Decode(sums) is { } decoded => new DriftMonitor.Join.FeedbackRegister(
                        wire.SourcePartition,
                        wire.RunId,
                        new FeedbackPaneKey(
                            new SeriesKey(register.Model, register.Segment), (Attribution)register.Attribution, register.PaneMs,
                            register.PaneStartMs),
                        decoded),
                _ => null,
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    PaneMessage? IDeserializer<PaneMessage?>.Deserialize(
        ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull ? null : Decode(data);

    private static ByteString Bytes(Int128 number)
    {
        Span<byte> bytes = stackalloc byte[SumBytes];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, number);
        return number == 0 ? ByteString.Empty : ByteString.CopyFrom(bytes);
    }

    private static Int128 Number(ByteString bytes) => bytes.Length == SumBytes ? BinaryPrimitives.ReadInt128LittleEndian(bytes.Span) : 0;
}
