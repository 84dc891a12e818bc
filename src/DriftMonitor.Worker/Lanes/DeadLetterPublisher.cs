using Confluent.Kafka;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Lanes;

/// <summary>Copies records that count in no window to the dead-letter topic, byte for byte; headers say from where and why.</summary>
/// <remarks>
/// A record may stand there twice after a crash; source topic, partition and offset tell. One that cannot be delivered is counted and given
/// up: it is not worth ending the process, which would read it again and fail again. Safe for concurrent use.
/// </remarks>
internal sealed class DeadLetterPublisher : TopicPublisher
{
    /// <summary>What a broker takes by default, less room for the key and the headers.</summary>
    public const int MaxValueBytes = 900_000;

    private const int MaxKeyBytes = 100_000;
    private const long MaxUnacknowledgedBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan PatienceWithBrokers = TimeSpan.FromMinutes(1);

    private readonly string _topic;
    private long _unacknowledgedBytes;
    private int _failing;

    public DeadLetterPublisher(string topic, KafkaConnection connection)
        : base(connection, KafkaClient.DeadLetters, config =>
        {
            config.EnableIdempotence = false; // neither order nor gaps matter here, and a fatal error would
            config.EnableGaplessGuarantee = false;
            config.MessageTimeoutMs = (int)PatienceWithBrokers.TotalMilliseconds;
        }) => _topic = topic;

    /// <summary>Whether so much is on its way that nothing more should be read until some has arrived.</summary>
    public bool IsFull => Interlocked.Read(ref _unacknowledgedBytes) > MaxUnacknowledgedBytes;

    /// <param name="batch">Told when it is delivered or given up; null for nobody.</param>
    public void Publish(
        TopicPartitionOffset source, long timestampMs, RejectionReason reason, OriginalRecord original, TopicMetrics metrics,
        PendingPublication? batch = null)
    {
        var key = Copy(original.Key, MaxKeyBytes);
        var value = Copy(original.Value, MaxValueBytes);
        var headers = new Headers
        {
            { "driftmonitor.reason", Text(RejectionLabels.Of(reason)) },
            { "driftmonitor.topic", Text(source.Topic) },
            { "driftmonitor.partition", Text(source.Partition.Value) },
            { "driftmonitor.offset", Text(source.Offset.Value) },
            { "driftmonitor.timestamp", Text(timestampMs) },
        };
        if (original.Value.Length > MaxValueBytes)
        {
            headers.Add("driftmonitor.truncated_bytes", Text(original.Value.Length));
        }

        var bytes = key.Length + value.Length;
        batch?.Expect();
        Interlocked.Add(ref _unacknowledgedBytes, bytes);
        try
        {
            Producer.Produce(
                _topic,
                new Message<byte[],
                byte[]>
                { Key = original.HasKey ? key : null!, Value = original.HasValue ? value : null!, Headers = headers },
                report => OnDelivered(report.Error));
        }
        catch (ProduceException<byte[], byte[]> problem)
        {
            OnDelivered(problem.Error);
        }

        void OnDelivered(Error error)
        {
            Interlocked.Add(ref _unacknowledgedBytes, -bytes);
            metrics.CountDeadLetter(delivered: !error.IsError);
            if (Interlocked.Exchange(ref _failing, error.IsError ? 1 : 0) == 0 && error.IsError)
            {
                Log.DeadLettersUndelivered(_topic, DisplayText.Of(error.Reason), error.Code.ToString());
            }

            batch?.OnSettled();
        }
    }

    private static byte[] Copy(ReadOnlySpan<byte> bytes, int most) => bytes[..Math.Min(bytes.Length, most)].ToArray();

    private static byte[] Text(IFormattable value) => Text(value.ToString(null, CultureInfo.InvariantCulture));

    private static byte[] Text(string value) => Encoding.UTF8.GetBytes(value);
}
