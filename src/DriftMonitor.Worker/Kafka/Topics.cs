using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Kafka;

/// <summary>What must be there before the consumers start.</summary>
internal static class Topics
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>Checks that the predictions topics exist and makes the panes topic when it does not.</summary>
    /// <returns>How many partitions the panes topic has.</returns>
    /// <exception cref="InvalidConfigurationException">librdkafka refuses the properties under Kafka:Client.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or a topic is missing and cannot be made.</exception>
    public static async Task<int> EnsureAsync(MonitorSettings settings, ILogger log)
    {
        using var admin = Admin(settings);
        foreach (var topic in settings.PredictionTopics.Keys)
        {
            if (PartitionsOf(admin, topic, settings) == 0)
            {
                throw new KafkaException(new Error(
                    ErrorCode.UnknownTopicOrPart, $"topic {topic} (Kafka:PredictionTopics) does not exist on {settings.BootstrapServers}: create it, its producers own its settings"));
            }
        }

        var partitions = PartitionsOf(admin, settings.PanesTopic, settings);
        if (partitions == 0)
        {
            try
            {
                await admin.CreateTopicsAsync([PanesTopic(settings)]);
                log.LogInformation("made topic {Topic} with {Partitions} partitions", settings.PanesTopic, settings.PanesPartitions);
                partitions = settings.PanesPartitions;
            }
            catch (CreateTopicsException problem) when (problem.Results.All(result => result.Error.Code == ErrorCode.TopicAlreadyExists))
            {
                partitions = PartitionsOf(admin, settings.PanesTopic, settings); // another replica, started together with this one, was quicker
            }
        }

        return partitions;
    }

    private static TopicSpecification PanesTopic(MonitorSettings settings) => new()
    {
        Name = settings.PanesTopic,
        NumPartitions = settings.PanesPartitions,
        ReplicationFactor = -1, // the brokers' default
        Configs = new Dictionary<string, string>
        {
            // Windows are rebuilt from this topic, so it must hold the longest one and a margin.
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = (settings.Plan.Windows.Max(w => w.LengthMs) * 5 / 4 + 3_600_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
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
