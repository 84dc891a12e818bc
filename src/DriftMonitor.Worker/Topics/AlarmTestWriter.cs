using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Topics;

/// <summary>Writes a test alarm into the panes topic, where the owner of its model reads it.</summary>
internal static class AlarmTestWriter
{
    /// <returns>Where it stands.</returns>
    /// <exception cref="InvalidConfigurationException">There is no panes topic.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or do not take it.</exception>
    public static Task<TopicPartitionOffset> WriteAsync(MonitorSettings settings, AlarmTest test)
    {
        var partitions = TopicSetup.PartitionsOf(settings, settings.PanesTopic);
        var codec = new RecordCodec(settings.Plan, null, new SourcePartitions([]), settings.Format);
        var message = new Message<byte[], byte[]> { Key = RecordKeys.OfTest(test.Model), Value = codec.Encode(test) };
        var partition = new TopicPartition(settings.PanesTopic, ModelPartitions.Of(test.Model, partitions));
        return OwnTopicWriter.WriteAsync(settings, partition, message, "the test alarm");
    }
}
