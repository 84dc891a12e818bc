using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Reads the calibrations topic. Used by one thread.</summary>
/// <remarks>What retention or compaction has taken is worked out where it is needed.</remarks>
internal sealed class CalibrationReader(
    MonitorSettings settings, int partitions, KeptCalibrations kept, TopicMetrics topic, KafkaConnection connection)
    : WholeTopicReader<CalibrationRecord?>(
        connection, KafkaClient.Calibrations, $"{settings.GroupId}-calibrations", settings.CalibrationsTopic, partitions,
        CalibrationRecord.Deserializer)
{
    private bool _hasToldOfUnreadable;

    protected override void Read(ReadPartition partition, ConsumeResult<Ignore, CalibrationRecord?> record)
    {
        topic.CountConsumed();
        if (record.Message.Value is not { } read || !kept.TryAdd(read.Key, read.Value, record.Message.Timestamp.UnixTimestampMs))
        {
            topic.CountMalformed();
            if (!_hasToldOfUnreadable)
            {
                _hasToldOfUnreadable = true;
                Log.CalibrationUnreadable(record.TopicPartitionOffset.ToString());
            }
        }
    }

    protected override void CountUnreadable() => topic.CountUnreadable();
}
