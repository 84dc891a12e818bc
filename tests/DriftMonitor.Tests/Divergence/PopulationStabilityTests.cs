using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class PopulationStabilityTests
{
    // numpy: ((t - u) * log(t / u)).sum()
    [Fact]
    public void Index_IsThatOfNumpy() =>
        Assert.Equal(1.0976191850218362, PopulationStability.Index(SimplexPoints.T, SimplexPoints.U), 1e-15);

    [Fact]
    public void Index_IsBothDivergencesTogether() =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            double expected = KullbackLeibler.Divergence(pair.P, pair.Q) + KullbackLeibler.Divergence(pair.Q, pair.P);
            double actual = PopulationStability.Index(pair.P, pair.Q);
            Assert.True(expected == actual || Math.Abs(expected - actual) <= 1e-13 * Math.Max(1, actual), $"{actual} is not {expected}");
        });

    [Fact]
    public void Index_IsNeverNegative() => SimplexPoints.PositivePairs.Sample(pair => PopulationStability.Index(pair.P, pair.Q) >= 0);

    [Fact]
    public void Index_IsInfiniteWhereOnlyOneSideHasTheClass()
    {
        Assert.Equal(double.PositiveInfinity, PopulationStability.Index([.5, .5, 0], [1, 0, 0]));
        Assert.Equal(double.PositiveInfinity, PopulationStability.Index([1, 0, 0], [.5, .5, 0]));
    }

    [Fact]
    public void Index_IgnoresAClassThatNeitherSideHas() => Assert.Equal(0, PopulationStability.Index([.5, .5, 0], [.5, .5, 0]));
}
