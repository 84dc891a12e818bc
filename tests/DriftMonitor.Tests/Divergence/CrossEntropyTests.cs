using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class CrossEntropyTests
{
    [Fact]
    public void CrossEntropy_OfALabelIsItsLogLoss() => Assert.Equal(-Math.Log(.8), CrossEntropy.Between([1, 0], [.8, .2]), 1e-16);

    [Fact]
    public void CrossEntropy_IsEntropyPlusDivergence() =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            double expected = Entropy.Of(pair.P) + KullbackLeibler.Divergence(pair.P, pair.Q);
            double actual = CrossEntropy.Between(pair.P, pair.Q);
            Assert.True(expected == actual || Math.Abs(expected - actual) <= 1e-13, $"{actual} is not {expected}");
        });

    [Fact]
    public void CrossEntropy_IsInfiniteWhereAnOutcomeWasRuledOut() =>
        Assert.Equal(double.PositiveInfinity, CrossEntropy.Between([.9, .1, 0], [1, 0, 0]));

    [Fact]
    public void CrossEntropy_IgnoresWhatNeverHappens() => Assert.Equal(0, CrossEntropy.Between([1, 0, 0, 0, 0], [1, 0, 0, 0, 0]));
}
