using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Topics;

/// <summary>Writes a record into a topic of ours while somebody waits for it.</summary>
internal static class OwnTopicWriter
{
    private const int TimeoutMs = 15_000;

    /// <param name="what">What is written, in words.</param>
    /// <returns>Where it stands.</returns>
    /// <exception cref="KafkaException">The brokers cannot be reached, or do not take it.</exception>
    public static async Task<TopicPartitionOffset> WriteAsync(
        MonitorSettings settings, TopicPartition partition, Message<byte[], byte[]> message, string what)
    {
        using var producer = KafkaClients.Build(settings.Client, () =>
        {
            var config = KafkaClients.Producer(settings.Client);
            config.MessageTimeoutMs = TimeoutMs;
            return new ProducerBuilder<byte[], byte[]>(config)
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, _) => { })
                .Build();
        });
        try
        {
            return (await producer.ProduceAsync(partition, message)).TopicPartitionOffset;
        }
        catch (KafkaException problem)
        {
            throw new KafkaException(new Error(
                problem.Error.Code,
                $"topic {partition.Topic} (Kafka:PanesTopic) on {settings.Client.BootstrapServers} did not take {what}: "
                + $"{DisplayText.Of(settings.Client.Secrets.Hide(problem.Error.Text()))}"));
        }
    }
}
