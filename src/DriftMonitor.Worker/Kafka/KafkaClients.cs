using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>The librdkafka properties of our clients: what the design needs, then whatever the user passes through.</summary>
internal static class KafkaClients
{
    /// <summary>The largest record that our topics take, key and framing included.</summary>
    public const int MaxMessageBytes = 8 * 1024 * 1024;

    /// <summary>A consumer that commits only what is stored, if anything, and tells when it reaches a partition's end.</summary>
    public static ConsumerConfig Consumer(ClientSettings settings, string groupId, bool commits = true, bool withHeaders = false)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = settings.BootstrapServers,
            GroupId = groupId,
            EnableAutoOffsetStore = false,
            ConsumeResultFields = withHeaders ? "timestamp,topic,headers" : "timestamp,topic", // each costs an allocation a record
            EnableAutoCommit = commits,
            AutoCommitIntervalMs = 1_000,
            EnablePartitionEof = true,
            QueuedMaxMessagesKbytes = 8 * 1024, // bounds what is fetched ahead of us; librdkafka's default is 64 MB
            FetchQueueBackoffMs = 10, // when full, looks again soon: the default second held a backlog at 88,000 events/s, now at 500,000
            FetchWaitMaxMs = 100,
            AllowAutoCreateTopics = false,
            AutoOffsetReset = AutoOffsetReset.Error, // where to read on when an offset is gone is for LogGaps to decide
        };
        if (settings.Properties.GetValueOrDefault("group.protocol") != "consumer")
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky; // KIP-848 leaves it to the broker
        }

        return With(settings, config);
    }

    /// <summary>A consumer that never joins a group: its partitions are assigned by hand.</summary>
    public static ConsumerConfig Unjoined(ClientSettings settings, string groupId, bool withHeaders = false)
    {
        var config = Consumer(settings, groupId, commits: false, withHeaders);
        config.GroupInstanceId = null;
        config.PartitionAssignmentStrategy = null;
        return config;
    }

    public static ProducerConfig Producer(ClientSettings settings) => With(settings, new ProducerConfig
    {
        BootstrapServers = settings.BootstrapServers,
        EnableIdempotence = true, // keeps the order of registers and progress in a partition through retries
        EnableGaplessGuarantee = true, // and leaves none out: progress without the registers before it would be a lie
        LingerMs = 5,
        CompressionType = CompressionType.Lz4,
        MessageMaxBytes = MaxMessageBytes,
        MessageTimeoutMs = 0, // tried for ever: giving a record up would end the process, again and again while the brokers are down
        Partitioner = Partitioner.Murmur2, // the Java clients' choice, so that other readers of the topic agree
        QueueBufferingMaxMessages = 0, // a publication is bounded by the caps on series; one at a time per lane is in flight
    });

    public static AdminClientConfig Admin(ClientSettings settings) =>
        With(settings, new AdminClientConfig { BootstrapServers = settings.BootstrapServers });

    /// <summary>Builds a client.</summary>
    /// <exception cref="InvalidClientException">librdkafka refuses the properties under Kafka:Client.</exception>
    public static T Build<T>(ClientSettings settings, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception problem) when (problem is ArgumentException or InvalidOperationException)
        {
            // Each property was asked about alone; this is what librdkafka says to all of them together: a certificate that it cannot read,
            // say.
            throw new InvalidClientException($"Kafka:Client: {settings.Secrets.Hide(ErrorText.Of(problem))}");
        }
    }

    /// <summary>What librdkafka says of the properties together, those of a consumer and those of a producer. Nobody is asked.</summary>
    public static IReadOnlyList<string> Problems(ClientSettings settings, string groupId)
    {
        var consumer = Alone(Consumer(settings, groupId));
        var producer = Alone(Producer(settings));
        return
        [
            .. Problem(() => new ConsumerBuilder<Ignore, Ignore>(consumer).SetLogHandler((_, _) => { }).Build())
                .Concat(Problem(() => new ProducerBuilder<Null, Null>(producer).SetLogHandler((_, _) => { }).Build()))
                .Distinct(),
        ];

        IEnumerable<string> Problem(Func<IClient> build)
        {
            try
            {
                Build(settings, build).Dispose();
                return [];
            }
            catch (InvalidClientException problem)
            {
                return [problem.Message];
            }
        }
    }

    /// <summary>Without what a client asks as soon as it is built: brokers and an identity provider.</summary>
    private static T Alone<T>(T config)
        where T : ClientConfig
    {
        config.BootstrapServers = null;
        if (config.SaslOauthbearerMethod == SaslOauthbearerMethod.Oidc)
        {
            (config.SaslOauthbearerMethod, config.SaslMechanism) = (null, null);
            config.SecurityProtocol =
                config.SecurityProtocol == SecurityProtocol.SaslSsl ? SecurityProtocol.Ssl : SecurityProtocol.Plaintext;
        }

        return config;
    }

    private static T With<T>(ClientSettings settings, T config)
        where T : ClientConfig
    {
        foreach (var (key, value) in settings.Properties)
        {
            config.Set(key, value);
        }

        return config;
    }
}
