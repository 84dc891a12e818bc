using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class PairedKullbackLeiblerTests
{
    [Fact]
    public void Of_HasBothDirections()
    {
        var paired = PairedKullbackLeibler.Of([0.5, 0.5], [0.25, 0.75]);
        Assert.Equal(0.14384103622589042, paired.LiveVsReference, 1e-15); // ½ ln 2 + ½ ln ⅔
        Assert.Equal(0.13081203594113697, paired.ReferenceVsLive, 1e-15); // ¼ ln ½ + ¾ ln 1.5
        Assert.False(paired.Clamped);
    }

    /// <summary>½ ln(½ / 0) is taken as ½ · 100, and 1 · ln(1 / ½) as it is.</summary>
    [Fact]
    public void Of_WhatOnePolicyRulesOut_CostsMuchAndNotInfinitely()
    {
        var paired = PairedKullbackLeibler.Of([0.5, 0.5], [1, 0]);
        Assert.Equal((0.5 * Math.Log(0.5)) + 50, paired.LiveVsReference, 1e-15);
        Assert.Equal(Math.Log(2), paired.ReferenceVsLive, 1e-15);
        Assert.True(paired.Clamped);
    }

    [Fact]
    public void Of_ActionsThatNeitherTakes_CostNothing() =>
        Assert.Equal(new PairedKullbackLeibler(0, 0, false), PairedKullbackLeibler.Of([0, 1, 0], [0, 1, 0]));

    [Fact]
    public void Of_IsWhatKullbackLeiblerSays_WhereNothingIsClamped() => SimplexPoints.PositivePairs.Sample(pair =>
    {
        var paired = PairedKullbackLeibler.Of(pair.P, pair.Q);
        if (!paired.Clamped)
        {
            Assert.Equal(KullbackLeibler.Divergence(pair.P, pair.Q), paired.LiveVsReference, 1e-9);
            Assert.Equal(KullbackLeibler.Divergence(pair.Q, pair.P), paired.ReferenceVsLive, 1e-9);
        }
    });

    [Fact]
    public void Of_OtherNumbersOfActions_Throws() => Assert.Throws<ArgumentException>(() => PairedKullbackLeibler.Of([1], [0.5, 0.5]));
}
