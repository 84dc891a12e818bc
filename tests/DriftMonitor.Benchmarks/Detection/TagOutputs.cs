using DriftMonitor.Model;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// Outputs of five classes of which each may hold: sigmoids of log-odds that a factor moves together. Each class and its complement have a
/// fifth of the mass.
/// </summary>
internal sealed class TagOutputs(RandomSource random, double events) : IPaneSource
{
    private const double SharedSpread = 0.8;

    private static readonly double[] LogOdds = [-1.5, -2.5, -2.8, -3, -4];

    /// <summary>The classes.</summary>
    public static ClassSpace Space { get; } = ClassSpace.CreateIndependent([.. LogOdds.Select((_, k) => $"{k}")]);

    public int Next(double[] mass, double[] squares)
    {
        Array.Clear(mass);
        Array.Clear(squares);
        var count = Poisson.Sample(random, events);
        for (var i = 0; i < count; i++)
        {
            var together = SharedSpread * Normal.Sample(random, 0, 1);
            for (var k = 0; k < LogOdds.Length; k++)
            {
                var p = 1 / (1 + Math.Exp(-LogOdds[k] - together - Normal.Sample(random, 0, 1)));
                Add(2 * k, (1 - p) / LogOdds.Length);
                Add((2 * k) + 1, p / LogOdds.Length);
            }
        }

        return count;

        void Add(int cell, double part)
        {
            mass[cell] += part;
            squares[cell] += part * part;
        }
    }
}
