using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Kafka;

/// <summary>What must be there before the consumers start.</summary>
internal static class Topics
{
    private const int DeadLetterPartitions = 4;
    private const long PanesRetentionMs = 6 * 3_600_000;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>Checks that the predictions topics exist and makes the panes topic when it does not.</summary>
    /// <returns>The partitions that there are.</returns>
    /// <exception cref="InvalidConfigurationException">librdkafka refuses the properties under Kafka:Client.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or a topic is missing and cannot be made.</exception>
    public static async Task<TopicLayout> EnsureAsync(MonitorSettings settings, ILogger log)
    {
        using var admin = Admin(settings);
        var sources = new List<TopicPartition>();
        foreach (var topic in settings.PredictionTopics.Keys)
        {
            var partitions = PartitionsOf(admin, topic, settings);
            if (partitions == 0)
            {
                throw new KafkaException(new Error(
                    ErrorCode.UnknownTopicOrPart, $"topic {topic} (Kafka:PredictionTopics) does not exist on {settings.BootstrapServers}: create it, its producers own its settings"));
            }

            sources.AddRange(Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition)));
        }

        var panes = await EnsureAsync(admin, PanesTopic(settings), settings, log);
        var rollups = await EnsureAsync(admin, RollupsTopic(settings, panes), settings, log);
        if (rollups < panes)
        {
            throw new KafkaException(new Error(
                ErrorCode.InvalidPartitions,
                FormattableString.Invariant($"topic {settings.RollupsTopic} has {rollups} partitions and {settings.PanesTopic} {panes}: it must have as many, delete it or add to it")));
        }

        if (settings.DeadLetterTopic is { } deadLetters)
        {
            await EnsureAsync(admin, new TopicSpecification { Name = deadLetters, NumPartitions = DeadLetterPartitions, ReplicationFactor = -1 }, settings, log);
        }

        return new TopicLayout(sources, panes);
    }

    /// <summary>Makes a topic when it does not exist, and tells how many partitions it has.</summary>
    private static async Task<int> EnsureAsync(IAdminClient admin, TopicSpecification topic, MonitorSettings settings, ILogger log)
    {
        var partitions = PartitionsOf(admin, topic.Name, settings);
        if (partitions > 0)
        {
            return partitions;
        }

        try
        {
            await admin.CreateTopicsAsync([topic]);
            log.LogInformation("made topic {Topic} with {Partitions} partitions", topic.Name, topic.NumPartitions);
            return topic.NumPartitions;
        }
        catch (CreateTopicsException problem) when (problem.Results.All(result => result.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            return PartitionsOf(admin, topic.Name, settings); // another replica, started together with this one, was quicker
        }
    }

    private static string Milliseconds(long ms) => ms.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static TopicSpecification PanesTopic(MonitorSettings settings) => new()
    {
        Name = settings.PanesTopic,
        NumPartitions = settings.PanesPartitions,
        ReplicationFactor = -1, // the brokers' default
        Configs = new Dictionary<string, string>
        {
            // Read again by a successor until its panes have settled, which takes as long as the slowest source partition does.
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = Milliseconds(PanesRetentionMs),
            ["segment.ms"] = Milliseconds(PanesRetentionMs / 6), // only whole segments are dropped
        },
    };

    private static TopicSpecification RollupsTopic(MonitorSettings settings, int partitions) => new()
    {
        Name = settings.RollupsTopic,
        NumPartitions = partitions,
        ReplicationFactor = -1,
        Configs = new Dictionary<string, string>
        {
            // Compaction leaves what the windows reach back; retention takes what series that are gone have left. Segments are short, since the
            // last is never compacted and a successor must read it all; whoever misses a null sees an old pane, which it does not need.
            ["cleanup.policy"] = "compact,delete",
            ["retention.ms"] = Milliseconds(settings.Plan.SilenceMs + 86_400_000),
            ["segment.ms"] = Milliseconds(10 * 60_000),
            ["min.cleanable.dirty.ratio"] = "0.2",
            ["delete.retention.ms"] = Milliseconds(60_000),
        },
    };

    private static IAdminClient Admin(MonitorSettings settings)
    {
        try
        {
            return new AdminClientBuilder(KafkaClients.Admin(settings)).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        }
        catch (Exception problem) when (problem is ArgumentException or InvalidOperationException)
        {
            // Each property was asked about alone; this is what librdkafka says to all of them together: a certificate that it cannot read, say.
            throw new InvalidConfigurationException([$"Kafka:Client: {Words.Of(problem)}"]);
        }
    }

    private static int PartitionsOf(IAdminClient admin, string topic, MonitorSettings settings)
    {
        TopicMetadata metadata;
        try
        {
            metadata = admin.GetMetadata(topic, Timeout).Topics.Single();
        }
        catch (KafkaException problem)
        {
            throw new KafkaException(new Error(
                problem.Error.Code,
                FormattableString.Invariant($"Kafka:BootstrapServers = '{settings.BootstrapServers}': nothing was heard of topic {topic} within {Timeout.TotalSeconds} s ({problem.Error.Reason})")));
        }

        return metadata.Error.Code switch
        {
            ErrorCode.NoError => metadata.Partitions.Count,
            ErrorCode.UnknownTopicOrPart => 0,
            _ => throw new KafkaException(metadata.Error),
        };
    }
}
