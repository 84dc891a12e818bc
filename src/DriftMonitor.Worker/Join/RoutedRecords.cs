using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Join;

/// <summary>Publishes what is routed. Used by one thread, aside from deliveries.</summary>
/// <remarks>
/// A copy that the brokers refuse for good is told and given up: it is not worth ending the process, which would fail again.
/// </remarks>
internal sealed class RoutedRecords(KafkaConnection connection)
    : TopicPublisher(connection, KafkaClient.Routing, config => config.EnableGaplessGuarantee = false)
{
    private const long MaxUnacknowledgedBytes = 32 * 1024 * 1024;

    private long _unacknowledged;
    private long _unacknowledgedBytes;
    private int _failing;

    /// <summary>Whether everything so far has arrived, or can never.</summary>
    public bool IsSettled => Interlocked.Read(ref _unacknowledged) == 0;

    /// <summary>Whether so much is on its way that nothing more should be read until some has arrived.</summary>
    public bool IsFull => Interlocked.Read(ref _unacknowledgedBytes) > MaxUnacknowledgedBytes;

    /// <param name="onGivenUp">Called, on any thread, when the copy will never arrive.</param>
    public void Publish(TopicPartition to, Message<byte[], byte[]> message, Action<Error> onGivenUp)
    {
        var bytes = (message.Key?.Length ?? 0) + (message.Value?.Length ?? 0);
        Interlocked.Increment(ref _unacknowledged);
        Interlocked.Add(ref _unacknowledgedBytes, bytes);
        try
        {
            Producer.Produce(to, message, report => OnDelivered(report.Error));
        }
        catch (ProduceException<byte[], byte[]> problem)
        {
            OnDelivered(problem.Error);
        }

        void OnDelivered(Error error)
        {
            Interlocked.Add(ref _unacknowledgedBytes, -bytes);
            if (Interlocked.Exchange(ref _failing, error.IsError ? 1 : 0) == 0 && error.IsError)
            {
                Log.RecordsUnrouted(to.Topic, DisplayText.Of(error.Reason), error.Code.ToString());
            }

            if (error.IsError)
            {
                onGivenUp(error);
            }

            Interlocked.Decrement(ref _unacknowledged);
        }
    }
}
