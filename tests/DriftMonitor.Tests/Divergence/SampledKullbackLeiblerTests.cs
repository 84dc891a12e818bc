using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class SampledKullbackLeiblerTests
{
    private static readonly Gen<double> NoRatioClamped = Gen.Double[1e-3, 1];

    // (ln r, k3 from 40 decimal digits)
    [Theory, InlineData(-0.5108256237659907, .1108256237659907), InlineData(1e-3, 5.00166708341668e-07), InlineData(-3, 2.049787068367864)]
    public void Estimates_AreThoseOfTheirFormulas(double logRatio, double k3)
    {
        SampledKullbackLeibler estimate = SampledKullbackLeibler.Of(-3.5, -3.5 + logRatio);

        Assert.Equal(-logRatio, estimate.K1, 1e-15);
        Assert.Equal(logRatio * logRatio / 2, estimate.K2, 1e-14);
        Assert.Equal(k3, estimate.K3, 1e-14);
        Assert.False(estimate.Clamped);
    }

    [Fact]
    public void EstimatesWithoutBias_AverageToTheDivergence() =>
        SimplexPoints.Pair(NoRatioClamped, NoRatioClamped).Sample(pair =>
        {
            double k1 = 0, k3 = 0;
            for (int k = 0; k < pair.P.Length; k++)
            {
                SampledKullbackLeibler estimate = SampledKullbackLeibler.Of(Math.Log(pair.P[k]), Math.Log(pair.Q[k]));
                k1 += pair.P[k] * estimate.K1;
                k3 += pair.P[k] * estimate.K3;
            }

            double divergence = KullbackLeibler.Divergence(pair.P, pair.Q);
            Assert.Equal(divergence, k1, 1e-12);
            Assert.Equal(divergence, k3, 1e-12);
        });

    [Fact]
    public void K2AndK3_AreNeverNegative() =>
        Gen.Select(Gen.Double[-50, 0], Gen.Double[-18, 2].Select(x => Math.Pow(10, x))).Sample((current, shift) =>
        {
            SampledKullbackLeibler estimate = SampledKullbackLeibler.Of(current, current - shift);
            Assert.True(estimate.K2 >= 0 && estimate.K3 >= 0);
        });

    [Theory]
    [InlineData(-25, -1, 20, true)]
    [InlineData(-1, -25, -20, true)]
    [InlineData(-1, double.NegativeInfinity, -20, true)]
    [InlineData(-21, -1, 20, false)]
    public void LogRatio_IsClampedAndSaysSo(double current, double reference, double logRatio, bool clamped)
    {
        SampledKullbackLeibler estimate = SampledKullbackLeibler.Of(current, reference);

        Assert.Equal(new(-logRatio, 200, Math.Exp(logRatio) - 1 - logRatio, clamped), estimate);
    }

    [Fact]
    public void EqualPolicies_CostNothing() => Assert.Equal(default, SampledKullbackLeibler.Of(-1.5, -1.5));

    [Theory]
    [InlineData(double.NaN, -1)]
    [InlineData(-1, double.NaN)]
    [InlineData(double.NegativeInfinity, double.NegativeInfinity)]
    public void LogProbabilitiesWithoutARatio_AreRefused(double current, double reference) =>
        Assert.Throws<ArgumentException>(() => SampledKullbackLeibler.Of(current, reference));
}
