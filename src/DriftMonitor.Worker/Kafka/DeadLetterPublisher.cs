using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Copies records that count in no window to the dead-letter topic, byte for byte, with where they came from and why in headers.</summary>
/// <remarks>
/// A record may stand there twice after a crash; source topic, partition and offset tell. One that cannot be delivered is counted and given
/// up: it is not worth ending the process, which would read it again and fail again. Used by one thread.
/// </remarks>
internal sealed class DeadLetterPublisher : IDisposable
{
    /// <summary>What a broker takes by default, less room for the key and the headers.</summary>
    public const int MaxValueBytes = 900_000;

    private const int MaxKeyBytes = 100_000;
    private const long MaxUnacknowledgedBytes = 64 * 1024 * 1024;

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly string _topic;
    private readonly ILogger<DeadLetterPublisher> _log;
    private long _unacknowledgedBytes;
    private int _failing;

    public DeadLetterPublisher(MonitorSettings settings, string topic, ILogger<DeadLetterPublisher> log)
    {
        _topic = topic;
        _log = log;
        _producer = new ProducerBuilder<byte[]?, byte[]?>(KafkaClients.Producer(settings))
            .SetErrorHandler((_, error) => log.LogWarning("Kafka producer: {Reason} ({Code})", error.Reason, error.Code))
            .SetLogHandler((_, message) => log.LogDebug("librdkafka {Facility}: {Message}", message.Facility, message.Message))
            .Build();
    }

    /// <summary>Whether so much is on its way that nothing more should be read for now.</summary>
    public bool IsFull => Interlocked.Read(ref _unacknowledgedBytes) > MaxUnacknowledgedBytes;

    public void Publish(PredictionLane lane, PredictionRecord record, RejectionReason reason, PredictionDeserializer original)
    {
        var key = Copy(original.Key, MaxKeyBytes);
        var value = Copy(original.Value, MaxValueBytes);
        var headers = new Headers
        {
            { "driftmonitor.reason", Text(RejectionLabels.Of(reason)) },
            { "driftmonitor.topic", Text(lane.Partition.Topic) },
            { "driftmonitor.partition", Text(lane.Partition.Partition.Value) },
            { "driftmonitor.offset", Text(record.Offset) },
            { "driftmonitor.timestamp", Text(record.RecordTimeMs) },
        };
        if (original.Value.Length > MaxValueBytes)
        {
            headers.Add("driftmonitor.truncated_bytes", Text(original.Value.Length));
        }

        var bytes = (key?.Length ?? 0) + (value?.Length ?? 0);
        var batch = lane.DeadLetters;
        batch.Expect();
        Interlocked.Add(ref _unacknowledgedBytes, bytes);
        try
        {
            _producer.Produce(
                _topic,
                new Message<byte[]?, byte[]?> { Key = original.HasKey ? key : null, Value = original.HasValue ? value : null, Headers = headers },
                report => OnDelivered(report.Error));
        }
        catch (ProduceException<byte[]?, byte[]?> problem)
        {
            OnDelivered(problem.Error);
        }

        void OnDelivered(Error error)
        {
            Interlocked.Add(ref _unacknowledgedBytes, -bytes);
            lane.Metrics.CountDeadLetter(delivered: !error.IsError);
            if (Interlocked.Exchange(ref _failing, error.IsError ? 1 : 0) == 0 && error.IsError)
            {
                _log.LogError("dead letters cannot be delivered to {Topic}: {Reason} ({Code}); they are counted and given up", _topic, error.Reason, error.Code);
            }

            batch.OnSettled();
        }
    }

    /// <summary>Waits until everything is delivered or given up, or the time is over.</summary>
    public void Flush(TimeSpan timeout) => _producer.Flush(timeout);

    public void Dispose() => _producer.Dispose();

    private static byte[] Copy(ReadOnlySpan<byte> bytes, int most) => bytes[..Math.Min(bytes.Length, most)].ToArray();

    private static byte[] Text(IFormattable value) => Text(value.ToString(null, CultureInfo.InvariantCulture));

    private static byte[] Text(string value) => Encoding.UTF8.GetBytes(value);
}
