using DriftMonitor.Worker.Topics;

namespace DriftMonitor.Worker.Tests.Topics;

public sealed class OwnTopicTests
{
    private static readonly OwnTopic Panes = new("Kafka:PanesTopic", "panes", 16, 8_388_608, 7_200_000);
    private static readonly OwnTopic Rollups = Panes with { CleanupPolicy = "compact,delete" };
    private static readonly OwnTopic DeadLetters = Panes with { RetentionMs = null };

    [Fact]
    public void What_it_is_made_with_keeps_what_it_must_and_lets_go_of_it_then()
    {
        Assert.Equal(
            [
                ("cleanup.policy", "delete"), ("max.message.bytes", "8388608"), ("retention.bytes", "-1"), ("retention.ms", "7200000"),
                ("segment.ms", "1800000")],
            Panes.Settings.Select(setting => (setting.Key, setting.Value)).Order());
        Assert.Equal("compact,delete", Rollups.Settings["cleanup.policy"]);
        Assert.Equal(["cleanup.policy", "max.message.bytes"], DeadLetters.Settings.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_it_is_made_with_passes_the_check() =>
        Assert.All([Panes, Rollups, DeadLetters], topic => Assert.Empty(topic.Problems(topic.Settings)));

    [Theory]
    [InlineData("cleanup.policy", "compact", "must be delete")]
    [InlineData("cleanup.policy", "delete, compact", "must be delete")]
    [InlineData("retention.ms", "7199999", "must be at least 7200000, or -1")]
    [InlineData("retention.bytes", "1000000000", "must be -1")]
    [InlineData("max.message.bytes", "1048588", "must be at least 8388608")] // Kafka's default
    public void What_loses_data_is_a_line_with_topic_setting_present_and_required_value(string setting, string value, string required)
    {
        var problem = Assert.Single(Panes.Problems(Panes.Settings.SetItem(setting, value)));
        Assert.StartsWith($"Kafka:PanesTopic = 'panes': that topic has {setting} = {value}, ", problem, StringComparison.Ordinal);
        Assert.Contains(required, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retention.ms", "-1")]
    [InlineData("retention.ms", "604800000")]
    [InlineData("max.message.bytes", "20971520")]
    [InlineData("message.timestamp.type", "LogAppendTime")]
    [InlineData("segment.ms", "604800000")]
    [InlineData("retention.ms", "soon")] // no broker says so; it is not for us to read
    public void What_loses_nothing_is_no_problem(string setting, string value) =>
        Assert.Empty(Panes.Problems(Panes.Settings.SetItem(setting, value)));

    [Theory]
    [InlineData("compact", "604800000", null)]
    [InlineData("delete", "-1", null)]
    [InlineData("delete", "604800000", "retention.ms = 604800000, which loses data (nobody writes again")]
    [InlineData("compact,delete", "604800000", "must be -1, for ever")]
    public void What_is_kept_for_ever_may_only_be_compacted(string policy, string retention, string? problem)
    {
        var references = new OwnTopic("Kafka:PanesTopic", "panes.references", 1, 8_388_608, OwnTopic.ForEver, "compact");
        Assert.Empty(references.Problems(references.Settings));
        Assert.Equal("-1", references.Settings["retention.ms"]);

        var told = references.Problems(
            references.Settings.SetItem("cleanup.policy", policy).SetItem("retention.ms", retention)).SingleOrDefault();
        Assert.Equal(problem is null, told is null);
        Assert.Contains(problem ?? "", told ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_told_is_no_problem() => Assert.Empty(Panes.Problems(new Dictionary<string, string>()));

    [Fact]
    public void Everything_that_loses_data_is_told_at_once() =>
        Assert.Equal(3, Panes.Problems(new Dictionary<string, string>
        {
            ["cleanup.policy"] = "compact,delete",
            ["retention.ms"] = "1",
            ["max.message.bytes"] = "1",
        }).Count());

    [Fact]
    public void A_topic_that_may_be_compacted_may_also_be_kept_whole_and_one_that_is_only_compacted_has_no_retention()
    {
        Assert.Empty(Rollups.Problems(Rollups.Settings.SetItem("cleanup.policy", "delete")));
        Assert.Empty(Rollups.Problems(Rollups.Settings.SetItem("cleanup.policy", "compact").SetItem("retention.ms", "1")));
        Assert.Single(Rollups.Problems(Rollups.Settings.SetItem("retention.ms", "1")));
    }

    [Fact]
    public void A_retention_that_is_not_ours_is_not_looked_at() =>
        Assert.Empty(
            DeadLetters.Problems(
                new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = "1", ["retention.bytes"] = "1" }));
}
