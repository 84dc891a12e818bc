using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Worker.Configuration;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

public sealed class AlarmBuilderTests
{
    private const long Day = 86_400_000;

    private static readonly FalseAlarmBudget Monthly = new(1, 30 * Day);
    private static readonly FalseAlarmBudget Weekly = new(1, 7 * Day);

    [Fact]
    public void Silence_is_a_quarter_of_an_hour_unless_told_otherwise()
    {
        Assert.Equal(TimeSpan.FromMinutes(15), Read().SilentAfter);
        Assert.Equal(TimeSpan.FromHours(2), Read(("Alarms:SilentAfter", "2h")).SilentAfter);
    }

    [Fact]
    public void Where_nothing_is_written_there_are_budgets_and_fixed_thresholds_for_what_no_reference_calibrates()
    {
        var none = new Thresholds(null, null, Weekly, Monthly);
        Assert.Equal(new ConfiguredThresholds(new(0.05, 0.125, Weekly, Monthly), none, none), Read().Of("m"));
    }

    [Fact]
    public void Thresholds_are_fixed_where_the_budgets_are_turned_off_or_they_are_written()
    {
        (string, string)[] off = [("Alarms:Budget:Critical", "none"), ("Alarms:Budget:Warning", "none")];
        Assert.Equal(new ConfiguredThresholds(new(0.05, 0.125), default, default), Read(off).Of("m"));
        Assert.Equal(new Thresholds(0.05, 0.2), Read(("Alarms:KlCriticalNats", "0.2")).Of("m").Kl);
        Assert.Equal(new Thresholds(null, null, Weekly, Monthly), Read(("Alarms:KlCriticalNats", "0.2")).Of("m").CrossEntropy);
    }

    [Fact]
    public void A_budget_that_the_windows_cannot_keep_is_no_default() =>
        Assert.Equal(new Thresholds(null, 0.125, null, Monthly), Read(("Windows:Spans", "10d/1h")).Of("m").Kl);

    [Fact]
    public void Segments_to_compare_are_those_of_the_model_or_of_all_models()
    {
        var alarms = Read(("Alarms:CompareWithRest:0", "canary"), ("Models:0:CompareWithRest:0", "version=2"));
        Assert.Equal(["version=2"], alarms.Of("m").ComparedWithRest);
        Assert.Equal(["canary"], alarms.Of("other").ComparedWithRest);
        Assert.Equal(["canary"], alarms.Compared.Of("other"));
        Assert.Equal(["version=2"], alarms.Compared.Of("m"));
        Assert.True(Read(("Alarms:SmallestEffect:KlNats", "0.01")).Compared.IsEmpty);
        Assert.Empty(Read(("Alarms:CompareWithRest:0", "canary"), ("Models:0:CompareWithRest:0", "none")).Of("m").ComparedWithRest);
    }

    [Theory]
    [InlineData("_all")]
    [InlineData("canary vs rest")]
    [InlineData("")]
    public void Segments_to_compare_are_segments(string segment) => Assert.StartsWith(
        $"Alarms:CompareWithRest = '{segment}': must be the name of a segment",
        Assert.Single(Problems(("Alarms:CompareWithRest:0", segment))),
        StringComparison.Ordinal);

    [Fact]
    public void The_smallest_effect_is_the_models_own_that_of_all_or_the_default()
    {
        var alarms = Read(("Alarms:SmallestEffect:KlNats", "0.01"), ("Models:0:SmallestEffect:CrossEntropyNats", "0"));
        Assert.Equal(new SmallestEffects(0.01, 0, 0.001, 0.01), alarms.Of("m").SmallestEffect);
        Assert.Equal(new SmallestEffects(0.01, 0.02, 0.001, 0.01), alarms.Of("other").SmallestEffect);
        alarms = Read(("Alarms:SmallestEffect:Accuracy", "0.05"), ("Models:0:SmallestEffect:Accuracy", "0"));
        Assert.Equal((0, 0.05), (alarms.Of("m").SmallestEffect.Accuracy, alarms.Of("other").SmallestEffect.Accuracy));
        Assert.StartsWith(
            "Models:0:SmallestEffect:Accuracy = '5': must be a share between 0 and 1",
            Assert.Single(Problems(("Models:0:SmallestEffect:Accuracy", "5"))),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Alarms:SmallestEffect:KlNats = '-1': must be a number of nats",
            Assert.Single(Problems(("Alarms:SmallestEffect:KlNats", "-1"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_budget_holds_for_every_measure_of_its_severity_and_fixed_thresholds_stay_beside_it()
    {
        var thresholds = Read(("Alarms:Budget:Critical", "1 per 30d"), ("Alarms:CrossEntropyCriticalNats", "2")).Of("m");
        Assert.Equal(
            new ConfiguredThresholds(new(0.05, 0.125, Weekly, Monthly), new(null, 2, null, Monthly), new(null, null, Weekly, Monthly))
            {
                Accuracy = new(null, null, Weekly, Monthly), // of which nothing fixed can be written
            },
            thresholds);
    }

    [Theory]
    [InlineData("0.05", 0.05)] // what is written stays, be it the default
    [InlineData("0", null)]
    public void A_fixed_threshold_of_warnings_stays_beside_a_budget_of_critical_alarms(string written, double? expected)
    {
        Assert.Equal(
            new Thresholds(expected, 0.125, null, Monthly),
            Read(("Alarms:Budget:Critical", "1 per 30d"), ("Alarms:KlWarningNats", written)).General.Kl);
        var own = Read(("Models:0:Budget:Critical", "1 per 30d"), ("Alarms:KlWarningNats", written));
        Assert.Equal(new Thresholds(expected, 0.125, null, Monthly), own.Of("m").Kl);
        Assert.Equal(new Thresholds(written == "0" ? null : 0.05, 0.125), own.Of("other").Kl);
    }

    [Fact]
    public void A_budget_of_one_severity_leaves_the_other_its_default_which_gives_way_where_it_does_not_fit()
    {
        var daily = new FalseAlarmBudget(1, Day);
        Assert.Equal(new Thresholds(0.05, 0.125, daily, Monthly), Read(("Alarms:Budget:Warning", "1 per 1d")).General.Kl);
        Assert.Equal(new Thresholds(0.05, 0.125, daily, daily), Read(("Alarms:Budget:Critical", "1 per 1d")).General.Kl);
        var rare = new FalseAlarmBudget(1, 60 * Day);
        Assert.Equal(new Thresholds(0.05, 0.125, rare, rare), Read(("Alarms:Budget:Warning", "1 per 60d")).General.Kl);
    }

    [Fact]
    public void A_model_may_have_none_though_all_have_a_budget()
    {
        var alarms = Read(("Alarms:Budget:Critical", "1 per 30d"), ("Models:0:Budget:Critical", "none"));
        Assert.Equal((null, Monthly), (alarms.Of("m").Kl.CriticalBudget, alarms.Of("other").Kl.CriticalBudget));
    }

    [Fact]
    public void A_fixed_threshold_beside_a_budget_is_told_once_for_each_measure()
    {
        Assert.Empty(Read().Mixed());
        Assert.Empty(Read(("Alarms:Budget:Critical", "1 per 30d")).Mixed());
        Assert.Empty(
            Read(
                ("Alarms:Budget:Critical", "1 per 30d"), ("Alarms:Budget:Warning", "1 per 7d"),
                ("Alarms:CrossEntropyWarningNats", "1")).Mixed());
        Assert.Equal(
            [
                "m: cross-entropy has a budget of 1 per 7d for warnings and a fixed threshold of 2 nats for critical alarms: either "
                + "may be the higher",
                "same: KL divergence has a budget of 1 per 7d for warnings and a fixed threshold of 0.125 nats for critical alarms: either "
                + "may be the higher",
            ],
            Read(
                ("Alarms:Budget:Warning", "1 per 7d"), ("Models:0:CrossEntropyCriticalNats", "2"),
                ("Models:1:KlCriticalNats", "0.125")).Mixed());
    }

    [Theory]
    [InlineData("3 per 24h", "5m/10s, 1h/1m, 24h/10m", null)]
    [InlineData("1 per 7h", "5m/10s, 1h/1m, 24h/10m", "3 per 24h")]
    [InlineData("2 per 5m", "5m/10s", "1 per 5m")]
    [InlineData("1 per 5m", "5m/10s", null)]
    [InlineData("1 per 9m", "5m/10s, 20m/20s", "2 per 20m")]
    public void A_budget_that_its_windows_cannot_keep_is_refused(string budget, string windows, string? most)
    {
        foreach (var key in new[] { "Alarms:Budget:Warning", "Models:0:Budget:Critical" })
        {
            (string, string)[] settings = [(key, budget), ("Windows:Spans", windows)];
            if (most is null)
            {
                Read(settings);
            }
            else
            {
                Assert.StartsWith(
                    $"{key} = '{budget}': must be at most {most}: the budget is divided equally over the windows",
                    Assert.Single(Problems(settings)),
                    StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("0.3", "", "0.3", "", 0.05)] // its own fixed threshold before everybody's budget
    [InlineData("0", "", "", "", 0.05)] // its own "none", too
    [InlineData("", "2 per 30d", "0.125", "2 per 30d", 0.05)]
    [InlineData("0.3", "2 per 30d", "0.3", "2 per 30d", null)] // its own budget before all
    [InlineData("", "", "0.125", "1 per 30d", 0.05)]
    public void A_models_own_setting_wins(string fixedNats, string budget, string expectedNats, string expectedBudget, double? warningNats)
    {
        var thresholds = Read(
            ("Alarms:Budget:Critical", "1 per 30d"),
            ("Models:0:KlCriticalNats", fixedNats),
            ("Models:0:Budget:Critical", budget)).Of("m");

        Assert.Equal(
            (expectedNats, expectedBudget),
            (FormattableString.Invariant($"{thresholds.Kl.CriticalNats}"), $"{thresholds.Kl.CriticalBudget}"));
        Assert.Equal(budget.Length > 0 ? budget : "1 per 30d", $"{thresholds.CrossEntropy.CriticalBudget}");
        Assert.Equal(
            (warningNats, fixedNats.Length > 0 ? (FalseAlarmBudget?)null : Weekly),
            (thresholds.Kl.WarningNats, thresholds.Kl.WarningBudget));
    }

    [Fact]
    public void A_fixed_critical_threshold_need_not_be_above_a_warning_that_is_calibrated()
    {
        var thresholds = Read(("Alarms:Budget:Warning", "1 per 7d"), ("Alarms:KlCriticalNats", "0.01")).Of("m");
        Assert.Equal(new Thresholds(0.05, 0.01, Weekly), thresholds.Kl);
    }

    [Fact]
    public void Names_of_settings_are_told_apart_by_their_letters_not_their_case() =>
        Assert.Equal(Monthly, Read(("alarms:budget:CRITICAL", "1 per 30d")).General.Kl.CriticalBudget);

    [Theory]
    [InlineData("Alarms:Budget:Critical", "monthly", "such as 1 per 30d")]
    [InlineData("Alarms:Budget:Critical", "0 per 30d", "above 0")]
    [InlineData("Alarms:Budget:Warning", "1 per month", "such as 1 per 30d")]
    [InlineData("Models:0:Budget:Critical", "1", "such as 1 per 30d")]
    public void A_wrong_budget_is_one_line_with_its_key_its_value_and_what_is_allowed(string key, string value, string allowed)
    {
        var problem = Assert.Single(Problems((key, value)));
        Assert.StartsWith($"{key} = '{value}': must be ", problem, StringComparison.Ordinal);
        Assert.Contains(allowed, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Alarms:Budget:Info", "no such setting; there are Warning, Critical")]
    [InlineData("Alarms:Budget", "must be a section")]
    [InlineData("Alarms:Budget:Critical:Often", "one value")]
    [InlineData("Models:0:Budget", "must be a section")]
    [InlineData("Models:0:Budget:Info", "no such setting")]
    [InlineData("Models:0:KlCriticalNats:0", "one value")]
    [InlineData("Models", "a list: Models:0, Models:1, …")]
    [InlineData("Alarms:Models", "is now set for each model in the list Models")]
    [InlineData("Alarms:FalseAlarmBudget", "is now Alarms:Budget")]
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
            "Alarms:Budget:Warning = '1 per 30d': must allow at least as many alarms as the critical budget (1 per 7d)",
            Assert.Single(
                Problems(
                    ("Alarms:Budget:Warning", "1 per 30d"), ("Alarms:Budget:Critical", "1 per 7d"), ("Models:0:KlWarningNats", "0.1"))));
        Assert.Equal(
            "Models:0:Budget:Critical = '1 per 1d': must allow at most as many alarms as the warning budget (1 per 7d)",
            Assert.Single(Problems(("Alarms:Budget:Warning", "1 per 7d"), ("Models:0:Budget:Critical", "1 per 1d"))));
        Assert.Equal(Weekly, Read(("Alarms:Budget:Warning", "1 per 7d"), ("Alarms:Budget:Critical", "1 per 7d")).General.Kl.WarningBudget);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_and_once()
    {
        string[] keys = [
            "Alarms:Budget:Warning", "Alarms:Budget:Critical", "Alarms:KlWarningNats", "Models:0:Budget:Critical",
            "Models:1:PolicyKlCriticalNats"];
        var problems = Problems([.. keys.Select(key => (key, "-1"))]);
        Assert.Equal(keys.Order(StringComparer.Ordinal), problems.Select(problem => problem.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    private static AlarmSettings Read(params (string Key, string Value)[] settings) => ConfigurationReader.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection([new("Kafka:BootstrapServers", "kafka:9092"), .. Named(settings, "m", "same")])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build()).Alarms;

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings) =>
        Assert.Throws<InvalidConfigurationException>(() => Read(settings)).Problems;

    /// <summary>Names for the models that have settings.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> Named((string Key, string Value)[] settings, params string[] names) =>
        names.Index().Where(name => settings.Any(setting => setting.Key.StartsWith($"Models:{name.Index}:", StringComparison.Ordinal)))
            .Select(name => KeyValuePair.Create($"Models:{name.Index}:Name", (string?)name.Item));
}
