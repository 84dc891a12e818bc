using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Recorded;

namespace DriftMonitor.Worker.Tests.Recorded;

public sealed class BacktestSettingTests
{
    private const long DayMs = 86_400_000;

    [Fact]
    public void Budget_HasEachSeverityThatIsWritten()
    {
        Assert.True(BacktestSetting.TryParseBudget(" critical: 1 per 30d,warning :0.5 per 7d ", out var both, out _));
        Assert.Equal(
            (new FalseAlarmBudget(1, 30 * DayMs), new FalseAlarmBudget(0.5, 7 * DayMs)),
            (both.Kl.Budget(AlarmSeverity.Critical), both.Kl.Budget(AlarmSeverity.Warning)));
        Assert.Equal("critical: 1 per 30d,warning :0.5 per 7d", both.Name);

        Assert.True(BacktestSetting.TryParseBudget("warning: 1 per 1d", out var one, out _));
        Assert.Null(one.Kl.Budget(AlarmSeverity.Critical));
    }

    [Fact]
    public void Budget_IsForAllThatAReferenceCanCalibrate_ThresholdForTheDivergenceAlone()
    {
        Assert.True(BacktestSetting.TryParseBudget("critical: 1 per 30d", out var budget, out _));
        Assert.True(BacktestSetting.TryParseThreshold("critical: 0.125, warning: 0.05", out var fixedOne, out _));
        Assert.NotNull(budget.Alarms.Of("m").CrossEntropy.CriticalBudget);
        Assert.NotNull(budget.Alarms.Of("m").PolicyKl.CriticalBudget);
        Assert.Equal((0.05, 0.125), (fixedOne.Alarms.Of("m").Kl.WarningNats, fixedOne.Alarms.Of("m").Kl.CriticalNats));
        Assert.Equal(default, fixedOne.Alarms.Of("m").CrossEntropy);
    }

    [Theory]
    [InlineData("", "''")]
    [InlineData("1 per 30d", "'1 per 30d'")]
    [InlineData("page: 1 per 30d", "'page: 1 per 30d'")]
    [InlineData("critical: 1 per 30d, critical: 1 per 7d", "each severity once")]
    [InlineData("1 per month", "such as 'critical: 1 per 30d'")]
    [InlineData("critical: 1 per month", "'1 per month': must be a number above 0")]
    [InlineData("critical: 1 per week", "such as 1 per 7d")]
    [InlineData("critical: 1 per 7d, warning: 1 per 30d", "rarer")]
    public void Budget_OtherText_IsRefusedWithItsReason(string text, string reason)
    {
        Assert.False(BacktestSetting.TryParseBudget(text, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("critical: 1 per 30d", "'1 per 30d'")]
    [InlineData("critical: 0", "above 0")]
    [InlineData("critical: NaN", "above 0")]
    [InlineData("critical: ∞", "above 0")]
    [InlineData("critical: 0.05, warning: 0.1", "not be above")]
    public void Threshold_OtherText_IsRefusedWithItsReason(string text, string reason)
    {
        Assert.False(BacktestSetting.TryParseThreshold(text, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}
