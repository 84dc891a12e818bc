using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class PseudoEventsTests
{
    private static readonly Gen<double[]> Shares = Gen.Double[0, 1].Array[1, 8]
        .Where(w => w.Sum() > 0)
        .Select(w => w.Select(x => x / w.Sum()).ToArray());

    [Fact]
    public void SmoothReference_ByHand()
    {
        // R = (2, 1), m = 3, ε = 1: ((2 + ½)/4, (1 + ½)/4)
        var smoothed = new double[2];
        PseudoEvents.SmoothReference([2 / 3.0, 1 / 3.0], 3, 1, smoothed);
        Assert.Equal(0.625, smoothed[0], 1e-15);
        Assert.Equal(0.375, smoothed[1], 1e-15);
    }

    [Fact]
    public void SmoothLive_ByHand()
    {
        // S = (0, 1), n = 1, ε = 1, q̃ = (0.625, 0.375): (0.625/2, 1.375/2)
        double[] shares = [0, 1];
        PseudoEvents.SmoothLive(shares, 1, 1, [0.625, 0.375]);
        Assert.Equal([0.3125, 0.6875], shares);
    }

    [Fact]
    public void Smoothing_LeavesDistributions_WithNoCellAtZero() =>
        Gen.Select(Shares, Gen.Double[0.001, 100], Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000]).Sample((q, pseudoEvents, m, n) =>
        {
            var smoothed = new double[q.Length];
            PseudoEvents.SmoothReference(q, m, pseudoEvents, smoothed);
            var live = new double[q.Length];
            live[^1] = n > 0 ? 1 : 0;
            PseudoEvents.SmoothLive(live, n, pseudoEvents, smoothed);
            Assert.Equal(1, smoothed.Sum(), 1e-12);
            Assert.Equal(1, live.Sum(), 1e-12);
            Assert.All(smoothed, share => Assert.True(share > 0));
            Assert.All(live, share => Assert.True(share > 0));
        });

    [Fact]
    public void Smoothing_OfNothing_IsUniform_AndOfAnEmptyWindowTheReference()
    {
        var smoothed = new double[4];
        PseudoEvents.SmoothReference(new double[4], 0, 1, smoothed);
        Assert.Equal([0.25, 0.25, 0.25, 0.25], smoothed);

        double[] q = [0.1, 0.2, 0.3, 0.4];
        var live = new double[4];
        PseudoEvents.SmoothLive(live, 0, 1, q);
        Assert.Equal(q, live);
    }

    [Fact]
    public void Smoothing_WithoutPseudoEvents_ChangesNothing() =>
        Gen.Select(Shares, Gen.Int[1, 1_000_000]).Sample((shares, events) =>
        {
            var smoothed = new double[shares.Length];
            PseudoEvents.SmoothReference(shares, events, 0, smoothed);
            var live = shares.ToArray();
            PseudoEvents.SmoothLive(live, events, 0, smoothed);
            for (var k = 0; k < shares.Length; k++)
            {
                Assert.Equal(shares[k], smoothed[k], 1e-15);
                Assert.Equal(shares[k], live[k], 1e-15);
            }
        });

    [Fact]
    public void Smoothing_FadesWithTheNumberOfEvents()
    {
        var smoothed = new double[2];
        PseudoEvents.SmoothReference([1, 0], 1e12, 1, smoothed);
        Assert.Equal(0.5e-12, smoothed[1], 1e-20); // what an unseen class costs: more, the larger the reference is
        double[] live = [0, 1];
        PseudoEvents.SmoothLive(live, 1e12, 1, smoothed);
        Assert.Equal(1, live[1], 1e-11);
    }

    [Fact]
    public void Smoothing_RefusesSpansThatDoNotFit()
    {
        Assert.Throws<ArgumentException>(() => PseudoEvents.SmoothReference([1, 0], 1, 1, new double[3]));
        Assert.Throws<ArgumentException>(() => PseudoEvents.SmoothReference([], 1, 1, []));
        Assert.Throws<ArgumentException>(() => PseudoEvents.SmoothLive(new double[3], 1, 1, [1, 0]));
    }
}
