using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class KullbackLeiblerTests
{
    [Fact]
    public void Divergence_IsThatOfScipyInBothDirections()
    {
        // scipy.special.rel_entr(p, q).sum()
        Assert.Equal(.37861237212394355, KullbackLeibler.Divergence(SimplexPoints.T, SimplexPoints.U), 1e-15);
        Assert.Equal(.7190068128978929, KullbackLeibler.Divergence(SimplexPoints.U, SimplexPoints.T), 1e-15);
        Assert.Equal(.637145646205098, KullbackLeibler.Divergence([.99, .01], [.5, .5]), 1e-15);
        Assert.Equal(1.614463080360851, KullbackLeibler.Divergence([.5, .5], [.99, .01]), 1e-15);
    }

    [Fact]
    public void Divergence_GrowsWithTheDistance() => Assert.True(
        KullbackLeibler.Divergence([.5, .5], [.6, .4]) < KullbackLeibler.Divergence([.5, .5], [.9, .1]));

    [Fact]
    public void Divergence_OfCountsIsTheGStatisticOverTwiceTheirNumber()
    {
        // scipy.stats.power_divergence([16, 18, 16, 14, 12, 12], lambda_='log-likelihood')
        double[] counts = [16, 18, 16, 14, 12, 12];
        double[] uniform = SimplexPoints.Normalise([1, 1, 1, 1, 1, 1]);

        Assert.Equal(2.006573162632538, 2 * counts.Sum() * KullbackLeibler.Divergence(SimplexPoints.Normalise(counts), uniform), 1e-13);
    }

    [Fact]
    public void Divergence_IsZeroOnlyBetweenEquals() =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            Assert.Equal(0, KullbackLeibler.Divergence(pair.P, pair.P));
            Assert.True(KullbackLeibler.Divergence(pair.P, pair.Q) > (TotalVariation.Distance(pair.P, pair.Q) > 1e-7 ? 0 : -1e-15));
        });

    [Fact]
    public void Divergence_IsInfiniteWhereTheReferenceHasNothing()
    {
        Assert.Equal(double.PositiveInfinity, KullbackLeibler.Divergence([.5, .5, 0], [1, 0, 0]));
        Assert.Equal(double.PositiveInfinity, KullbackLeibler.Divergence([0, 0, 0, 0, 1], [.25, .25, .25, .25, 0]));
        Assert.Equal(double.PositiveInfinity, KullbackLeibler.Divergence([.5, .5], [1, double.Epsilon]));
    }

    [Theory, InlineData(0), InlineData(.5), InlineData(1)]
    public void Divergence_IgnoresWhatTheLiveSideNeverShows(double seen) =>
        Assert.Equal(Math.Log(2), KullbackLeibler.Divergence([1, 0, 0], [.5, .5 * seen, .5 * (1 - seen)]), 1e-16);

    [Fact]
    public void Contributions_AreTheSignedTermOfEachClass()
    {
        double[] terms = new double[4];

        double divergence = KullbackLeibler.Contributions([.5, .3, .2, 0], [.25, .25, .25, .25], terms);

        // scipy.special.rel_entr
        double[] expected = [.34657359027997264, .05469646703818640, -.04462871026284195, 0];
        Assert.All(terms.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-16));
        Assert.Equal(.3566413470553171, divergence, 1e-15);
    }

    [Fact]
    public void Contributions_AddUpToTheDivergenceExactly() =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            double[] terms = new double[pair.P.Length];
            double returned = KullbackLeibler.Contributions(pair.P, pair.Q, terms);

            double sum = 0;
            foreach (double term in terms)
            {
                sum += term;
            }

            Assert.Equal(sum, returned);
            Assert.Equal(sum, KullbackLeibler.Divergence(pair.P, pair.Q));
        });

    [Theory, InlineData(0), InlineData(9), InlineData(11)]
    public void Contributions_RefusesADestinationOfAnotherLength(int length) => Assert.Throws<ArgumentException>("destination", () =>
        KullbackLeibler.Contributions(SimplexPoints.T, SimplexPoints.U, new double[length]));

    [Fact]
    public void Contributions_RefusesNoClasses() => Assert.Throws<ArgumentException>("p", () => KullbackLeibler.Contributions([], [], []));

    [Fact]
    public void Contributions_RefusesDifferentLengths() => Assert.Throws<ArgumentException>("q", () =>
        KullbackLeibler.Contributions(SimplexPoints.T, SimplexPoints.U.AsSpan(1), new double[10]));
}
