using CsCheck;
using DriftMonitor.Divergence;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Sums;

public sealed class PolicySumsTests : SumsLaws<PolicySums>
{
    private protected override Gen<PolicySums> Sums { get; } = Gen.Select(Gen.Double[-20, 20], Gen.Bool).Array[0, 10].Select(events =>
    {
        var sums = new PolicySums();
        foreach (var (value, exact) in events)
        {
            if (exact)
            {
                sums.Add(new PairedKullbackLeibler(Math.Abs(value), value * value, value > 10));
            }
            else
            {
                sums.Add(SampledKullbackLeibler.Of(-30, -30 + value));
            }
        }

        return sums;
    });

    private protected override PolicySums Zero => new();

    private protected override bool AreSame(PolicySums one, PolicySums other) => one.SameAs(other);

    /// <summary>0.1, 0.2 and 0.4: mean 0.7/3, Σ(x − x̄)² = 0.14/3, so s² = 0.07/3 and the standard error √(0.07/9).</summary>
    [Fact]
    public void MeanAndStandardError()
    {
        var sums = new PolicySums();
        foreach (var x in new[] { 0.1, 0.2, 0.4 })
        {
            sums.Add(new PairedKullbackLeibler(x, 2 * x, Clamped: x > 0.3));
        }

        Assert.Equal(0.7 / 3, sums.Mean(PolicyEstimate.ExactLiveVsReference)!.Value, 1e-10);
        Assert.Equal(1.4 / 3, sums.Mean(PolicyEstimate.ExactReferenceVsLive)!.Value, 1e-10);
        Assert.Equal(Math.Sqrt(0.07) / 3, sums.StandardError(PolicyEstimate.ExactLiveVsReference)!.Value, 1e-9);
        Assert.Equal(2 * Math.Sqrt(0.07) / 3, sums.StandardError(PolicyEstimate.ExactReferenceVsLive)!.Value, 1e-9);
        Assert.Equal((3, 0, 1), (sums.ExactEvents, sums.SampledEvents, sums.ClampedEvents));
        Assert.Null(sums.Mean(PolicyEstimate.K1));
    }

    /// <summary>Values about 5e-8, as k2 has for policies that differ by 0.0003: 4e-8, 5e-8 and 6e-8 have s = 1e-8.</summary>
    [Fact]
    public void PoliciesNextToEachOther_HaveAStandardErrorToo()
    {
        var sums = new PolicySums();
        foreach (var x in new[] { 4e-8, 5e-8, 6e-8 })
        {
            sums.Add(new SampledKullbackLeibler(x, x, x, Clamped: false));
        }

        Assert.Equal(1, sums.StandardError(PolicyEstimate.K2)!.Value / (1e-8 / Math.Sqrt(3)), 0.02); // a value's unit is 2.3e-10
    }

    [Fact]
    public void OneEvent_HasAMeanAndNoStandardError()
    {
        var sums = new PolicySums();
        sums.Add(SampledKullbackLeibler.Of(-1, -2));
        Assert.Equal(1, sums.Mean(PolicyEstimate.K1)!.Value, 1e-9);
        Assert.Null(sums.StandardError(PolicyEstimate.K1));
    }

    /// <summary>k3 at ln r = 20 is e²⁰ − 21 = 4.9e8, its square 2.4e17: a million of them overflow nothing.</summary>
    [Fact]
    public void TheLargestValues_AMillionTimes()
    {
        var some = new PolicySums();
        some.Add(SampledKullbackLeibler.Of(-30, -10));
        some.Add(SampledKullbackLeibler.Of(-30, -30));
        var all = new PolicySums();
        for (var i = 0; i < 20; i++) // doubled 19 times: 2²⁰ events
        {
            all.Add(i == 0 ? some : all.Copy());
        }

        var largest = Math.Exp(20) - 21;
        Assert.Equal(1 << 20, all.SampledEvents);
        Assert.Equal(1, all.Mean(PolicyEstimate.K3)!.Value / (largest / 2), 1e-12);
        Assert.Equal(1, all.StandardError(PolicyEstimate.K3)!.Value / (largest / 2 / Math.Sqrt((1 << 20) - 1)), 1e-9);
    }
}
