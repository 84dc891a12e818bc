using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace DriftMonitor.Worker.Tests.Broker;

/// <summary>
/// What real brokers do with their default settings and librdkafka's mock does not, held against every test that could run on a real one:
/// so that it fails here first.
/// </summary>
internal static class RealBrokerRules
{
    /// <summary>The brokers' <c>group.min.session.timeout.ms</c>.</summary>
    public const int MinimumSessionMs = 6_000;

    /// <summary>The setting of a topic that says how far ahead of the brokers' clocks records may be stamped.</summary>
    public const string TimestampAfterMax = "message.timestamp.after.max.ms";

    private const long TimestampAfterMaxMs = 3_600_000;

    /// <summary>Refuses a session that is shorter than brokers allow, unless the test was told to use it.</summary>
    /// <param name="settings"><c>Key=Value</c>, as on a command line.</param>
    public static void CheckSession(IEnumerable<string> settings)
    {
        var values = settings.Select(setting => setting.TrimStart('-').Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1]);
        if (values["Kafka:BootstrapServers"].LastOrDefault() is { } servers
            && DefaultBroker.StandIn(servers) is { } broker
            && int.TryParse(values["Kafka:Client:session.timeout.ms"].LastOrDefault(), CultureInfo.InvariantCulture, out var sessionMs)
            && sessionMs < MinimumSessionMs && !broker.HasTold(sessionMs))
        {
            throw new InvalidOperationException(
                $"session.timeout.ms={sessionMs} is below the {MinimumSessionMs} ms that brokers allow: a real one would answer "
                + $"InvalidSessionTimeout; take {nameof(TestBroker)}.{nameof(TestBroker.SessionTimeoutMs)}");
        }
    }

    /// <summary>Reads all that was produced, by tests and by the monitor, and refuses timestamps that brokers would have refused.</summary>
    public static void CheckTimestamps(string bootstrapServers, IEnumerable<TopicSpecification> topics)
    {
        var partitions = topics
            .Where(topic => !topic.Configs.ContainsKey(TimestampAfterMax))
            .SelectMany(
                topic => Enumerable.Range(0, topic.NumPartitions).Select(
                    partition => new TopicPartitionOffset(topic.Name, partition, Offset.Beginning)))
            .ToList();
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = nameof(RealBrokerRules),
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            FetchWaitMaxMs = 10,
        }).Build();
        consumer.Assign(partitions);
        var latestMs = WallClock.NowMs + TimestampAfterMaxMs;
        for (var ends = 0; ends < partitions.Count;)
        {
            var record = consumer.Consume(Patience.Limit) ?? throw new TimeoutException($"{ends} of {partitions.Count} partitions read");
            if (record.IsPartitionEOF)
            {
                ends++;
            }
            else if (record.Message.Timestamp.UnixTimestampMs > latestMs)
            {
                throw new InvalidOperationException(
                    $"{record.TopicPartitionOffset} is stamped {record.Message.Timestamp.UnixTimestampMs}, over an hour ahead: a real "
                    + $"broker would answer InvalidTimestamp; create the topic with anyTimestamp");
            }
        }
    }
}
