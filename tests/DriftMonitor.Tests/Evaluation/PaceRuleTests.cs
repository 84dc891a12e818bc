using DriftMonitor.Evaluation;

namespace DriftMonitor.Tests.Evaluation;

/// <summary>
/// Ten classes, so that m = 3.1; a fixed floor of 0.005 nats and a trailing one of 0.01, as of a reference that has many more events.
/// </summary>
public sealed class PaceRuleTests
{
    private static Divergences Far(double nats, double floor = 0.005) => new(nats, nats, 0, 0, 0, 0, floor, 0);

    private static TrailingDivergence Moved(double nats, double floor = 0.01, Readiness readiness = Readiness.Ready, int classes = 10) =>
        new(1_000, readiness, classes, nats, nats, floor);

    [Theory]
    [InlineData(0.015, 0.2, DriftPace.None)] // 3.0 floors: as much as chance shows, wherever it was before
    [InlineData(0.205, 0.21, DriftPace.Sudden)] // all the way
    [InlineData(0.205, 0.06, DriftPace.Sudden)] // (0.06 − 0.01) / (0.205 − 0.005) = ¼: half of the way
    [InlineData(0.205, 0.059, DriftPace.Gradual)]
    [InlineData(0.205, 0.001, DriftPace.Gradual)] // nothing at all
    [InlineData(0.027, 0.025, DriftPace.Gradual)] // not above 3.1 trailing floors, where a jump of 0.022 nats would be: 0.022 + 0.01
    [InlineData(0.025, 0.025, DriftPace.Unknown)] // where one of 0.02 would not
    [InlineData(0.025, 0.035, DriftPace.Sudden)] // though it shows, as it happens
    public void Verdict_ComparesTheWaysBeyondTheirFloors(double far, double moved, DriftPace expected) =>
        Assert.Equal(expected, PaceRule.Of(Far(far), Moved(moved)));

    [Fact]
    public void Verdict_TakesBothDirectionsTogether()
    {
        var trailing = new TrailingDivergence(1_000, Readiness.Ready, 10, 0.12, 0.0, 0.01);
        Assert.Equal(DriftPace.Sudden, PaceRule.Of(Far(0.205), trailing));
        Assert.Equal(DriftPace.Gradual, PaceRule.Of(Far(0.205), trailing with { KlLiveVsTrailingNats = 0.117 }));
        Assert.Equal(DriftPace.None, PaceRule.Of(Far(0) with { KlReferenceVsLiveNats = 0.03 }, trailing));
    }

    [Fact]
    public void Verdict_WithoutATrailingWindowThatIsReady_IsUnknown()
    {
        Assert.Equal(DriftPace.Unknown, PaceRule.Of(Far(1), null));
        Assert.Equal(DriftPace.Unknown, PaceRule.Of(Far(1), Moved(1, readiness: Readiness.Incomplete)));
        Assert.Equal(DriftPace.Unknown, PaceRule.Of(Far(1), Moved(1, readiness: Readiness.TooFewEvents)));
    }

    [Fact]
    public void Verdict_WhereFloorsAreWrong_IsUnknown()
    {
        Assert.Equal(DriftPace.Sudden, PaceRule.Of(Far(1), Moved(1, floor: 0.05)));
        Assert.Equal(DriftPace.Unknown, PaceRule.Of(Far(1), Moved(1, floor: 0.051)));
    }

    [Fact]
    public void Verdict_WithoutAReference_KnowsWhatMovedOnly()
    {
        Assert.Equal(DriftPace.Sudden, PaceRule.Of(null, Moved(0.05)));
        Assert.Equal(DriftPace.Unknown, PaceRule.Of(null, Moved(0.02)));
    }

    [Fact]
    public void Verdict_OfUndefinedNumbers_IsDefined()
    {
        Assert.Equal(DriftPace.Gradual, PaceRule.Of(Far(double.PositiveInfinity), Moved(0.2)));
        Assert.Equal(DriftPace.Sudden, PaceRule.Of(Far(0.2), Moved(double.PositiveInfinity)));
        Assert.Equal(DriftPace.None, PaceRule.Of(Far(0, double.NaN), Moved(0.2)));
    }

    /// <summary>The quantiles of χ²/ν by scipy 1.10's chi2.ppf(.999, ν)/ν; the approximation is that of Wilson and Hilferty.</summary>
    [Theory]
    [InlineData(2, 10.8276)]
    [InlineData(3, 6.9078)]
    [InlineData(10, 3.0975)]
    [InlineData(100, 1.4973)]
    [InlineData(1_000, 1.1440)]
    public void Margin_IsThatOfOneWindowInAThousand(int classes, double quantile) =>
        Assert.InRange(PaceRule.Margin(classes) / quantile, 0.99, 1.04);

    [Fact]
    public void Margin_OfOneClass_IsThatOfTwo() => Assert.Equal(PaceRule.Margin(2), PaceRule.Margin(1));
}
