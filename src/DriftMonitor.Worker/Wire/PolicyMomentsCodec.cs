using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf.Collections;

namespace DriftMonitor.Worker.Wire;

/// <summary><see cref="PolicySums"/> as the message that panes carry, and back.</summary>
internal static class PolicyMomentsCodec
{
    /// <summary>Null for no sums, and for those of no events.</summary>
    public static PolicyMoments? Encode(PolicySums? sums)
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
        foreach (var sum in sums.Sums)
        {
            Add(wire.Sums, (UInt128)sum);
        }

        foreach (var square in sums.SquaresHigh)
        {
            Add(wire.SquaresHigh, square);
        }

        foreach (var square in sums.SquaresLow)
        {
            Add(wire.SquaresLow, square);
        }

        return wire;
    }

    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public static PolicySums? Decode(PolicyMoments? wire) => wire is null ? null : new PolicySums(
        wire.ExactEvents,
        wire.SampledEvents,
        wire.ClampedEvents,
        [.. Numbers(wire.Sums).Select(number => (Int128)number)],
        [.. Numbers(wire.SquaresHigh)],
        [.. Numbers(wire.SquaresLow)]);

    private static void Add(RepeatedField<ulong> words, UInt128 number)
    {
        words.Add((ulong)(number & ulong.MaxValue));
        words.Add((ulong)(number >> 64));
    }

    private static IEnumerable<UInt128> Numbers(RepeatedField<ulong> words) =>
        words.Chunk(2).Select(number => new UInt128(number.ElementAtOrDefault(1), number[0]));
}
