using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class HellingerTests
{
    // numpy: sqrt(((sqrt(t) - sqrt(u)) ** 2).sum() / 2)
    [Fact]
    public void Distance_IsThatOfNumpy() => Assert.Equal(.33818963304396854, Hellinger.Distance(SimplexPoints.T, SimplexPoints.U), 1e-15);

    [Fact]
    public void Distance_OfStrangersIsOne() => Assert.Equal(1, Hellinger.Distance([.3, .7, 0, 0], [0, 0, .1, .9]), 1e-15);

    [Fact]
    public void Distance_LiesBetweenZeroAndOne() =>
        SimplexPoints.Pairs.Sample(pair => Assert.InRange(Hellinger.Distance(pair.P, pair.Q), 0, 1));

    [Fact]
    public void Distance_BoundsTotalVariationOnBothSides() =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            double distance = Hellinger.Distance(pair.P, pair.Q), variation = TotalVariation.Distance(pair.P, pair.Q);
            Assert.InRange(variation, distance * distance - 1e-14, Math.Sqrt(2) * distance + 1e-14);
        });
}
