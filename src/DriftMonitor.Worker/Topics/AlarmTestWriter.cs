using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Topics;

/// <summary>Writes a test alarm into the panes topic, where the owner of its model reads it.</summary>
internal static class AlarmTestWriter
{
    private const int TimeoutMs = 15_000;

    /// <returns>Where it stands.</returns>
    /// <exception cref="InvalidConfigurationException">There is no panes topic.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or do not take it.</exception>
    public static async Task<TopicPartitionOffset> WriteAsync(MonitorSettings settings, AlarmTest test)
    {
        var partitions = TopicSetup.PanesPartitions(settings);
        var codec = new RecordCodec(settings.Plan, null, new SourcePartitions([]), settings.Format);
        using var producer = KafkaClients.Build(settings.Client, () =>
        {
            var config = KafkaClients.Producer(settings.Client);
            config.MessageTimeoutMs = TimeoutMs; // somebody waits for the answer
            return new ProducerBuilder<byte[], byte[]>(config)
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, _) => { })
                .Build();
        });
        try
        {
            var partition = new TopicPartition(settings.PanesTopic, ModelPartitions.Of(test.Model, partitions));
            var message = new Message<byte[], byte[]> { Key = RecordKeys.OfTest(test.Model), Value = codec.Encode(test) };
            return (await producer.ProduceAsync(partition, message)).TopicPartitionOffset;
        }
        catch (KafkaException problem)
        {
            throw new KafkaException(new Error(
                problem.Error.Code,
                $"topic {settings.PanesTopic} (Kafka:PanesTopic) on {settings.Client.BootstrapServers} did not take the test alarm: "
                + $"{DisplayText.Of(settings.Client.Secrets.Hide(problem.Error.Text()))}"));
        }
    }
}
