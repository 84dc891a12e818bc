using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

/// <summary>Soft outputs in which nothing drifts: independent Dirichlet distributions, so many events in ten seconds.</summary>
/// <remarks>
/// With concentrations αₖ that add up to α₀ a class has the mean q = αₖ/α₀ and the variance q (1 − q)/(α₀ + 1). Whole concentrations are
/// sums of as many exponential numbers: −ln of a product of uniform ones.
/// </remarks>
internal sealed class SoftTraffic(int seed, int[] concentrations, int eventsInBlock)
{
    private readonly Random _random = new(seed);

    /// <summary>The mass of the next block's events.</summary>
    public double[] Next() => Draw().Mass;

    /// <summary>A reference of so many blocks.</summary>
    public ReferenceSnapshot Reference(int blocks) => BlockReference.Of(Enumerable.Range(0, blocks).Select(i =>
    {
        var (mass, squares) = Draw();
        return (i * SimulatedTraffic.BlockMs, mass, (double[]?)squares);
    }));

    private (double[] Mass, double[] Squares) Draw()
    {
        var (mass, squares, output) = (
            new double[concentrations.Length], new double[concentrations.Length], new double[concentrations.Length]);
        for (var i = 0; i < eventsInBlock; i++)
        {
            var sum = 0.0;
            for (var k = 0; k < output.Length; k++)
            {
                var product = 1.0;
                for (var times = 0; times < concentrations[k]; times++)
                {
                    product *= 1 - _random.NextDouble();
                }

                sum += output[k] = -Math.Log(product);
            }

            for (var k = 0; k < output.Length; k++)
            {
                var share = output[k] / sum;
                mass[k] += share;
                squares[k] += share * share;
            }
        }

        return (mass, squares);
    }
}
