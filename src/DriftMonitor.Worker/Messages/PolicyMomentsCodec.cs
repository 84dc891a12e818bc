using DriftMonitor.Windows;
using DriftMonitor.Worker.Messages.Wire;

namespace DriftMonitor.Worker.Messages;

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

        var wire = new PolicyMoments { ExactEvents = sums.ExactEvents, SampledEvents = sums.SampledEvents, ClampedEvents = sums.ClampedEvents };
        foreach (var sum in sums.Sums)
        {
            wire.SumHigh.Add((long)(sum >> 64));
            wire.SumLow.Add((ulong)(sum & ulong.MaxValue));
        }

        foreach (var square in sums.Squares)
        {
            wire.SquareHigh.Add((ulong)(square >> 64));
            wire.SquareLow.Add((ulong)(square & ulong.MaxValue));
        }

        return wire;
    }

    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public static PolicySums? Decode(PolicyMoments? wire) => wire is null ? null : new PolicySums(
        wire.ExactEvents,
        wire.SampledEvents,
        wire.ClampedEvents,
        [.. wire.SumHigh.Zip(wire.SumLow, (high, low) => new Int128((ulong)high, low))],
        [.. wire.SquareHigh.Zip(wire.SquareLow, (high, low) => new UInt128(high, low))]);
}
