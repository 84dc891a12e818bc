using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;

namespace DriftMonitor.Worker.Join;

/// <summary>Reads chosen partitions' predictions for the join, without a group: the feedback topic's assignment decides which.</summary>
/// <remarks>
/// Stage 1 reads them too. A second time here costs their decoding, and keeps both apart: the join's offsets stand with its data, and one
/// that rebuilds from hours ago delays no window of the outputs.
/// </remarks>
internal sealed class WaitingPredictions : IDisposable
{
    private const int MaxRecordsAtOnce = 20_000;

    private readonly IConsumer<Ignore, PredictionRecord> _consumer;
    private readonly TopicIds _ids;
    private readonly ClientErrors _errors;
    private readonly LogGaps<PredictionRecord> _gaps;
    private string? _id;

    public WaitingPredictions(MonitorSettings settings, PredictionDecoder decoder, KafkaConnection connection)
    {
        Topic = settings.PredictionTopics.Keys.First();
        _ids = connection.Ids;
        var log = connection.Logs.CreateLogger<WaitingPredictions>();
        _errors = connection.Errors(KafkaClient.Feedback, log);
        var config = KafkaClients.Unjoined(settings.Client, $"{settings.GroupId}-feedback", settings.HasCloudEvents);
        var predictions = new PredictionDeserializer(
            settings with { DeadLetterTopic = null }, decoder, new DecodingFaults(connection.Time, log));
        _consumer = connection.Consumer<PredictionRecord>(config, predictions, predictions, _errors);
        _gaps = connection.Gaps(_consumer, _errors, log);
    }

    public string Topic { get; }

    public void Add(Partition partition, Offset start) => _consumer.IncrementalAssign([new TopicPartitionOffset(Topic, partition, start)]);

    public void Remove(IEnumerable<Partition> partitions)
    {
        var removed = partitions.Select(partition => new TopicPartition(Topic, partition)).ToList();
        removed.ForEach(_gaps.Forget);
        _consumer.IncrementalUnassign(removed);
    }

    /// <summary>What has been fetched, but not endlessly; none is waited for.</summary>
    public void Read(
        IReadOnlyDictionary<Partition, FeedbackLane> lanes,
        Action<FeedbackLane, PredictionRecord> onRecord,
        Action<FeedbackLane, LostRecords> onLost)
    {
        _errors.ThrowIfFatal();
        NoteReplacement();
        _gaps.Bridge();
        try
        {
            for (var records = 0; records < MaxRecordsAtOnce && _consumer.Consume(TimeSpan.Zero) is { } result; records++)
            {
                if (!lanes.TryGetValue(result.Partition, out var lane))
                {
                    continue; // fetched for a lane that is gone by now
                }

                if (_gaps.LostBefore(result) is { } lost)
                {
                    onLost(lane, lost);
                    if (lost.IsAnotherLog)
                    {
                        continue; // it is read anew
                    }
                }

                if (result.IsPartitionEOF)
                {
                    lane.ReachPredictionsEnd();
                    continue;
                }

                var record = result.Message.Value;
                record.Offset = result.Offset;
                record.RecordTimeMs = result.Message.Timestamp.UnixTimestampMs;
                lane.LeavePredictionsEnd();
                onRecord(lane, record);
            }
        }
        catch (ConsumeException problem)
        {
            if (_gaps.Note(problem) && lanes.TryGetValue(problem.ConsumerRecord.Partition, out var stopped))
            {
                stopped.LeavePredictionsEnd();
            }
        }
    }

    private void NoteReplacement()
    {
        if (_ids.Of(Topic) is not { } id || id == _id)
        {
            return;
        }

        foreach (var partition in _id is null ? [] : _consumer.Assignment)
        {
            _gaps.NoteReplacement(partition);
        }

        _id = id;
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }
}
