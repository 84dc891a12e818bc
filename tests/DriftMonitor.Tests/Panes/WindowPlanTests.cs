using CsCheck;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Panes;

public sealed class WindowPlanTests
{
    [Fact]
    public void Create_TakesTheSmallestSlideAsBasePane()
    {
        var plan = Given.Plan("1h/1m 5m/10s 24h/10m", lateness: 60_000, skew: 5_000, slack: 2_000);
        Assert.Equal(10_000, plan.BasePaneMs);
        Assert.Equal(["5m", "1h", "24h"], plan.Windows.Select(window => window.Name));
        Assert.Equal((60_000, 5_000, 2_000), (plan.AllowedLatenessMs, plan.AllowedSkewMs, plan.DisorderSlackMs));
    }

    [Fact]
    public void Create_RefusesNoWindow() =>
        Assert.Contains("at least one window", Problem([]), StringComparison.Ordinal);

    [Fact]
    public void Create_RefusesASlideThatIsNoMultiple()
    {
        var problem = Problem(["5m/10s", "1h/15s"]);
        Assert.Contains("window 1h", problem, StringComparison.Ordinal);
        Assert.Contains("15000 ms", problem, StringComparison.Ordinal);
        Assert.Contains("multiple of the smallest slide, 10000 ms", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_RefusesTwoWindowsOfOneName()
    {
        var problem = Problem(["5m/10s", "5m/20s"]);
        Assert.Contains("window 5m appears twice", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0, 0, "allowedLateness")]
    [InlineData(0, -1, 0, "allowedSkew")]
    [InlineData(0, 0, -1, "disorderSlack")]
    public void Create_RefusesNegativeAllowances(int lateness, int skew, int slack, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => Given.Plan("5m/10s", lateness, skew, slack)).ParamName);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9_999, 0)]
    [InlineData(10_000, 10_000)]
    [InlineData(-1, -10_000)]
    [InlineData(-10_000, -10_000)]
    [InlineData(-10_001, -20_000)]
    public void PaneStart_IsAlignedToTheEpochOnBothSidesOfIt(long timeMs, long start) =>
        Assert.Equal(start, Given.Plan("5m/10s").PaneStart(timeMs));

    [Fact]
    public void PaneStart_CoversItsTime()
    {
        var plan = Given.Plan("49ms/7ms");
        Gen.Long[-1_000_000_000_000_000, 1_000_000_000_000_000].Sample(t =>
        {
            var start = plan.PaneStart(t);
            return start % 7 == 0 && start <= t && t < start + 7;
        });
    }

    [Fact]
    public void ClosedBefore_LeavesRoomForLatenessAndDisorder() =>
        Assert.Equal(975, Given.Plan("50ms/10ms", lateness: 20, skew: 100, slack: 5).ClosedBefore(1_000));

    /// <summary>The base panes of the 5m window and its trailing one, and of the longest slide; 16 more of each.</summary>
    [Theory]
    [InlineData(true, 60 + 16, 120 + 16, 288 + 16)]
    [InlineData(false, 60 + 16, 60 + 16, 144 + 16)]
    public void Rollups_ReachAsFarBackAsTheWindows(bool trailing, params int[] panes)
    {
        var windows = Given.Plan("5m/10s 1h/1m 24h/10m").Windows;
        var plan = WindowPlan.Create(windows, default, default, default, trailing);
        Assert.Equal([10_000, 60_000, 600_000], plan.Rollups.Select(level => level.LengthMs));
        Assert.Equal(panes, plan.Rollups.Select(level => level.Panes));
    }

    private static string Problem(string[] windows) =>
        Assert.Throws<ArgumentException>(() => WindowPlan.Create(windows.Select(Given.Window), default, default, default)).Message;
}
