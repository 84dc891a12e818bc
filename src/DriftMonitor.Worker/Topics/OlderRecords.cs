using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Topics;

/// <summary>Looks whether the last that our topics hold is of an older version, whose records cannot be read.</summary>
internal static class OlderRecords
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>What is wrong and what to do, a line for the first topic that holds such records; null when none does.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="topics">Our topics that there are, with their numbers of partitions.</param>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public static string? Problem(MonitorSettings settings, IEnumerable<(string Topic, int Partitions)> topics)
    {
        var config = KafkaClients.Unjoined(settings.Client, settings.GroupId);
        config.AutoOffsetReset = AutoOffsetReset.Latest; // a partition whose last record goes meanwhile has nothing to say
        using var consumer = KafkaClients.Build(settings.Client, () => new ConsumerBuilder<Ignore, byte[]>(config)
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, _) => { })
            .Build());
        var found = topics.FirstOrDefault(topic => IsOlder(LastRecord(consumer, topic.Topic, topic.Partitions))).Topic;
        consumer.Close();
        return found is null ? null
            : $"Kafka:PanesTopic = '{settings.PanesTopic}': {found} holds records of an older DriftMonitor, which cannot be read: set "
                + $"it to "
                + $"a new name, '{settings.PanesTopic}.v1' say; windows fill anew from the predictions (with a new Kafka:GroupId from "
                + "those that their topics still hold)";
    }

    private static bool IsOlder(byte[]? record) => record is not null && RecordCodec.IsOlderKind(record);

    /// <summary>The last record of the first partition that holds one: lanes speak to all of them. Null when none does.</summary>
    private static byte[]? LastRecord(IConsumer<Ignore, byte[]> consumer, string topic, int partitions)
    {
        for (var partition = 0; partition < partitions; partition++)
        {
            var marks = consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), Patience);
            if (marks.High > marks.Low)
            {
                consumer.Assign(new TopicPartitionOffset(topic, partition, marks.High - 1));
                if (consumer.Consume(Patience) is { IsPartitionEOF: false, Message.Value: { } record })
                {
                    return record;
                }
            }
        }

        return null;
    }
}
