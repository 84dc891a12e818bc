using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class TotalVariationTests
{
    // numpy: abs(t - u).sum() / 2
    [Fact]
    public void Distance_IsThatOfNumpy() => Assert.Equal(.362532145, TotalVariation.Distance(SimplexPoints.T, SimplexPoints.U), 1e-15);

    [Fact]
    public void Distance_OfStrangersIsOne() => Assert.Equal(1, TotalVariation.Distance([.3, .7, 0, 0], [0, 0, .1, .9]));

    [Fact]
    public void Distance_LiesBetweenZeroAndOne() =>
        SimplexPoints.Pairs.Sample(pair => Assert.InRange(TotalVariation.Distance(pair.P, pair.Q), 0, 1));

    [Fact]
    public void Distance_ObeysPinsker() =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            double bound = Math.Sqrt(Math.Max(0, KullbackLeibler.Divergence(pair.P, pair.Q)) / 2);
            Assert.True(TotalVariation.Distance(pair.P, pair.Q) <= bound + 1e-7);
        });
}
