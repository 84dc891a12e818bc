using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Wire;

/// <summary>
/// Records on their way: acknowledged when every one of them and of what must come before is; only then may the safe offset be committed.
/// </summary>
/// <remarks>Written by the producers' threads, read by the lane's.</remarks>
internal sealed class PendingPublication(long? safeOffset, int records, params PendingPublication[] before)
{
    private int _left = records;
    private volatile Error? _error;

    public long? SafeOffset => safeOffset;

    /// <summary>Whether every record is acknowledged.</summary>
    public bool IsAcknowledged => _error is null && Volatile.Read(ref _left) == 0 && before.All(earlier => earlier.IsAcknowledged);

    /// <summary>Why one could not be delivered, after librdkafka has given up retrying; null when none has failed.</summary>
    public KafkaException? Failure => _error is { } error
        ? new KafkaException(new Error(error.Code, error.Text()))
        : before.Select(earlier => earlier.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>One record more is on its way.</summary>
    public void Expect() => Interlocked.Increment(ref _left);

    /// <summary>One record has arrived, or is given up.</summary>
    public void OnSettled() => Interlocked.Decrement(ref _left);

    public void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _error = report.Error;
        }

        OnSettled();
    }
}
