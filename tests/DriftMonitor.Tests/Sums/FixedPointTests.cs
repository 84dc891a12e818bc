using CsCheck;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Sums;

public sealed class FixedPointTests
{
    [Fact]
    public void FromProbability_IsWithinHalfAUnit() =>
        Gen.Double[0, 1].Sample(
            p => Math.Abs(FixedPoint.ToEvents(FixedPoint.FromProbability(p)) - p) <= Math.ScaleB(1, -33), iter: 100_000);

    [Fact]
    public void FromProbability_NeverDecreases() =>
        Gen.Double[0, 1].Array[2].Sample(
            p => FixedPoint.FromProbability(p.Min()) <= FixedPoint.FromProbability(p.Max()), iter: 100_000);

    [Theory]
    [InlineData(0.0, 0ul)]
    [InlineData(1.0, 1ul << 32)]
    [InlineData(0.5, 1ul << 31)]
    [InlineData(1.0 / 8589934592, 1ul)] // exactly half a unit goes up
    [InlineData(1.0 / 8589934593, 0ul)]
    [InlineData(double.Epsilon, 0ul)]
    public void FromProbability_AtTheEdges(double probability, ulong units) =>
        Assert.Equal(units, FixedPoint.FromProbability(probability));

    /// <summary>2³² − 1 certain events are the most one class of a pane takes: the next one would wrap to zero.</summary>
    [Fact]
    public void PaneSums_HoldFourBillionCertainEvents()
    {
        var full = (ulong)uint.MaxValue * FixedPoint.FromProbability(1);
        var sums = new PaneSums(uint.MaxValue, [full], [full]);
        Assert.Equal(4_294_967_295.0, FixedPoint.ToEvents(sums.Mass[0]));

        sums.Add([1.0]);
        Assert.Equal(0ul, sums.Mass[0]);
    }

    /// <summary>A window of the most panes, each full to the brim, is far from what 128 bits hold.</summary>
    [Fact]
    public void SlidingWindow_CannotOverflow()
    {
        var window = new OutputWindow(Given.Window("3600ms/10ms"), 1);
        var full = new PaneSums(uint.MaxValue, [ulong.MaxValue], [0]);
        for (var i = 0; i < WindowSpec.MaxPanes; i++)
        {
            window.Add(i * 10, full, 0);
        }

        window.MoveTo(3600);
        Assert.Equal((UInt128)ulong.MaxValue * WindowSpec.MaxPanes, window.Mass[0]);
        Assert.Equal(360L * uint.MaxValue, window.Events);
    }
}
