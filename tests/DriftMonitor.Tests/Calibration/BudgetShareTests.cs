using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Calibration;

public sealed class BudgetShareTests
{
    private static readonly ValueBaseline SomeValues = new([0.5], [new ValueBlock(0, [10])]);

    [Fact]
    public void Share_of_a_model_without_slices_is_that_of_its_windows()
    {
        var share = new BudgetShare(Reference([]), windows: 4);
        Assert.Equal(1.0 / 4, share.OfDrift(SeriesKey.All));
    }

    [Fact]
    public void Slices_share_one_half_and_all_traffic_has_the_other()
    {
        var share = new BudgetShare(Reference(["a", "b"]), windows: 3);
        Assert.Equal(1.0 / 6, share.OfDrift(SeriesKey.All), 1e-15);
        Assert.Equal(1.0 / 12, share.OfDrift("a"), 1e-15);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    public void All_parts_together_are_the_budget(bool drift, bool crossEntropy, bool policy)
    {
        const int windows = 3;
        var share = new BudgetShare(
            Reference(["a", "b", "c"], SomeValues, [PolicyEstimate.K1, PolicyEstimate.K3]), windows, drift, crossEntropy, policy);

        var parts = (drift ? windows * (share.OfDrift(SeriesKey.All) + (3 * share.OfDrift("b"))) : 0)
            + (crossEntropy ? windows * 2 * share.OfCrossEntropy : 0)
            + (policy ? windows * 2 * share.OfPolicy : 0);
        Assert.Equal(1, parts, 1e-12);
    }

    [Fact]
    public void What_the_reference_cannot_calibrate_takes_no_part() =>
        Assert.Equal(
            1.0 / 2, new BudgetShare(Reference([]), windows: 2, drift: true, crossEntropy: true, policy: true).OfDrift(SeriesKey.All));

    private static ReferenceSnapshot Reference(string[] segments, ValueBaseline? losses = null, params PolicyEstimate[] estimates)
    {
        var space = ClassSpace.Indexed(2);
        var sums = new PaneSums(space.CellCount);
        sums.Add([0.5, 0.5, 0]);
        return new ReferenceSnapshot(
            "m",
            1,
            DateTimeOffset.UnixEpoch,
            space,
            segments.Append(SeriesKey.All).ToDictionary(segment => segment, _ => sums),
            [new ReferenceBlock(0, sums.Events, [.. sums.Mass])],
            losses: losses,
            policies: estimates.ToDictionary(estimate => estimate, _ => SomeValues));
    }
}
