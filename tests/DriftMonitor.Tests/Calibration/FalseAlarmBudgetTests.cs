using DriftMonitor.Calibration;

namespace DriftMonitor.Tests.Calibration;

public sealed class FalseAlarmBudgetTests
{
    [Theory]
    [InlineData("1 per 30d", 1.0 / 30)]
    [InlineData("0.5 per 7d", 0.5 / 7)]
    [InlineData("2  per 12h", 4)]
    public void Budget_IsReadAsSoManyInAPeriod(string text, double perDay)
    {
        Assert.True(FalseAlarmBudget.TryParse(text, out var budget, out _));
        Assert.Equal(perDay, budget.PerDay, 1e-12);
        Assert.True(FalseAlarmBudget.TryParse(budget.ToString(), out var again, out _));
        Assert.Equal(budget, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("0 per 30d")]
    [InlineData("-1 per 30d")]
    [InlineData("1 per month")]
    [InlineData("1 pro 30d")]
    [InlineData("NaN per 30d")]
    public void Budget_ThatIsNoneIsRefusedWithWhatIsAllowed(string text)
    {
        Assert.False(FalseAlarmBudget.TryParse(text, out _, out var problem));
        Assert.Equal($"'{text}': must be a number above 0, 'per' and a whole number of ms, s, m, h or d, such as 1 per 30d", problem);
    }
}
