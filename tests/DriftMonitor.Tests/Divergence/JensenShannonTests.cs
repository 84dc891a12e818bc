using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class JensenShannonTests
{
    [Fact]
    public void Distance_IsThatOfScipy()
    {
        // The documentation of scipy.spatial.distance.jensenshannon; then scipy.special.rel_entr against the middle
        Assert.Equal(.46450140402245893, JensenShannon.Distance([1, 0], [.5, .5]), 1e-15);
        Assert.Equal(Math.Sqrt(.10233299516147629), JensenShannon.Distance(SimplexPoints.U, SimplexPoints.T), 1e-15);
    }

    [Fact]
    public void Divergence_InBitsIsThatOfScipy() =>
        Assert.Equal(.6556390622295666, JensenShannon.Divergence([.5, .5, 0, 0], [0, .25, .25, .5]) / Math.Log(2), 1e-15);

    [Fact]
    public void Divergence_OfStrangersIsLogTwo() =>
        Assert.Equal(Math.Log(2), JensenShannon.Divergence([.3, .7, 0, 0], [0, 0, .1, .9]), 1e-16);

    [Fact]
    public void Divergence_LiesBetweenZeroAndLogTwo() =>
        SimplexPoints.Pairs.Sample(pair => Assert.InRange(JensenShannon.Divergence(pair.P, pair.Q), 0, Math.Log(2)));

    [Fact]
    public void Divergence_OfEqualsIsZero() => SimplexPoints.Pairs.Sample(pair => JensenShannon.Divergence(pair.P, pair.P) == 0);

    [Fact]
    public void Divergence_SurvivesTheSmallestDouble() =>
        Assert.Equal(0, JensenShannon.Divergence([1, double.Epsilon, 0], [1, 0, double.Epsilon]), 1e-300);

    [Fact]
    public void Distance_IsNeverLongerThanADetour() =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            double[] detour = [.. pair.P.Reverse()];
            double there = JensenShannon.Distance(pair.P, detour), back = JensenShannon.Distance(detour, pair.Q);
            Assert.True(JensenShannon.Distance(pair.P, pair.Q) <= there + back + 1e-7);
        });
}
