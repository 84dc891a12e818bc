using DriftMonitor.Model;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

/// <summary>Outputs of classes that hold or not, each by itself with a probability of its own, so many in ten seconds.</summary>
internal sealed class IndependentTraffic(int seed, double[] shares, int eventsInBlock)
{
    private readonly Random _random = new(seed);

    /// <summary>A reference of so many blocks.</summary>
    public ReferenceSnapshot Reference(int blocks) => BlockReference.Of(
        Enumerable.Range(0, blocks).Select(i =>
        {
            var mass = Next();
            double[] squares = [.. mass.Select(of => of / shares.Length)];
            return (i * SimulatedTraffic.BlockMs, mass, (double[]?)squares);
        }),
        ClassSpace.CreateIndependent([.. shares.Select((_, k) => $"{k}")]));

    /// <summary>The mass of the next block's events: each has as much in every pair of cells.</summary>
    public double[] Next()
    {
        var mass = new double[2 * shares.Length];
        for (var i = 0; i < eventsInBlock * shares.Length; i++)
        {
            var (k, part) = (i % shares.Length, 1.0 / shares.Length);
            mass[(2 * k) + (_random.NextDouble() < shares[k] ? 1 : 0)] += part;
        }

        return mass;
    }
}
