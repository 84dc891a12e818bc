using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Topics;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Topics;

/// <summary>
/// What is looked up, made and checked before the start, as far as the embedded broker knows of it: it can neither make topics nor tell
/// their settings.
/// </summary>
public sealed class TopicSetupTests : IDisposable
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(brokers: 2);
    private readonly LogLines _log = new();

    public TopicSetupTests() => _broker.CreateTopic("predictions", 1);

    [Fact]
    public async Task A_topic_that_is_there_keeps_its_partitions_and_says_so_and_settings_that_nobody_tells_are_not_waited_for()
    {
        _broker.CreateTopic("panes", 3);
        _broker.CreateTopic("panes.rollups", 3);
        _broker.CreateTopic("panes.status", 3);

        var layout = await EnsureAsync();

        Assert.Equal((3, 0, 0), (layout.PanesPartitions, layout.CalibrationPartitions, layout.ReferencePartitions));
        Assert.Equal([new TopicPartition("predictions", 0)], layout.Sources);
        Assert.Equal(
            [
                "Information: the settings of topic panes cannot be checked: DescribeConfigs (KIP-133) not supported by broker, "
                + "requires broker version >= 0.11.0",
                "Information: topic panes has 3 partitions, which holds, and not the 16 of Kafka:PanesPartitions",
                "Information: the settings of topic panes.rollups cannot be checked: DescribeConfigs (KIP-133) not supported by "
                + "broker, requires broker version >= 0.11.0",
                "Information: the settings of topic panes.status cannot be checked: DescribeConfigs (KIP-133) not supported by "
                + "broker, requires broker version >= 0.11.0",
                "Warning: topic panes.calibrations (Kafka:PanesTopic) does not exist, and no broker was heard of that makes topics: what "
                + "would be kept in it is worked out anew at every start, by every replica",
                "Warning: topic panes.references (Kafka:PanesTopic) does not exist, and no broker was heard of that makes topics: "
                + "references come from References:Directory alone",
            ],
            _log.All);
    }

    /// <summary>To ask for it by name would make it, wherever brokers make topics by themselves, as this one does.</summary>
    [Fact]
    public async Task A_predictions_topic_that_is_not_there_is_told_and_not_made()
    {
        _broker.CreateTopic("panes", 3);
        _broker.CreateTopic("panes.rollups", 3);
        _broker.CreateTopic("panes.status", 3);

        var problem = await Assert.ThrowsAsync<InvalidConfigurationException>(
            () => EnsureAsync(("Kafka:PredictionTopics", "predictions, typo, another")));

        Assert.Equal(2, problem.Problems.Count);
        Assert.StartsWith("topic another (Kafka:PredictionTopics) does not exist", problem.Problems[0], StringComparison.Ordinal);
        Assert.StartsWith("topic typo (Kafka:PredictionTopics) does not exist", problem.Problems[1], StringComparison.Ordinal);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _broker.BootstrapServers }).Build();
        Assert.Equal(
            ["panes", "panes.rollups", "panes.status", "predictions"],
            admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Select(topic => topic.Topic).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Panes_of_labels_in_another_number_of_partitions_stop_the_start(int partitions)
    {
        _broker.CreateTopic("panes", 3);
        _broker.CreateTopic("panes.rollups", 3);
        _broker.CreateTopic("panes.status", 3);
        _broker.CreateTopic("panes.feedback", partitions);
        _broker.CreateTopic("labels", 1);

        var problem = await Assert.ThrowsAsync<InvalidConfigurationException>(() => EnsureAsync(("Feedback:Topic", "labels")));

        Assert.Equal(
            $"Kafka:PanesTopic = 'panes': that topic has 3 partitions and panes.feedback {partitions}: partitions of one number are read "
            + "together, so both must have as many. Stop all replicas and delete panes.feedback: it is created again, and the joins, which "
            + "keep their stores, publish it anew",
            Assert.Single(problem.Problems));
    }

    /// <summary>Takes the 15 seconds that a broker is given, where librdkafka's own limit is a minute.</summary>
    [Fact]
    public async Task A_topic_that_cannot_be_made_is_told()
    {
        var problem = await Assert.ThrowsAsync<KafkaException>(() => EnsureAsync()).WaitAsync(
            TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken);
        Assert.StartsWith("topic panes (Kafka:PanesTopic) does not exist", problem.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be made", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>The records of before there were formats begin with the name of a topic.</summary>
    [Fact]
    public async Task A_topic_with_records_of_an_older_kind_stops_the_start_with_one_line()
    {
        _broker.CreateTopic("panes", 2);
        _broker.CreateTopic("panes.rollups", 2);
        _broker.CreateTopic("panes.status", 2);
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        byte[] ours = [0x08, 0x01];
        await ProduceAsync("panes", ours);
        Assert.Equal(2, (await EnsureAsync()).PanesPartitions);
        await ProduceAsync("panes.rollups", [0x0A, 0x01, (byte)'t']);

        var problem = await Assert.ThrowsAsync<InvalidConfigurationException>(() => EnsureAsync());

        var line = Assert.Single(problem.Problems);
        Assert.StartsWith(
            "Kafka:PanesTopic = 'panes': panes.rollups holds records of an older DriftMonitor", line, StringComparison.Ordinal);
        Assert.Contains("'panes.v1'", line, StringComparison.Ordinal);

        Task ProduceAsync(string topic, byte[] value) => producer.ProduceAsync(
            new TopicPartition(topic, 1), new Message<Null, byte[]> { Value = value }, TestContext.Current.CancellationToken);
    }

    /// <summary>By the last records: what is keyed otherwise will not be found, and nobody would know why.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task Labels_in_other_partitions_than_their_predictions_are_told(int away, bool isTold)
    {
        foreach (var topic in new[] { "scored", "labels", "panes", "panes.rollups", "panes.status", "panes.feedback" })
        {
            _broker.CreateTopic(topic, 2);
        }

        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build())
        {
            for (var i = 0; i < 10; i++)
            {
                Produce("scored", i % 2, $$"""{"model":"m","id":"{{i}}","label":"a"}""");
                Produce("labels", (i + away) % 2, $$"""{"model":"m","id":"{{i}}","label":"a"}""");
            }

            void Produce(string topic, int partition, string value) =>
                producer.Produce(new TopicPartition(topic, partition), new Message<Null, string> { Value = value });
            producer.Flush(TimeSpan.FromSeconds(30));
        }

        await EnsureAsync(("Kafka:PredictionTopics", "scored"), ("Feedback:Topic", "labels"));
        var told = _log.All.Where(line => line.Contains("of 10 labels whose predictions", StringComparison.Ordinal)).ToArray();
        Assert.Equal(isTold ? 1 : 0, told.Length);
        Assert.All(told, line => Assert.Contains("10 are in a partition of another number", line, StringComparison.Ordinal));
        Assert.All(told, line => Assert.Contains("Feedback:Repartition=true", line, StringComparison.Ordinal));
    }

    public void Dispose() => _broker.Dispose();

    private Task<TopicLayout> EnsureAsync(params (string Key, string Value)[] settings) =>
        TopicSetup.EnsureAsync(
        ConfigurationReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Kafka:BootstrapServers", _broker.BootstrapServers), new("Kafka:PanesTopic", "panes")])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build()),
        () => _log);
}
