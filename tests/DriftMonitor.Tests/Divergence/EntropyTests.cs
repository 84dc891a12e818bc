using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class EntropyTests
{
    [Fact]
    public void Entropy_IsThatOfScipy()
    {
        // scipy.special.entr(p).sum(); not scipy.stats.entropy, which normalises first
        Assert.Equal(2.1462405875989923, Entropy.Of(SimplexPoints.U), 1e-15);
        Assert.Equal(2.0595639792772995, Entropy.Of(SimplexPoints.T), 1e-15);
        Assert.Equal(1.0296530140645737, Entropy.Of([.5, .3, .2, 0]), 1e-15);
    }

    [Fact]
    public void Entropy_OfCertaintyIsExactlyZero() => Assert.Equal(0L, BitConverter.DoubleToInt64Bits(Entropy.Of([0, 1, 0, 0, 0])));

    [Theory, InlineData(1), InlineData(2), InlineData(10), InlineData(1000)]
    public void Entropy_OfTheUniformIsLogOfTheClasses(int classes) =>
        Assert.Equal(Math.Log(classes), Entropy.Of(SimplexPoints.Normalise([.. Enumerable.Repeat(1.0, classes)])), 1e-12);

    [Fact]
    public void Entropy_LiesBetweenZeroAndLogOfTheClasses() =>
        SimplexPoints.Pairs.Sample(pair => Assert.InRange(Entropy.Of(pair.P), -1e-15, Math.Log(pair.P.Length) + 1e-14));

    [Fact]
    public void Entropy_IsTheCrossEntropyWithItself() =>
        SimplexPoints.Pairs.Sample(pair => Entropy.Of(pair.P) == CrossEntropy.Between(pair.P, pair.P));
}
