using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class NoiseFloorTests
{
    [Fact]
    public void Floor_OfOneHotOutputsHasAClosedForm() =>
        Gen.Select(SimplexPoints.PositivePairs, Gen.Double[1, 1e6], Gen.Double[1, 1e6]).Sample((pair, n, m) =>
        {
            double[] variance = [.. pair.Q.Select(q => q * (1 - q))];
            double expected = OneHot(pair.Q.Length, n, m);

            Assert.Equal(expected, NoiseFloor.Of(pair.Q, variance, n, m), 1e-13 * Math.Max(1, expected));
        });

    [Fact]
    public void Floor_IsWhatSamplingShows()
    {
        Random random = new(7);
        double[] q = [.5, .3, .15, .05];
        double total = 0;
        for (int run = 0; run < 2000; run++)
        {
            total += KullbackLeibler.Divergence(Sample(random, q, 500), Sample(random, q, 1000));
        }

        // KL of two multinomial samples: 4.5e-3 in theory; its mean over 2000 runs has a standard error of 1.8 % (√(2/3/2000)).
        Assert.Equal(OneHot(4, 500, 1000), total / 2000, 3e-4);
    }

    [Fact]
    public void Floor_OfAPerfectlyKnownReferenceIsHalf() => Assert.Equal(
        NoiseFloor.Of([.5, .5], [.25, .25], 100, 100) / 2, NoiseFloor.Of([.5, .5], [.25, .25], 100, double.PositiveInfinity));

    [Fact]
    public void Floor_LeavesOutClassesTheReferenceNeverShowed() =>
        Assert.Equal(OneHot(2, 10, 20), NoiseFloor.Of([.5, 0, .5], [.25, 0, .25], 10, 20), 1e-16);

    [Theory, InlineData(0), InlineData(-1), InlineData(double.NaN)]
    public void Floor_RefusesNoEvents(double events)
    {
        Assert.Throws<ArgumentOutOfRangeException>("liveEvents", () => NoiseFloor.Of([.5, .5], [.25, .25], events, 1));
        Assert.Throws<ArgumentOutOfRangeException>("referenceEvents", () => NoiseFloor.Of([.5, .5], [.25, .25], 1, events));
    }

    [Fact]
    public void Floor_NamesTheSpanThatIsWrong()
    {
        Assert.Throws<ArgumentException>("reference", () => NoiseFloor.Of([], [], 1, 1));
        Assert.Throws<ArgumentException>("variance", () => NoiseFloor.Of([.5, .5], [.25], 1, 1));
    }

    /// <summary>(K − 1)/2 · (1/n + 1/m), for K classes that are all possible.</summary>
    private static double OneHot(int classes, double n, double m) => 0.5 * (classes - 1) * ((1 / n) + (1 / m));

    private static double[] Sample(Random random, double[] q, int events)
    {
        double[] counts = new double[q.Length];
        for (int i = 0; i < events; i++)
        {
            double u = random.NextDouble();
            int k = 0;
            while (k < q.Length - 1 && (u -= q[k]) >= 0)
            {
                k++;
            }

            counts[k]++;
        }

        return SimplexPoints.Normalise(counts);
    }
}
