using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

/// <summary>One-hot traffic in which nothing drifts, ten seconds a block, drawn without any code of the calibration.</summary>
internal sealed class SimulatedTraffic(int seed, double[] shares, int eventsInBlock)
{
    public const long BlockMs = 10_000;

    private readonly Random _random = new(seed);

    /// <summary>By what part of itself class 0's share is higher, of itself, in a block; the others give way in proportion.</summary>
    public Func<int, double> Change { get; init; } = _ => 0;

    /// <summary>How many times as many events as usual a block has.</summary>
    public Func<int, int> Rush { get; init; } = _ => 1;

    /// <summary>How many blocks were drawn.</summary>
    public int Blocks { get; private set; }

    /// <summary>A change that swings, over an hour.</summary>
    public static Func<int, double> Swing(double by) => block => by * Math.Sin(2 * Math.PI * block * BlockMs / 3_600_000.0);

    /// <summary>How many events of the next block are of each class.</summary>
    public double[] Next()
    {
        var first = shares[0] * (1 + Change(Blocks));
        var events = eventsInBlock * Rush(Blocks++);
        var counts = new double[shares.Length];
        for (var i = 0; i < events; i++)
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
    /// <param name="blocks">How many.</param>
    /// <param name="startMs">When each begins; one after the other when null.</param>
    public ReferenceSnapshot Reference(int blocks, Func<int, long>? startMs = null) =>
        BlockReference.Of(Enumerable.Range(0, blocks).Select(i => (startMs?.Invoke(i) ?? i * BlockMs, Next(), (double[]?)null)));
}
