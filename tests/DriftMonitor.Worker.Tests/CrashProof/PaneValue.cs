using System.Globalization;
using DriftMonitor.Panes;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// Everything that a register says of its pane, as text, so that two can be compared to the last bit and the difference read.
/// </summary>
internal static class PaneValue
{
    public static string Of(PaneRegister register) => Of(
        register.FirstOffset,
        register.LastOffset,
        register.EarliestEventMs,
        register.LatestEventMs,
        register.Sums.Events,
        register.Sums.Mass.ToArray(),
        register.Sums.Squares.ToArray());

    public static string Of(
        long firstOffset, long lastOffset, long earliestMs, long latestMs, long events, ulong[] mass, ulong[] squares) => string.Create(
        CultureInfo.InvariantCulture,
        $"offsets {firstOffset}..{lastOffset} times {earliestMs}..{latestMs} events {events} mass {string.Join(' ', mass)} squares "
        + $"{string.Join(' ', squares)}");
}
