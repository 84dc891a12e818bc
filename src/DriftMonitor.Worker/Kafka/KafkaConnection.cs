using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>What the clients of all stages share: how they reach the brokers, and where what befalls them is counted and logged.</summary>
/// <param name="AllowedSkewMs">How far ahead of our clock a record's timestamp may be, to be believed.</param>
internal sealed record KafkaConnection(
    ClientSettings Settings, long AllowedSkewMs, KafkaMetrics Metrics, TimeProvider Time, ILoggerFactory Logs)
{
    /// <summary>The ids of the topics that are read.</summary>
    public TopicIds Ids { get; init; } = TopicIds.None;

    public ClientErrors Errors(KafkaClient client, ILogger log) => new(client, Settings.Secrets, Metrics, Time, log);

    public LogGaps<TValue> Gaps<TValue>(IConsumer<Ignore, TValue> consumer, ClientErrors errors, ILogger log) =>
        new(consumer, AllowedSkewMs, Ids, errors, Metrics, Time, log);

    /// <exception cref="InvalidClientException">librdkafka refuses the properties under Kafka:Client.</exception>
    public IProducer<byte[], byte[]> Producer(ClientErrors errors, Action<ProducerConfig>? change = null)
    {
        var config = KafkaClients.Producer(Settings);
        change?.Invoke(config);
        return KafkaClients.Build(Settings, () => new ProducerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => errors.Note(error))
            .SetLogHandler((_, message) => errors.Log(message))
            .Build());
    }

    /// <param name="values">Reads values, and keys too if it can.</param>
    /// <exception cref="InvalidClientException">librdkafka refuses the properties under Kafka:Client.</exception>
    public IConsumer<Ignore, TValue> Consumer<TValue>(
        ConsumerConfig config,
        IDeserializer<TValue> values,
        ClientErrors errors,
        Func<ConsumerBuilder<Ignore, TValue>, ConsumerBuilder<Ignore, TValue>>? withHandlers = null)
    {
        var builder = new ConsumerBuilder<Ignore, TValue>(config)
            .SetKeyDeserializer(values as IDeserializer<Ignore> ?? Deserializers.Ignore)
            .SetValueDeserializer(values)
            .SetErrorHandler((_, error) => errors.Note(error))
            .SetLogHandler((_, message) => errors.Log(message));
        return KafkaClients.Build(Settings, (withHandlers?.Invoke(builder) ?? builder).Build);
    }
}
