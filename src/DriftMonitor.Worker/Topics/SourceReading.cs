using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Topics;

/// <summary>Looks whether topics can be read: that they are shown does not mean that their records may be fetched.</summary>
internal static class SourceReading
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Why a topic cannot be read; null if it can. Nothing is committed.</summary>
    public static string? Problem(MonitorSettings settings, string topic, int partitions)
    {
        var config = KafkaClients.Unjoined(settings.Client, settings.GroupId);
        config.AutoOffsetReset = AutoOffsetReset.Latest;
        using var consumer = KafkaClients.Build(settings.Client, () => new ConsumerBuilder<Ignore, Ignore>(config)
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, _) => { })
            .Build());
        try
        {
            consumer.Assign(Enumerable.Range(0, partitions).Select(number => new TopicPartitionOffset(topic, number, Offset.End)));
            for (var read = new HashSet<int>(); read.Count < partitions;)
            {
                if (consumer.Consume(Patience) is not { } result) // a record, or that there is none yet: either way it was fetched
                {
                    return string.Create(CultureInfo.InvariantCulture, $"nothing was heard within {Patience.TotalSeconds} s");
                }

                read.Add(result.Partition.Value);
                consumer.Pause([result.TopicPartition]); // else a busy partition is heard for ever, and a silent one waited for as long
            }

            return null;
        }
        catch (KafkaException problem)
        {
            return settings.Client.Secrets.Hide(problem.Error.Text());
        }
        finally
        {
            consumer.Close();
        }
    }
}
