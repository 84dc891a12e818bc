using System.Buffers.Binary;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace DriftMonitor.Worker.Wire;

/// <summary>The sums of a pane as the messages that panes carry, and back.</summary>
/// <remarks>A large class space's kept cells go as the gaps between them: one byte each as a rule, two or three where rare.</remarks>
internal static class SumsCodec
{
    private const int SumBytes = 16;

    public static OutputSums Encode(PaneSums sums, PaneClasses classes)
    {
        var wire = new OutputSums
        {
            ClassSpaceId = classes.SpaceId,
            ClassSpaceGeneration = classes.Generation,
            Choices = classes.Choices > 1 ? classes.Choices : 0,
            Events = sums.Events,
            Cells = sums.IsSparse ? sums.Cells : 0,
            Policy = Encode(sums.Policy),
            EntropyEvents = sums.Entropy.Events,
            Entropy = (long)sums.Entropy.Units,
        };
        wire.InferredClasses.AddRange(classes.Inferred?.Names ?? []);
        wire.Mass.AddRange(sums.Mass);
        wire.Squares.AddRange(sums.Squares);
        var next = 0;
        foreach (var cell in sums.KeptCells)
        {
            wire.KeptCellGaps.Add((uint)(cell - next));
            next = cell + 1;
        }

        return wire;
    }

    public static LabelSums Encode(FeedbackSums sums)
    {
        var wire = new LabelSums
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

    /// <summary>Whether the parts fit each other, so that no window takes in what its evaluation cannot read.</summary>
    public static bool IsWhole(OutputSums wire)
    {
        var cells = wire.Cells == 0 ? wire.Mass.Count : wire.Cells;
        return (wire.Events > 0 || wire.Policy is not null)
            && cells is > 1 and <= ClassSpace.MaxClasses + 1
            && (wire.InferredClasses.Count == 0 || wire.InferredClasses.Count + 1 == cells)
            && (wire.Choices == 0 || (2 * (long)wire.Choices) + 1 == cells);
    }

    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public static PaneSums Decode(OutputSums wire) =>
        DecodeMasses(wire).With(new EntropySums(wire.EntropyEvents, wire.Entropy));

    private static PaneSums DecodeMasses(OutputSums wire)
    {
        if (wire.Cells == 0)
        {
            return new PaneSums(wire.Events, [.. wire.Mass], [.. wire.Squares], Decode(wire.Policy));
        }

        var kept = new int[wire.KeptCellGaps.Count];
        var next = 0L;
        for (var i = 0; i < kept.Length; i++)
        {
            next += wire.KeptCellGaps[i];
            kept[i] = (int)Math.Min(next++, int.MaxValue); // what is beyond the cells is refused with them
        }

        return wire.Mass.Count == kept.Length
            ? new PaneSums(wire.Events, wire.Cells, kept, [.. wire.Mass], [.. wire.Squares], Decode(wire.Policy))
            : throw new ArgumentException($"{wire.Mass.Count} masses of {kept.Length} cells");
    }

    /// <exception cref="ArgumentException">There are other bins than are written.</exception>
    public static FeedbackSums Decode(LabelSums wire)
    {
        var bins = wire.BinEvents.Count;
        if (bins is not (0 or FeedbackSums.Bins) || wire.BinConfidence.Count != bins || wire.BinCorrect.Count != bins)
        {
            throw new ArgumentException($"{bins}, {wire.BinConfidence.Count} and {wire.BinCorrect.Count} bins");
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
        for (var bin = 0; bin < bins; bin++)
        {
            sums.BinEvents[bin] = wire.BinEvents[bin];
            sums.BinConfidence[bin] = wire.BinConfidence[bin];
            sums.BinCorrect[bin] = wire.BinCorrect[bin];
        }

        return sums;
    }

    /// <summary>Null for no sums, and for those of no events.</summary>
    private static PolicyMoments? Encode(PolicySums? sums)
    {
        if (sums is not { Events: > 0 })
        {
            return null;
        }

        var wire = new PolicyMoments
        {
            ExactEvents = sums.ExactEvents,
            SampledEvents = sums.SampledEvents,
            ClampedEvents = sums.ClampedEvents,
        };
        wire.Sums.AddRange(sums.Sums.ToArray().SelectMany(sum => Words((UInt128)sum)));
        wire.SquaresHigh.AddRange(sums.SquaresHigh.ToArray().SelectMany(Words));
        wire.SquaresLow.AddRange(sums.SquaresLow.ToArray().SelectMany(Words));
        return wire;
    }

    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    private static PolicySums? Decode(PolicyMoments? wire) => wire is null ? null : new PolicySums(
        wire.ExactEvents,
        wire.SampledEvents,
        wire.ClampedEvents,
        [.. Numbers(wire.Sums).Select(number => (Int128)number)],
        [.. Numbers(wire.SquaresHigh)],
        [.. Numbers(wire.SquaresLow)]);

    private static ulong[] Words(UInt128 number) => [(ulong)(number & ulong.MaxValue), (ulong)(number >> 64)];

    private static IEnumerable<UInt128> Numbers(RepeatedField<ulong> words) =>
        words.Chunk(2).Select(number => new UInt128(number.ElementAtOrDefault(1), number[0]));

    private static ByteString Bytes(Int128 number)
    {
        Span<byte> bytes = stackalloc byte[SumBytes];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, number);
        return number == 0 ? ByteString.Empty : ByteString.CopyFrom(bytes);
    }

    private static Int128 Number(ByteString bytes) => bytes.Length == SumBytes ? BinaryPrimitives.ReadInt128LittleEndian(bytes.Span) : 0;
}
