using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A stream without drift whose thresholds are hard to know from its reference.</summary>
/// <param name="Name">As it stands in the table.</param>
/// <param name="Classes">K.</param>
/// <param name="ReferenceHours">How long the reference is.</param>
/// <param name="ReferenceShare">The share of its events that the reference has.</param>
/// <param name="Open">Draws one of its kind; the share of events that are kept is the second argument.</param>
internal sealed record HardStream(
    string Name, int Classes, double ReferenceHours, double ReferenceShare, Func<RandomSource, Func<double>, IPaneSource> Open)
{
    private const int PanesPerHour = 360;
    private const int TopClasses = 20;

    /// <summary>Those of the table.</summary>
    public static IEnumerable<HardStream> All { get; } =
    [
        new("top 20 of 2,001 classes, 120 a minute, reference of 4 h", 2_001, 4, 1, (random, share) => new TopOutputs(random, share, 20)),
        new("three sources, shares anew each 5 m, 77 h", 10, 77, 1, (random, share) => new OneHot(random, share, 10, 100, Mixture(random))),
        new("three sources, shares anew each 5 m, 8 h", 10, 8, 1, (random, share) => new OneHot(random, share, 10, 100, Mixture(random))),
        new("log-shares wander, 60 s, 8 h", 10, 8, 1, (random, share) => new OneHot(random, share, 10, 100, Wandering(random))),
        new("log-shares wander, 60 s, 77 h", 10, 77, 1, (random, share) => new OneHot(random, share, 10, 100, Wandering(random))),
        .. new[] { 3, 7, 21, 35 }.Select(days => new HardStream(
            $"days and weekends, {days} days", 10, 24 * days, 1, (random, share) => new OneHot(random, share, 10, 100, Weekends))),
        new("iid K=10, reference of 50 events", 10, 1, 50.0 / (100 * PanesPerHour), Steady),
        new("iid K=10, reference of 500 events", 10, 1, 500.0 / (100 * PanesPerHour), Steady),
        new("iid K=10, reference of 20 m", 10, 1 / 3.0, 1, Steady),
        new("iid K=10, reference of 1 h", 10, 1, 1, Steady),
        new("iid K=10, reference of 24 h", 10, 24, 1, Steady),
    ];

    private static double[] Zipf { get; } = new StreamKind("", 10, 0).Shares;

    /// <summary>How many base panes the reference has.</summary>
    public int ReferencePanes => (int)(ReferenceHours * PanesPerHour);

    private static OneHot Steady(RandomSource random, Func<double> share) => new(random, share, 10, 100, (_, logShares) => { });

    /// <summary>Three compositions, mixed by shares of a Dirichlet distribution that are drawn anew every five minutes.</summary>
    private static Action<long, double[]> Mixture(RandomSource random)
    {
        var weights = new double[3];
        return (pane, logShares) =>
        {
            if (pane % 30 == 0)
            {
                weights = Dirichlet.Sample(random, [2, 2, 2]);
            }

            for (var k = 0; k < logShares.Length; k++)
            {
                logShares[k] = Math.Log(Enumerable.Range(0, 3).Sum(source => weights[source] * Zipf[(k + (3 * source)) % Zipf.Length]));
            }
        };
    }

    private static Action<long, double[]> Wandering(RandomSource random)
    {
        var (slow, keep) = (new double[10], Math.Exp(-SimulatedStream.PaneMs / 60_000.0));
        return (_, logShares) =>
        {
            for (var k = 0; k < slow.Length; k++)
            {
                slow[k] = (keep * slow[k]) + (Math.Sqrt(1 - (keep * keep)) * Normal.Sample(random, 0, 0.3));
                logShares[k] += slow[k];
            }
        };
    }

    private static void Weekends(long pane, double[] logShares)
    {
        var hours = pane * SimulatedStream.PaneMs / 3_600_000.0;
        var swing = (0.25 * Math.Sin(2 * Math.PI * hours / 24)) + (hours / 24 % 7 >= 5 ? 0.3 : 0);
        for (var k = 0; k < logShares.Length; k++)
        {
            logShares[k] += k % 2 == 0 ? swing : -swing;
        }
    }

    /// <summary>One-hot outputs; log-shares begin as Zipf's in each pane, and are then changed.</summary>
    private sealed class OneHot(RandomSource random, Func<double> share, int classes, double events, Action<long, double[]> change)
        : IPaneSource
    {
        private readonly double[] _logShares = new double[classes];
        private long _panes;

        public int Next(double[] mass, double[] squares)
        {
            for (var k = 0; k < classes; k++)
            {
                _logShares[k] = Math.Log(Zipf[k]);
            }

            change(_panes++, _logShares);
            var (total, count) = (_logShares.Sum(Math.Exp), 0);
            for (var k = 0; k < classes; k++)
            {
                var drawn = Poisson.Sample(random, Math.Max(1e-9, share() * events * Math.Exp(_logShares[k]) / total));
                (mass[k], squares[k], count) = (drawn, drawn, count + drawn);
            }

            return count;
        }
    }

    /// <summary>
    /// The probabilities of the twenty likeliest of two thousand tokens and, in a last class, the rest: of a pool of outputs.
    /// </summary>
    private sealed class TopOutputs : IPaneSource
    {
        private const int Pool = 4_000;
        private const double Spread = 2;

        private readonly RandomSource _random;
        private readonly Func<double> _share;
        private readonly double _events;
        private readonly (int Class, double Mass)[][] _pool;

        public TopOutputs(RandomSource random, Func<double> share, double events)
        {
            (_random, _share, _events) = (random, share, events);
            var shares = new StreamKind("", 2_000, 0).Shares;
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
            var count = Poisson.Sample(_random, _share() * _events);
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
}
