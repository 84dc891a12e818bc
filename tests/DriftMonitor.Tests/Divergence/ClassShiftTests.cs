using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class ClassShiftTests
{
    /// <summary>Roots by scipy 1.x: <c>brentq</c> over <c>rel_entr</c> of two classes.</summary>
    [Theory]
    [InlineData(0.15696, 0.0077, 0.20377481625234214, 0.20550065004207416)]
    [InlineData(0.15696, 0.05, 0.2820574068108953, 0.2924055174227419)]
    [InlineData(0.5, 0.01, 0.5705925702734943, 0.5703585934574545)]
    [InlineData(0.5, 0.3, 0.8664139746467421, 0.8358527817012885)]
    [InlineData(0.9, 0.05, 0.793271101303487, 0.7799213988930754)]
    [InlineData(0.9, 1, 0.3107827734550425, 0.23637147722220556)]
    [InlineData(0.001, 1e-6, 0.001045030429153016, 0.0010453667649918132)]
    public void Shift_AgreesWithScipy(double share, double nats, double liveVsReference, double referenceVsLive)
    {
        Assert.Equal(liveVsReference, ClassShift.LiveVsReference(share, nats)!.Value, 1e-9);
        Assert.Equal(referenceVsLive, ClassShift.ReferenceVsLive(share, nats), 1e-9);
    }

    /// <summary>Of any distribution, not of two classes only: the others keep their proportions.</summary>
    [Fact]
    public void Shift_OfADistribution_IsThatFarFromIt() => Gen.Select(Gen.Double[0.01, 1].Array[2, 20], Gen.Double[1e-6, 0.2]).Sample(
        (weights, nats) =>
    {
        var q = weights.Select(weight => weight / weights.Sum()).ToArray();
        var (forward, backward) = (Moved(q, ClassShift.LiveVsReference(q[0], nats)), Moved(q, ClassShift.ReferenceVsLive(q[0], nats)));
        if (forward is not null)
        {
            Assert.Equal(nats, KullbackLeibler.Divergence(forward, q), 1e-12);
        }

        Assert.Equal(nats, KullbackLeibler.Divergence(q, backward), 1e-12);
    });

    [Fact]
    public void Shift_WithoutADivergence_IsNone()
    {
        Assert.Equal(0.3, ClassShift.LiveVsReference(0.3, 0)!.Value, 1e-7);
        Assert.Equal(0.7, ClassShift.ReferenceVsLive(0.7, 0), 1e-7);
    }

    /// <summary>All events in a class of half the share: −ln ½ nats, and no farther.</summary>
    [Fact]
    public void Shift_BeyondAllOfOneClass_IsNone()
    {
        Assert.Equal(1, ClassShift.LiveVsReference(0.5, 0.693147)!.Value, 1e-6);
        Assert.Null(ClassShift.LiveVsReference(0.5, 0.693148));
        Assert.Equal(1, ClassShift.ReferenceVsLive(0.5, 100), 1e-6);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(1, 0.1)]
    [InlineData(double.NaN, 0.1)]
    [InlineData(0.5, -0.1)]
    [InlineData(0.5, double.NaN)]
    public void Shift_OfWhatCannotBe_IsRefused(double share, double nats)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassShift.LiveVsReference(share, nats));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassShift.ReferenceVsLive(share, nats));
    }

    private static double[]? Moved(double[] q, double? share) =>
        share is { } p ? [p, .. q.Skip(1).Select(other => other * (1 - p) / (1 - q[0]))] : null;
}
