using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>A producer of our own, with its errors. Safe for concurrent use.</summary>
internal abstract class TopicPublisher : IDisposable
{
    private readonly ClientErrors _errors;

    protected TopicPublisher(KafkaConnection connection, KafkaClient client, Action<ProducerConfig>? change = null)
    {
        Log = connection.Logs.CreateLogger(GetType());
        _errors = connection.Errors(client, Log);
        Producer = connection.Producer(_errors, change);
    }

    protected IProducer<byte[], byte[]> Producer { get; }

    protected ILogger Log { get; }

    /// <exception cref="KafkaException">A fatal error: the client cannot go on.</exception>
    public void ThrowIfFatal() => _errors.ThrowIfFatal();

    /// <summary>Waits until everything produced so far is acknowledged or has failed, or the time is over.</summary>
    public void Flush(TimeSpan timeout) => Producer.Flush(timeout);

    public void Dispose() => Producer.Dispose();
}
