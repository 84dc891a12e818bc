using System.Collections.Immutable;
using DriftMonitor.Distributions;
using DriftMonitor.Events;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Calibration;

/// <summary>One-hot traffic in which nothing drifts, ten seconds a block, drawn without any code of the calibration.</summary>
internal sealed class SimulatedTraffic(int seed, double[] shares, int eventsInBlock)
{
    public const long BlockMs = 10_000;

    private readonly Random _random = new(seed);

    /// <summary>How far class 0's share swings, of itself, over an hour; 0 for not at all.</summary>
    public double Swing { get; init; }

    /// <summary>How many blocks were drawn.</summary>
    public int Blocks { get; private set; }

    public long[] Next()
    {
        var first = shares[0] * (1 + (Swing * Math.Sin(2 * Math.PI * Blocks++ * BlockMs / 3_600_000.0)));
        var counts = new long[shares.Length];
        for (var i = 0; i < eventsInBlock; i++)
        {
            var at = _random.NextDouble();
            var k = 0;
            if (at >= first)
            {
                at = (at - first) / (1 - first) * (1 - shares[0]);
                for (k = 1; k < shares.Length - 1 && at >= shares[k]; k++)
                {
                    at -= shares[k];
                }
            }

            counts[k]++;
        }

        return counts;
    }

    /// <summary>A reference of so many blocks.</summary>
    public ReferenceSnapshot Reference(int blocks)
    {
        var mass = new ulong[shares.Length + 1];
        var kept = ImmutableArray.CreateBuilder<ReferenceBlock>();
        for (var i = 0; i < blocks; i++)
        {
            ulong[] units = [.. Next().Select(count => (ulong)count << 32), 0];
            kept.Add(new ReferenceBlock(i * BlockMs, eventsInBlock, [.. units]));
            for (var k = 0; k < units.Length; k++)
            {
                mass[k] += units[k];
            }
        }

        return new ReferenceSnapshot(
            "m",
            1,
            DateTimeOffset.UnixEpoch,
            ClassSpace.Indexed(shares.Length),
            new Dictionary<string, PaneSums> { [SeriesKey.All] = new((long)blocks * eventsInBlock, mass, mass) },
            kept.ToImmutable());
    }
}
