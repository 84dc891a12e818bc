using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// The probabilities of the twenty likeliest of two thousand tokens and, in a last class, the rest: of a pool of outputs.
/// </summary>
internal sealed class TopOutputs : IPaneSource
{
    /// <summary>The tokens and the rest.</summary>
    public const int Classes = 2_001;

    private const int TopClasses = 20;
    private const int Pool = 4_000;
    private const double Spread = 2;

    private readonly RandomSource _random;
    private readonly double _events;
    private readonly (int Class, double Mass)[][] _pool;

    public TopOutputs(RandomSource random, double events)
    {
        (_random, _events) = (random, events);
        var shares = new StreamKind("", Classes - 1, 0).Shares;
        _pool = new (int, double)[Pool][];
        for (var i = 0; i < Pool; i++)
        {
            var weights = shares.Select(each => each * Math.Exp(Spread * Normal.Sample(random, 0, 1))).ToArray();
            var total = weights.Sum();
            var top = weights.Select((weight, k) => (Class: k, Mass: weight / total)).OrderByDescending(each => each.Mass)
                .Take(TopClasses).ToList();
            _pool[i] = [.. top, (shares.Length, 1 - top.Sum(each => each.Mass))];
        }
    }

    public int Next(double[] mass, double[] squares)
    {
        Array.Clear(mass);
        Array.Clear(squares);
        var count = Poisson.Sample(_random, _events);
        for (var i = 0; i < count; i++)
        {
            foreach (var (at, drawn) in _pool[_random.Next(Pool)])
            {
                mass[at] += drawn;
                squares[at] += drawn * drawn;
            }
        }

        return count;
    }
}
