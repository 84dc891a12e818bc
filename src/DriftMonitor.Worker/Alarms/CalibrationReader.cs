using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Reads the calibrations topic from its beginning, and follows it. Used by one thread.</summary>
internal sealed class CalibrationReader : FollowingConsumer<CalibrationRecord?, CalibrationReader.ReadPartition>
{
    private readonly KeptCalibrations _kept;
    private readonly TopicMetrics _topic;
    private readonly List<ReadPartition> _logs = [];
    private bool _hasToldOfUnreadable;

    public CalibrationReader(
        MonitorSettings settings, int partitions, KeptCalibrations kept, TopicMetrics topic, KafkaConnection connection)
        : base(
            connection, KafkaClient.Calibrations, KafkaClients.Unjoined(settings.Client, $"{settings.GroupId}-calibrations"),
            settings.CalibrationsTopic, CalibrationRecord.Deserializer)
    {
        (_kept, _topic) = (kept, topic);
        for (var number = 0; number < partitions; number++)
        {
            _logs.Add(new ReadPartition());
            Add(number, Offset.Beginning, _logs[number]);
        }
    }

    /// <summary>Whether all that was there at the start has been read.</summary>
    public bool HasReachedEnd => _logs.TrueForAll(log => log.HasReachedEnd);

    protected override void Read(ReadPartition partition, ConsumeResult<Ignore, CalibrationRecord?> record)
    {
        _topic.CountConsumed();
        if (record.Message.Value is not { } read || !_kept.TryAdd(read.Key, read.Value, record.Message.Timestamp.UnixTimestampMs))
        {
            _topic.CountMalformed();
            if (!_hasToldOfUnreadable)
            {
                _hasToldOfUnreadable = true;
                Log.LogWarning(
                    "{Record} cannot be read, and is of a newer version or of another program: what it may hold is worked out here",
                    record.TopicPartitionOffset);
            }
        }
    }

    protected override void CountUnreadable() => _topic.CountUnreadable();

    protected override void ReachedEnd(ReadPartition partition) => partition.HasReachedEnd = true;

    /// <summary>What retention or compaction has taken is worked out where it is needed.</summary>
    protected override void NoteLoss(ReadPartition partition, LostRecords lost)
    {
        // nothing follows from it
    }

    /// <summary>How far a partition was read.</summary>
    internal sealed class ReadPartition
    {
        public bool HasReachedEnd { get; set; }
    }
}
