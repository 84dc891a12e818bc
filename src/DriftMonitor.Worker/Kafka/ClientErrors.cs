using Confluent.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>What librdkafka says is wrong with one of our clients: each error is counted, and each trouble logged once.</summary>
/// <remarks>
/// librdkafka repeats itself for every broker and every attempt for as long as a trouble lasts, so one that has not been heard of for
/// <see cref="Over"/> is over, and the next of its kind is another. One thread notes; whether it was fatal may be asked on any.
/// </remarks>
internal sealed class ClientErrors(KafkaClient client, Secrets secrets, KafkaMetrics metrics, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Over = TimeSpan.FromMinutes(1);

    private readonly Dictionary<KafkaErrorKind, long> _lastHeard = [];
    private volatile KafkaException? _fatal;

    public void Note(Error error)
    {
        var kind = error.Kind();
        metrics.CountError(client, kind);
        if (kind == KafkaErrorKind.Fatal)
        {
            _fatal = new KafkaException(new Error(error.Code, DisplayText.Of(secrets.Hide(error.Text())), error.IsFatal));
        }

        if (!_lastHeard.TryGetValue(kind, out var last) || time.GetElapsedTime(last) > Over)
        {
            var text = KafkaErrorKinds.Advice(error.Code) is null ? $"{error.Reason} ({error.Code})" : error.Text();
            var problem = DisplayText.Of(secrets.Hide(text));
            if (kind == KafkaErrorKind.Fatal)
            {
                log.ClientFailed(client.ToString(), problem);
            }
            else
            {
                log.ClientTroubled(client.ToString(), problem);
            }
        }

        _lastHeard[kind] = time.GetTimestamp();
    }

    /// <summary>What librdkafka logs by itself: errors come through <see cref="Note"/> as well.</summary>
    public void Log(LogMessage message)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            log.ClientLogged(message.Facility, DisplayText.Of(secrets.Hide(message.Message)));
        }
    }

    /// <exception cref="KafkaException">The client cannot go on.</exception>
    public void ThrowIfFatal()
    {
        if (_fatal is { } fatal)
        {
            throw fatal;
        }
    }
}
