using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Calibration;

public sealed class BudgetShareTests
{
    private static readonly ValueBaseline SomeValues = new([0.5], [new ValueBlock(0, [10])]);
    private static readonly ValueBaseline SomeErrors = new([0, 1], [new ValueBlock(0, [9, 1])]);

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
    [InlineData(true, true, true, true)]
    [InlineData(true, true, true, false)]
    [InlineData(true, false, true, true)]
    [InlineData(false, true, true, true)]
    [InlineData(true, false, false, false)]
    [InlineData(true, true, true, true, 2)]
    [InlineData(true, false, false, false, 1)]
    [InlineData(false, true, true, true, 2)]
    public void All_parts_together_are_the_budget(bool drift, bool crossEntropy, bool policy, bool accuracy, int compared = 0)
    {
        const int windows = 3;
        var share = new BudgetShare(
            Reference(["a", "b", "c"], SomeValues, SomeErrors, [PolicyEstimate.K1, PolicyEstimate.K3]), windows, drift, crossEntropy,
            policy, accuracy, compared);

        var parts = (drift ? windows * (share.OfDrift(SeriesKey.All) + (3 * share.OfDrift("b"))) : 0)
            + (crossEntropy ? windows * share.OfLabels : 0)
            + (accuracy ? windows * share.OfLabels : 0)
            + (policy ? windows * 2 * share.OfPolicy : 0)
            + (drift ? windows * compared * share.OfComparison : 0);
        Assert.Equal(1, parts, 1e-12);
    }

    [Fact]
    public void What_the_reference_cannot_calibrate_takes_no_part() =>
        Assert.Equal(
            1.0 / 2, new BudgetShare(Reference([]), windows: 2, drift: true, crossEntropy: true, policy: true).OfDrift(SeriesKey.All));

    [Fact]
    public void Comparisons_of_a_model_without_a_reference_have_all_of_it() =>
        Assert.Equal(1.0 / 3 / 2, new BudgetShare(reference: null, windows: 3, compared: 2).OfComparison, 1e-15);

    /// <summary>Of labels only their own time decides: no part goes to the predictions' time, nor to what has no baseline.</summary>
    [Fact]
    public void Labels_have_one_part_for_each_measure_that_has_a_baseline()
    {
        Assert.Equal(1.0 / 2 / 3, new BudgetShare(Reference([], losses: SomeValues), windows: 3).OfLabels, 1e-15);
        Assert.Equal(1.0 / 2 / 3, new BudgetShare(Reference([], errors: SomeErrors), windows: 3).OfLabels, 1e-15);
        Assert.Equal(1.0 / 2 / 3 / 2, new BudgetShare(Reference([], SomeValues, SomeErrors), windows: 3).OfLabels, 1e-15);
    }

    private static ReferenceSnapshot Reference(
        string[] segments, ValueBaseline? losses = null, ValueBaseline? errors = null, params PolicyEstimate[] estimates)
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
            policies: estimates.ToDictionary(estimate => estimate, _ => SomeValues),
            errors: errors);
    }
}
