using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// How the composition of ten classes varies while nothing drifts: each changes the log-shares of a pane, and says how many times the usual
/// events it has.
/// </summary>
internal static class HardTraffic
{
    private const int Sources = 3;

    /// <summary>The shares of ten classes.</summary>
    public static double[] Zipf { get; } = new StreamKind("", 10, 0).Shares;

    /// <summary>Not at all.</summary>
    public static double None(long pane, double[] logShares) => 1;

    /// <summary>Three compositions, mixed by shares of a Dirichlet distribution that are drawn anew every five minutes.</summary>
    public static Func<long, double[], double> Mixture(RandomSource random)
    {
        var weights = Weights(random);
        return (pane, logShares) =>
        {
            var now = weights(pane);
            for (var k = 0; k < logShares.Length; k++)
            {
                logShares[k] = Math.Log(Enumerable.Range(0, Sources).Sum(source => now[source] * ShareOf(source, k)));
            }

            return 1;
        };
    }

    /// <summary>The same, each source a segment for itself.</summary>
    public static SegmentedStream MixtureOfSegments(RandomSource random, double events)
    {
        var weights = Weights(random);
        return new SegmentedStream(
            Zipf.Length,
            [
                .. Enumerable.Range(0, Sources).Select(source => (
                    $"{source}",
                    (IPaneSource)new OneHotStream(
                        random, [.. Zipf.Select((_, k) => ShareOf(source, k))], events, (pane, _) => weights(pane)[source]))),
            ]);
    }

    /// <summary>Each log-share wanders by 0.3, with a time constant of a minute.</summary>
    public static Func<long, double[], double> Wandering(RandomSource random)
    {
        Wander[] slow = [.. Zipf.Select(_ => new Wander(random, 0.3, seconds: 60))];
        return (pane, logShares) =>
        {
            for (var k = 0; k < slow.Length; k++)
            {
                logShares[k] += slow[k].At(pane);
            }

            return 1;
        };
    }

    /// <summary>Log-shares swing over the day, and are others at weekends.</summary>
    public static double Weekends(long pane, double[] logShares)
    {
        var hours = pane * SimulatedStream.PaneMs / 3_600_000.0;
        var swing = (0.25 * Math.Sin(2 * Math.PI * hours / 24)) + (hours / 24 % 7 >= 5 ? 0.3 : 0);
        for (var k = 0; k < logShares.Length; k++)
        {
            logShares[k] += k % 2 == 0 ? swing : -swing;
        }

        return 1;
    }

    private static double ShareOf(int source, int k) => Zipf[(k + (3 * source)) % Zipf.Length];

    /// <summary>Those of a pane, whoever asks for them first.</summary>
    private static Func<long, double[]> Weights(RandomSource random)
    {
        var (weights, drawnAt) = (Array.Empty<double>(), -1L);
        return pane =>
        {
            if (pane % 30 == 0 && pane != drawnAt)
            {
                (weights, drawnAt) = (Dirichlet.Sample(random, [2, 2, 2]), pane);
            }

            return weights;
        };
    }
}
