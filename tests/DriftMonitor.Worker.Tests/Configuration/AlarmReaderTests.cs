using DriftMonitor.Calibration;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

public sealed class AlarmReaderTests
{
    private const long Day = 86_400_000;

    private static readonly FalseAlarmBudget Monthly = new(1, 30 * Day);
    private static readonly FalseAlarmBudget Weekly = new(1, 7 * Day);

    [Fact]
    public void Thresholds_are_fixed_unless_something_else_is_written() =>
        Assert.Equal(new ModelThresholds(new(0.05, 0.125), default, default), Read().Of("m"));

    [Fact]
    public void A_budget_holds_for_every_measure_of_its_severity_and_fixed_thresholds_stay_beside_it()
    {
        var thresholds = Read(("Alarms:FalseAlarmBudget:Critical", "1 per 30d"), ("Alarms:CrossEntropyCriticalNats", "2")).Of("m");
        Assert.Equal(new ModelThresholds(new(0.05, 0.125, null, Monthly), new(null, 2, null, Monthly), new(null, null, null, Monthly)), thresholds);
    }

    [Theory]
    [InlineData("0.3", "", "0.3", "")] // its own fixed threshold before everybody's budget
    [InlineData("0", "", "", "")] // its own "none", too
    [InlineData("", "2 per 30d", "0.125", "2 per 30d")]
    [InlineData("0.3", "2 per 30d", "0.3", "2 per 30d")] // its own budget before all
    [InlineData("", "", "0.125", "1 per 30d")]
    public void A_models_own_setting_wins(string fixedNats, string budget, string expectedNats, string expectedBudget)
    {
        var thresholds = Read(
            ("Alarms:FalseAlarmBudget:Critical", "1 per 30d"),
            ("Alarms:Models:m:KlCriticalNats", fixedNats),
            ("Alarms:Models:m:FalseAlarmBudget:Critical", budget)).Of("m");

        Assert.Equal((expectedNats, expectedBudget), (FormattableString.Invariant($"{thresholds.Kl.CriticalNats}"), $"{thresholds.Kl.CriticalBudget}"));
        Assert.Equal(budget.Length > 0 ? budget : "1 per 30d", $"{thresholds.CrossEntropy.CriticalBudget}");
        Assert.Equal((0.05, null), (thresholds.Kl.WarningNats, thresholds.Kl.WarningBudget));
    }

    [Fact]
    public void A_fixed_critical_threshold_need_not_be_above_a_warning_that_is_calibrated()
    {
        var thresholds = Read(("Alarms:FalseAlarmBudget:Warning", "1 per 7d"), ("Alarms:KlCriticalNats", "0.01")).Of("m");
        Assert.Equal(new Thresholds(0.05, 0.01, Weekly), thresholds.Kl);
    }

    [Fact]
    public void Names_of_settings_are_told_apart_by_their_letters_not_their_case() =>
        Assert.Equal(Monthly, Read(("alarms:falsealarmbudget:CRITICAL", "1 per 30d")).General.Kl.CriticalBudget);

    [Theory]
    [InlineData("Alarms:FalseAlarmBudget:Critical", "monthly", "such as 1 per 30d")]
    [InlineData("Alarms:FalseAlarmBudget:Critical", "0 per 30d", "above 0")]
    [InlineData("Alarms:FalseAlarmBudget:Warning", "1 per month", "such as 1 per 30d")]
    [InlineData("Alarms:Models:m:FalseAlarmBudget:Critical", "1", "such as 1 per 30d")]
    public void A_wrong_budget_is_one_line_with_its_key_its_value_and_what_is_allowed(string key, string value, string allowed)
    {
        var problem = Assert.Single(Problems((key, value)));
        Assert.StartsWith($"{key} = '{value}': must be ", problem, StringComparison.Ordinal);
        Assert.Contains(allowed, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Alarms:FalseAlarmBudget:Info", "no such setting; Alarms:FalseAlarmBudget has Warning, Critical")]
    [InlineData("Alarms:FalseAlarmBudget", "must be a section")]
    [InlineData("Alarms:FalseAlarmBudget:Critical:Often", "one value")]
    [InlineData("Alarms:Models:m:FalseAlarmBudget", "must be a section")]
    [InlineData("Alarms:Models:m:FalseAlarmBudget:Info", "no such setting")]
    [InlineData("Alarms:Models:m:KlCriticalNats:0", "one value")]
    [InlineData("Alarms:Models", "a section of its own")]
    public void A_budget_of_another_shape_is_told(string key, string allowed)
    {
        var problem = Assert.Single(Problems((key, "1 per 30d")));
        Assert.Contains(allowed, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("1 per 30d", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_may_not_be_rarer_than_critical_alarms()
    {
        Assert.Equal(
            "Alarms:FalseAlarmBudget:Warning = '1 per 30d': must be no rarer than the critical alarms' 1 per 7d",
            Assert.Single(Problems(("Alarms:FalseAlarmBudget:Warning", "1 per 30d"), ("Alarms:FalseAlarmBudget:Critical", "1 per 7d"), ("Alarms:Models:m:KlWarningNats", "0.1"))));
        Assert.Equal(
            "Alarms:Models:m:FalseAlarmBudget:Critical = '1 per 1d': must be no more often than the warnings' 1 per 7d",
            Assert.Single(Problems(("Alarms:FalseAlarmBudget:Warning", "1 per 7d"), ("Alarms:Models:m:FalseAlarmBudget:Critical", "1 per 1d"))));
        Assert.Equal(Weekly, Read(("Alarms:FalseAlarmBudget:Warning", "1 per 7d"), ("Alarms:FalseAlarmBudget:Critical", "1 per 7d")).General.Kl.WarningBudget);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_and_once()
    {
        string[] keys = ["Alarms:FalseAlarmBudget:Warning", "Alarms:FalseAlarmBudget:Critical", "Alarms:KlWarningNats", "Alarms:Models:m:FalseAlarmBudget:Critical", "Alarms:Models:n:PolicyKlCriticalNats"];
        var problems = Problems([.. keys.Select(key => (key, "-1"))]);
        Assert.Equal(keys.Order(StringComparer.Ordinal), problems.Select(problem => problem.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    private static AlarmSettings Read(params (string Key, string Value)[] settings) => ConfigurationReader.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection([new("Kafka:BootstrapServers", "kafka:9092")])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build()).Alarms;

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings) =>
        Assert.Throws<InvalidConfigurationException>(() => Read(settings)).Problems;
}
