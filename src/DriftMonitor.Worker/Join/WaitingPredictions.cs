using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Join;

/// <summary>Reads the predictions of the partitions whose labels are joined.</summary>
/// <remarks>
/// Stage 1 reads them too. A second time here costs their decoding, and keeps both apart: the join's offsets stand with its data, and one
/// that rebuilds from hours ago delays no window of the outputs.
/// </remarks>
internal sealed class WaitingPredictions(
    MonitorSettings settings,
    PredictionDecoder decoder,
    KafkaConnection connection,
    Action<FeedbackLane, PredictionRecord> onRecord,
    Action<FeedbackLane, LostRecords> onLost)
    : FollowingConsumer<PredictionReader, FeedbackLane>(
        connection,
        KafkaClient.Feedback,
        KafkaClients.Unjoined(
            settings.Client, $"{settings.GroupId}-feedback", settings.ReadsHeaders || settings.Feedback!.Routing is not null),
        settings.Feedback!.PredictionsTopic!,
        new PredictionDeserializer(
            settings with { DeadLetterTopic = null },
            decoder,
            new DecodingFaults(connection.Time, connection.Logs.CreateLogger<WaitingPredictions>()),
            settings.Feedback!.Routing is null ? null : context => RoutedRecord.TopicOf(context.Headers) ?? context.Topic))
{
    protected override void Read(FeedbackLane partition, ConsumeResult<Ignore, PredictionReader> record)
    {
        var source = record.Message.Value;
        partition.LeavePredictionsEnd();
        var rows = settings.Feedback!.Routing is null ? null : RoutedRecord.RowsOf(record.Message.Headers);
        for (var (row, taken) = (0, 0); source.TryNext(); row++)
        {
            if (rows?.Contains(row) == false)
            {
                continue;
            }

            source.Record.Row = taken++; // of those that are joined here the first is 0
            source.Record.Offset = record.Offset;
            source.Record.RecordTimeMs = record.Message.Timestamp.UnixTimestampMs;
            onRecord(partition, source.Record);
        }
    }

    /// <summary>Stage 1 counts it.</summary>
    protected override void CountUnreadable()
    {
    }

    protected override void ReachedEnd(FeedbackLane partition) => partition.ReachPredictionsEnd();

    protected override void NoteLoss(FeedbackLane partition, LostRecords lost) => onLost(partition, lost);

    protected override void Interrupt(FeedbackLane partition) => partition.LeavePredictionsEnd();
}
