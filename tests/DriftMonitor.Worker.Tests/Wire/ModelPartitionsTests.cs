using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Tests.Wire;

/// <summary>A model's partition is the one that Kafka's clients give a key of its name.</summary>
public sealed class ModelPartitionsTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const int Partitions = 7;

    // as in the tests of Kafka's own Utils.murmur2
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void The_hash_is_Kafkas(string model, int murmur2) =>
        Assert.All(
            [1, 2, 16, 1_000], partitions => Assert.Equal((murmur2 & int.MaxValue) % partitions, ModelPartitions.Of(model, partitions)));

    [Fact]
    public async Task The_partition_is_the_one_that_a_client_chooses()
    {
        var topic = await broker.CreateTopicAsync("keyed", Partitions);
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            Partitioner = Partitioner.Murmur2,
            LingerMs = 0,
        }).Build();
        string[] models = ["m", "fraud", "qwen3:0.6b", "größe", "模型", .. Enumerable.Range(0, 50).Select(i => $"model-{i}")];
        foreach (var model in models)
        {
            var delivered = await producer.ProduceAsync(
                topic, new Message<string, string> { Key = model, Value = "" }, TestContext.Current.CancellationToken);
            Assert.Equal(delivered.Partition.Value, ModelPartitions.Of(model, Partitions));
        }
    }
}
