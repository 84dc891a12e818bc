using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>A publication on its way: acknowledged when every record of it and of the one before it is; only then may its safe offset be committed.</summary>
/// <remarks>Written by the producer's thread, read by the lane's.</remarks>
internal sealed class PendingPublication(long? safeOffset, int records, PendingPublication? earlier)
{
    private int _left = records;
    private volatile Error? _error;

    public long? SafeOffset => safeOffset;

    /// <summary>Whether every record is acknowledged.</summary>
    /// <exception cref="KafkaException">One could not be delivered: librdkafka has given up retrying.</exception>
    public bool IsAcknowledged =>
        _error is { } error
            ? throw new KafkaException(error)
            : Volatile.Read(ref _left) == 0 && earlier?.IsAcknowledged != false;

    public void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _error = report.Error;
        }

        Interlocked.Decrement(ref _left);
    }
}
