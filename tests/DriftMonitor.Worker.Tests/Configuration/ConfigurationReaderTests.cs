using DriftMonitor.Worker.Configuration;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

public sealed class ConfigurationReaderTests
{
    [Fact]
    public void Defaults_need_only_the_brokers()
    {
        var settings = Read(("Kafka:BootstrapServers", "kafka:9092"));
        Assert.Equal(["5m", "1h", "24h"], settings.Plan.Windows.Select(window => window.Name));
        Assert.Equal(10_000, settings.Plan.BasePaneMs);
        Assert.Equal("predictions", Assert.Single(settings.PredictionTopics).Key);
        Assert.Equal((1.0, 100L), (settings.Evaluation.PseudoEvents, settings.Evaluation.MinimumEvents));
    }

    [Theory]
    [InlineData("Kafka:BootstrapServers", "", "host:port")]
    [InlineData("Kafka:GroupId", " ", "consumer group")]
    [InlineData("Kafka:PredictionTopics", "a,a", "each topic once")]
    [InlineData("Kafka:PredictionTopics", "a=", "topic or topic=model")]
    [InlineData("Kafka:PredictionTopics", " , ", "at least one topic")]
    [InlineData("Kafka:PredictionTopics", "driftmonitor.panes", "not also one of")]
    [InlineData("Kafka:PanesTopic", "no/slashes", "letters, digits")]
    [InlineData("Kafka:PanesPartitions", "0", "1 to 1000")]
    [InlineData("Kafka:PanesPartitions", "many", "many")]
    [InlineData("Kafka:StartFrom", "middle", "earliest or latest")]
    [InlineData("Kafka:Bootstrap", "x", "Bootstrap")]
    [InlineData("Kafka:Client", "x", "keys with values")]
    [InlineData("Kafka:Client:enable.auto.offset.store", "true", "must be left out")]
    [InlineData("Windows:EvaluationDelay", "1000000000d", "such as 10s")]
    [InlineData("Models:Classes:m", "cat,dog", "must be a list")]
    [InlineData("Windows:Spans", "5m", "5m/10s")]
    [InlineData("Windows:Spans", "5m/10s, 1h/15s", "multiple of the smallest slide")]
    [InlineData("Windows:Spans", "5m/10s, 5m/30s", "stands twice")]
    [InlineData("Windows:Spans", "24h/10s", "1 to 360 times")]
    [InlineData("Windows:AllowedLateness", "soon", "such as 10s")]
    [InlineData("Windows:PublishInterval", "0s", "such as 10s")]
    [InlineData("Windows:PublishInterval", "7s", "smallest slide")]
    [InlineData("Windows:MaxSeriesPerPartition", "-1", "1 to")]
    [InlineData("Models:Max", "0", "1 to 1000000")]
    [InlineData("Models:SumTolerance", "0.5", "at most 0.1")]
    [InlineData("Models:SumTolerance", "NaN", "at most 0.1")]
    [InlineData("Models:Classes:digits:0", "__other__", "not allowed")]
    [InlineData("Divergence:PseudoEvents", "-1", "0 to 1000000")]
    [InlineData("Divergence:MinimumEvents", "0", "at least 1")]
    [InlineData("References:Directory", "/no/such/directory", "a directory that exists")]
    [InlineData("References:PollInterval", "5", "such as 10s")]
    [InlineData("References:PollInterval", "60d", "at most 1d")]
    public void A_wrong_value_is_named_with_its_key_and_what_is_allowed(string key, string value, string allowed)
    {
        var problem = Assert.Single(Problems(("Kafka:BootstrapServers", "kafka:9092"), (key, value)));
        Assert.Contains(key.Split(':')[0], problem, StringComparison.Ordinal);
        Assert.Contains(key.Split(':')[1], problem, StringComparison.Ordinal);
        Assert.Contains(allowed, problem, StringComparison.Ordinal);
        Assert.Contains(value.Trim(), problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var problems = Problems(
            ("Kafka:PanesPartitions", "0"),
            ("Windows:Spans", "nonsense"),
            ("Models:Max", "none"),
            ("Divergence:PseudoEvents", "-1"),
            ("References:PollInterval", "5"));
        Assert.Equal(6, problems.Count); // and the brokers are missing
    }

    [Fact]
    public void Lateness_skew_and_slack_may_be_nothing()
    {
        var plan = Read(
            ("Kafka:BootstrapServers", "kafka:9092"), ("Windows:AllowedLateness", "0s"), ("Windows:AllowedSkew", "0s"), ("Windows:DisorderSlack", "0s")).Plan;
        Assert.Equal((0, 0, 0), (plan.AllowedLatenessMs, plan.AllowedSkewMs, plan.DisorderSlackMs));
    }

    [Fact]
    public void Client_properties_pass_through_and_no_problem_shows_them()
    {
        Assert.Equal("secret", Read(("Kafka:BootstrapServers", "kafka:9092"), ("Kafka:Client:sasl.password", "secret")).Client["sasl.password"]);
        Assert.DoesNotContain(
            Problems(("Kafka:Client:sasl.password", "secret"), ("Kafka:StartFrom", "x")), problem => problem.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Topics_may_name_the_model_of_their_records()
    {
        var topics = Read(("Kafka:BootstrapServers", "kafka:9092"), ("Kafka:PredictionTopics", "fraud-scores = fraud-v3, predictions")).PredictionTopics;
        Assert.Equal([("fraud-scores", "fraud-v3"), ("predictions", null)], topics.Select(topic => (topic.Key, topic.Value)));
    }

    private static MonitorSettings Read(params (string Key, string Value)[] settings) => ConfigurationReader.Read(
        settings.Aggregate(
            new ConfigurationBuilder(), (builder, setting) => (ConfigurationBuilder)builder.AddInMemoryCollection([KeyValuePair.Create(setting.Key, (string?)setting.Value)])).Build());

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings) =>
        Assert.Throws<InvalidConfigurationException>(() => Read(settings)).Problems;
}
