using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Writes down what calibrations have worked out. Safe for concurrent use.</summary>
/// <remarks>What cannot be delivered is logged once and given up: it is in use here, and is written again with what is in use.</remarks>
internal sealed class CalibrationPublisher(string topic, KafkaConnection connection)
    : TopicPublisher(connection, KafkaClient.Calibrations, config =>
    {
        config.EnableIdempotence = false; // neither order nor gaps matter here, and a fatal error would
        config.EnableGaplessGuarantee = false;
        config.MessageTimeoutMs = (int)PatienceWithBrokers.TotalMilliseconds;
    })
{
    private static readonly TimeSpan PatienceWithBrokers = TimeSpan.FromMinutes(1);

    private int _failing;

    public void Publish(string key, byte[] value)
    {
        var message = new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(key),
            Value = new CalibrationRecord(key, value).ToBytes(),
        };
        try
        {
            Producer.Produce(topic, message, report => OnDelivered(report.Error));
        }
        catch (ProduceException<byte[], byte[]> problem)
        {
            OnDelivered(problem.Error);
        }
    }

    private void OnDelivered(Error error)
    {
        if (Interlocked.Exchange(ref _failing, error.IsError ? 1 : 0) == 0 && error.IsError)
        {
            Log.CalibrationsUnwritten(topic, DisplayText.Of(error.Reason), error.Code.ToString());
        }
    }
}
