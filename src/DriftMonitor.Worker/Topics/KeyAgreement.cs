using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Topics;

/// <summary>Looks whether labels are in the partitions of their predictions, by the last records of both topics.</summary>
internal static class KeyAgreement
{
    private const int RecordsOfPartition = 200;
    private const int MaxPartitions = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What is wrong and what to do; null when nothing is, or nothing can be told.</summary>
    /// <param name="partitions">How many partitions both topics have.</param>
    public static string? Problem(MonitorSettings settings, int partitions)
    {
        if (settings.Feedback is not { Routing: null, PredictionsTopic: { } predictions } feedback)
        {
            return null;
        }

        try
        {
            var config = KafkaClients.Unjoined(settings.Client, settings.GroupId, withHeaders: true);
            config.AutoOffsetReset = AutoOffsetReset.Latest; // a partition whose last records go meanwhile has nothing to say
            using var consumer = KafkaClients.Build(settings.Client, () => new ConsumerBuilder<byte[], byte[]>(config)
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, _) => { })
                .Build());
            var (labelled, isElsewhere) = Compare(consumer, settings, feedback, predictions, Math.Min(partitions, MaxPartitions));
            consumer.Close();
            return 2 * isElsewhere <= labelled ? null : string.Create(
                CultureInfo.InvariantCulture,
                $"{feedback.Source.Setting} = '{feedback.Topic}': of {labelled} labels whose predictions are among the last records of "
                + $"{predictions}, {isElsewhere} are in a partition of another number, where they will not be found: give both producers "
                + $"the same record key (the id, say) and the same partitioner, or set Feedback:Repartition=true");
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return null; // nothing is told; what stands in the way is told by whoever cannot do without
        }
    }

    private static (int Labelled, int Elsewhere) Compare(
        IConsumer<byte[], byte[]> consumer, MonitorSettings settings, FeedbackSettings feedback, string predictions, int partitions)
    {
        var none = new WatchedModels(maxModels: 1, maxSegmentsPerModel: 0, acceptUnknown: false);
        var decoder = new PredictionDecoder(none, settings.Limits);
        var reader = new PredictionReader(settings.Predictions[predictions], decoder, settings.MaxRecordBytes);
        var labels = new LabelReader(
            feedback.Source, new FeedbackJsonDecoder(decoder, settings.Limits, feedback.Source.Model, feedback.Source.Format.Times),
            settings.MaxRecordBytes);
        var partitionOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var read in LastOf(consumer, predictions, partitions))
        {
            var record = new RecordedPrediction(read.Message.Value, read.Topic, read.Offset)
            {
                IsNull = read.Message.Value is null,
                Key = read.Message.Key,
                Headers = read.Message.Headers,
            };
            reader.Survey(record, (_, id, _, _) =>
            {
                if (!id.IsEmpty)
                {
                    partitionOf[id.ToString()] = read.Partition.Value;
                }
            });
        }

        var (labelled, elsewhere) = (0, 0);
        foreach (var read in partitionOf.Count == 0 ? [] : LastOf(consumer, feedback.Topic, partitions))
        {
            foreach (var label in labels.Read(read.Message.Value, read.Message.Value is null, read.Message.Headers, read.Message.Key))
            {
                if (label.Id is { } id && partitionOf.TryGetValue(id, out var partition))
                {
                    labelled++;
                    elsewhere += partition == read.Partition.Value ? 0 : 1;
                }
            }
        }

        return (labelled, elsewhere);
    }

    private static IEnumerable<ConsumeResult<byte[], byte[]>> LastOf(IConsumer<byte[], byte[]> consumer, string topic, int partitions)
    {
        var starts = new List<TopicPartitionOffset>();
        for (var partition = 0; partition < partitions; partition++)
        {
            var marks = consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), Patience);
            if (marks.High > marks.Low)
            {
                starts.Add(new TopicPartitionOffset(topic, partition, Math.Max(marks.Low, marks.High - RecordsOfPartition)));
            }
        }

        consumer.Assign(starts);
        var left = (long)starts.Count * RecordsOfPartition; // a topic that grows as fast as it is read has no end
        for (var reading = starts.Count; reading > 0 && left > 0 && consumer.Consume(Patience) is { } result; left--)
        {
            if (result.IsPartitionEOF)
            {
                reading--;
            }
            else
            {
                yield return result;
            }
        }
    }
}
