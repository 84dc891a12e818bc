using CsCheck;
using DriftMonitor.Divergence;
using MathNet.Numerics.Distributions;

namespace DriftMonitor.Tests.Divergence;

public sealed class NoiseFloorTests
{
    public static TheoryData<int, double, double, bool, int> Nulls =>
    [
        .. from classes in (int[])[2, 10, 100, 1000]
           from n in (double[])[30, 300, 3000, 300_000]
           from ratio in (double[])[1, 10]
           from zipf in (bool[])[false, true]
           from draws in (int[])[1, 5]
           select (classes, n, ratio, zipf, draws),
    ];

    [Fact]
    public void Coefficient_OfOneHotOutputsHasAClosedForm() =>
        SimplexPoints.PositivePairs.Sample(pair => Assert.Equal(
            0.5 * (pair.Q.Length - 1), NoiseFloor.Coefficient(pair.Q, OneHot(pair.Q)), 1e-13 * pair.Q.Length));

    [Fact]
    public void Floor_OfManyEventsAClass_IsTheFirstTerm() =>
        Gen.Select(Gen.Double[0.1, 1].Array[2, 70], Gen.Double[1000, 1e6], Gen.Double[1, 100]).Sample((weights, eventsAClass, ratio) =>
        {
            var q = SimplexPoints.Normalise(weights);
            var n = eventsAClass / q.Min();
            var first = 0.5 * (q.Length - 1) * ((1 / n) + (1 / (n * ratio)));
            Assert.Equal(first, NoiseFloor.Of(q, OneHot(q), n, n * ratio, 1), 0.01 * first);
        });

    /* numpy, seed 1, 2000 runs (200 from 100 classes on), standard errors 0.2 to 3.1 %:
       X, R = rng.multinomial(n, q, runs), rng.multinomial(m, q, runs)
       qt = (R + 1/K) / (m + 1); pt = (X + qt) / (n + 1); (pt * np.log(pt / qt)).sum(-1).mean() */
    [Theory]
    [InlineData(2, false, 30, 300, 0.017164)]
    [InlineData(10, false, 30, 30, 0.36598)]
    [InlineData(10, true, 300, 3000, 0.016364)]
    [InlineData(100, true, 30, 300, 1.2834)]
    [InlineData(100, false, 300, 300, 0.53038)]
    [InlineData(100, true, 3000, 30_000, 0.018659)]
    [InlineData(1000, false, 30, 30, 6.3896)]
    [InlineData(1000, true, 300, 300, 2.6178)]
    [InlineData(1000, false, 300, 3000, 1.8586)]
    [InlineData(1000, true, 300, 3000, 1.4388)]
    [InlineData(1000, true, 3000, 30_000, 0.20009)]
    [InlineData(1000, true, 300_000, 300_000, 0.0033594)]
    public void Floor_IsThatOfNumpy(int classes, bool zipf, double n, double m, double expected)
    {
        var q = Shares(classes, zipf);
        Assert.Equal(expected, NoiseFloor.Of(q, OneHot(q), n, m, 1), 0.05 * expected);
    }

    /// <summary>Outputs are means of so many one-hot draws: one is hard outputs, more are softer.</summary>
    [Theory, MemberData(nameof(Nulls))]
    public void Floor_IsWhatSamplingShows(int classes, double n, double ratio, bool zipf, int draws)
    {
        var (random, q, m) = (new Random(7), Shares(classes, zipf), n * ratio);
        var runs = 8000 / classes * (classes < 100 ? 2 : 3);
        var shown = Enumerable.Range(0, runs).Average(_ => Shown(Draw(random, q, n, draws), Draw(random, q, m, draws), n, m));

        Assert.Equal(shown, NoiseFloor.Of(q, [.. OneHot(q).Select(v => v / draws)], n, m, 1), 0.1 * shown);
    }

    /// <summary>What is known of q is what the reference showed: the mass of classes that it has not seen is to be guessed.</summary>
    [Theory]
    [InlineData(100, false, 300, 300)]
    [InlineData(100, true, 300, 300)]
    [InlineData(1000, false, 300, 300)]
    [InlineData(1000, true, 300, 300)]
    [InlineData(1000, false, 300, 3000)]
    [InlineData(1000, true, 300, 3000)]
    [InlineData(1000, true, 3000, 30_000)]
    public void Floor_OfWhatAReferenceShowed_IsWhatSamplingShows(int classes, bool zipf, double n, double m)
    {
        var (random, q) = (new Random(11), Shares(classes, zipf));
        var runs = Enumerable.Range(0, 40).Select(_ =>
        {
            var seen = SimplexPoints.Normalise(Draw(random, q, m, 1));
            return (Floor: NoiseFloor.Of(seen, OneHot(seen), n, m, 1), Shown: Shown(Draw(random, q, n, 1), seen, n, m));
        }).ToList();
        var shown = runs.Average(run => run.Shown);

        Assert.Equal(shown, runs.Average(run => run.Floor), 0.2 * shown);
    }

    /// <summary>Dirichlet outputs, whose rare classes are never 0: not as counts are, but close where there are enough.</summary>
    [Theory]
    [InlineData(10, 300, 3000, 100)]
    [InlineData(100, 300, 1000, 20)]
    public void Floor_OfDirichletOutputs_IsWhatSamplingShows(int classes, int n, int m, int runs)
    {
        const double concentration = 5;
        var (random, q) = (new Random(3), Shares(classes, zipf: false));
        double[] Mean(int events)
        {
            var sums = new double[classes];
            for (var i = 0; i < events; i++)
            {
                var p = SimplexPoints.Normalise([.. q.Select(q => Gamma.Sample(random, concentration * q, 1))]);
                for (var k = 0; k < classes; k++)
                {
                    sums[k] += p[k];
                }
            }

            return sums;
        }

        var shown = Enumerable.Range(0, runs).Average(_ => Shown(Mean(n), Mean(m), n, m));

        Assert.Equal(shown, NoiseFloor.Of(q, [.. OneHot(q).Select(v => v / (concentration + 1))], n, m, 1), 0.1 * shown);
    }

    [Fact]
    public void Floor_OfAPerfectlyKnownReferenceIsHalf_WithManyEventsAClass() => Assert.Equal(
        0.5,
        NoiseFloor.Of([.5, .5], [.25, .25], 1e6, double.PositiveInfinity, 1) / NoiseFloor.Of([.5, .5], [.25, .25], 1e6, 1e6, 1),
        1e-9);

    [Fact]
    public void Floor_LeavesOutClassesTheReferenceNeverShowed_WithoutPseudoEvents() => Assert.Equal(
        NoiseFloor.Of([.5, .5], [.25, .25], 10, 20, 0), NoiseFloor.Of([.5, 0, .5], [.25, 0, .25], 10, 20, 0), 1e-16);

    [Fact]
    public void Floor_OfOutputsThatNeverVary_IsThatOfThePseudoEvents()
    {
        Assert.Equal(0, NoiseFloor.Of([1], [0], 100, 100, 1));
        Assert.Equal(0, NoiseFloor.Of([.3, .7], [0, 0], 100, 100, 1));
        Assert.Equal(Shown([100, 0], [1000, 0], 100, 1000), NoiseFloor.Of([1, 0], [0, 0], 100, 1000, 1), 1e-5);
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(double.NaN)]
    public void Floor_RefusesNoEvents(double events)
    {
        Assert.Throws<ArgumentOutOfRangeException>("liveEvents", () => NoiseFloor.Of([.5, .5], [.25, .25], events, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("referenceEvents", () => NoiseFloor.Of([.5, .5], [.25, .25], 1, events, 1));
    }

    [Fact]
    public void Floor_NamesTheSpanThatIsWrong()
    {
        Assert.Throws<ArgumentException>("reference", () => NoiseFloor.Of([], [], 1, 1, 1));
        Assert.Throws<ArgumentException>("variance", () => NoiseFloor.Of([.5, .5], [.25], 1, 1, 1));
    }

    private static double[] OneHot(double[] q) => [.. q.Select(q => q * (1 - q))];

    private static double[] Shares(int classes, bool zipf) =>
        SimplexPoints.Normalise([.. Enumerable.Range(1, classes).Select(k => zipf ? 1.0 / k : 1)]);

    /// <summary>Counts of about n events.</summary>
    private static double[] Draw(Random random, double[] q, double n, int draws) =>
        [.. q.Select(q => Poisson.Sample(random, n * draws * q) / (double)draws)];

    /// <summary>KL(p̃‖q̃) of sums, with one pseudo-event.</summary>
    private static double Shown(double[] live, double[] reference, double n, double m)
    {
        var (p, q) = (SimplexPoints.Normalise(live), new double[live.Length]);
        PseudoEvents.SmoothReference(SimplexPoints.Normalise(reference), m, 1, q);
        PseudoEvents.SmoothLive(p, n, 1, q);
        return KullbackLeibler.Divergence(p, q);
    }
}
