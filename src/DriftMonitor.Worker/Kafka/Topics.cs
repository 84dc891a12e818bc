using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Kafka;

/// <summary>What must be there before the consumers start.</summary>
internal sealed class Topics : IDisposable
{
    private const int MaxLooks = 50;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly MonitorSettings _settings;
    private readonly ILogger _log;
    private readonly IAdminClient _admin;
    private volatile Error? _lastError;

    private Topics(MonitorSettings settings, ILogger log)
    {
        (_settings, _log) = (settings, log);
        _admin = KafkaClients.Build(settings, () =>
            new AdminClientBuilder(KafkaClients.Admin(settings)).SetLogHandler((_, _) => { }).SetErrorHandler((_, error) => Note(error)).Build());
    }

    /// <summary>Checks that the predictions topics exist, makes those of our own that do not, and checks the settings of those that do.</summary>
    /// <returns>How many partitions each topic of our own has.</returns>
    /// <exception cref="InvalidConfigurationException">librdkafka refuses the properties under Kafka:Client, or a topic of our own would lose data.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or a topic is missing and cannot be made.</exception>
    public static async Task<IReadOnlyDictionary<string, int>> EnsureAsync(MonitorSettings settings, ILogger log)
    {
        using var topics = new Topics(settings, log);
        return await topics.EnsureAsync(Own(settings));
    }

    public void Dispose() => _admin.Dispose();

    private static OwnTopic[] Own(MonitorSettings settings) =>
    [
        // Windows are rebuilt from this topic, so it must hold the longest one and a margin.
        new("Kafka:PanesTopic", settings.PanesTopic, settings.PanesPartitions, PaneCodec.MaxBytes, (settings.Plan.Windows.Max(w => w.LengthMs) * 5 / 4) + 3_600_000),
    ];

    private async Task<IReadOnlyDictionary<string, int>> EnsureAsync(OwnTopic[] own)
    {
        var present = Look();
        foreach (var topic in _settings.PredictionTopics.Keys)
        {
            if (!present.ContainsKey(topic))
            {
                throw new KafkaException(new Error(
                    ErrorCode.UnknownTopicOrPart, $"topic {topic} (Kafka:PredictionTopics) does not exist on {_settings.BootstrapServers}, or may not be seen: create it, its producers own its settings"));
            }
        }

        var there = own.Where(topic => present.ContainsKey(topic.Name)).ToList();
        foreach (var topic in own.Except(there))
        {
            if (!await MadeAsync(topic))
            {
                there.Add(topic); // another replica, started together with this one, was quicker
            }
        }

        await CheckAsync(there);
        return own.ToDictionary(topic => topic.Name, topic => there.Contains(topic) ? PartitionsOf(topic) : topic.Partitions, StringComparer.Ordinal);
    }

    private async Task<bool> MadeAsync(OwnTopic topic)
    {
        const int brokersDefault = -1;
        try
        {
            await _admin.CreateTopicsAsync(
                [new TopicSpecification { Name = topic.Name, NumPartitions = topic.Partitions, ReplicationFactor = brokersDefault, Configs = new Dictionary<string, string>(topic.Settings) }],
                new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout });
            _log.LogInformation("made topic {Topic} with {Partitions} partitions", topic.Name, topic.Partitions);
            return true;
        }
        catch (CreateTopicsException problem) when (problem.Results.All(result => result.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            return false;
        }
        catch (KafkaException problem)
        {
            var reason = (problem as CreateTopicsException)?.Results[0].Error ?? problem.Error;
            throw new KafkaException(new Error(reason.Code, $"topic {topic.Name} ({topic.Key}) does not exist on {_settings.BootstrapServers} and cannot be made ({reason.Reason})"));
        }
    }

    /// <summary>Not every broker answers, and not to everybody: then the topics' settings are for whoever made them to see to.</summary>
    private async Task CheckAsync(List<OwnTopic> topics)
    {
        var problems = new List<string>();
        foreach (var topic in topics)
        {
            if (await SettingsOfAsync(topic) is { } present)
            {
                problems.AddRange(topic.Problems(present));
            }
        }

        if (problems.Count > 0)
        {
            throw new InvalidConfigurationException(problems);
        }
    }

    private async Task<Dictionary<string, string>?> SettingsOfAsync(OwnTopic topic)
    {
        try
        {
            // About a broker too: that sends the request to this broker, where otherwise it would wait for the controller,
            // and that for ever when there is none to be reached, as with the embedded broker.
            var broker = _admin.GetMetadata(Timeout).Brokers.First().BrokerId;
            var results = await _admin.DescribeConfigsAsync(
                [
                    new ConfigResource { Type = ResourceType.Broker, Name = FormattableString.Invariant($"{broker}") },
                    new ConfigResource { Type = ResourceType.Topic, Name = topic.Name },
                ],
                new DescribeConfigsOptions { RequestTimeout = Timeout });
            return Of(results.Select(result => (result.ConfigResource, result.Entries)));
        }
        catch (DescribeConfigsException partly) when (partly.Results.Any(result => result.ConfigResource.Type == ResourceType.Topic && !result.Error.IsError))
        {
            return Of(partly.Results.Select(result => (result.ConfigResource, result.Entries))); // of the broker we may not be told, and need not
        }
        catch (KafkaException problem)
        {
            var reason = (problem as DescribeConfigsException)?.Results.First(result => result.Error.IsError).Error ?? problem.Error;
            _log.LogInformation("the settings of topic {Topic} cannot be checked: {Reason}", topic.Name, reason.Reason);
            return null;
        }

        static Dictionary<string, string> Of(IEnumerable<(ConfigResource Resource, Dictionary<string, ConfigEntryResult> Entries)> results) =>
            results.Single(result => result.Resource.Type == ResourceType.Topic).Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Value, StringComparer.Ordinal);
    }

    private int PartitionsOf(OwnTopic topic)
    {
        for (var looks = 0; looks < MaxLooks; looks++) // one that another replica has just made is not known to every broker at once
        {
            if (Look().TryGetValue(topic.Name, out var partitions))
            {
                if (partitions != topic.Partitions)
                {
                    _log.LogInformation(
                        "topic {Topic} has {Partitions} partitions, which holds, and not the {Configured} of {Key}", topic.Name, partitions, topic.Partitions, $"{topic.Key[..^"Topic".Length]}Partitions");
                }

                return partitions;
            }
        }

        throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"topic {topic.Name} ({topic.Key}) exists already, but {_settings.BootstrapServers} does not show it yet"));
    }

    /// <summary>The topics that there are, and how many partitions each has.</summary>
    /// <remarks>All of them: to ask for one by its name would make it, as the brokers make topics, wherever they make topics by themselves.</remarks>
    private Dictionary<string, int> Look()
    {
        try
        {
            return _admin.GetMetadata(Timeout).Topics.Where(topic => topic.Partitions.Count > 0).ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count, StringComparer.Ordinal);
        }
        catch (KafkaException problem)
        {
            var error = _lastError ?? problem.Error;
            throw new KafkaException(new Error(
                error.Code, FormattableString.Invariant($"Kafka:BootstrapServers = '{_settings.BootstrapServers}': nothing was heard within {Timeout.TotalSeconds} s ({_settings.Secrets.Hide(error.Reason)})")));
        }
    }

    /// <summary>Why nothing is heard: what a broker said counts for more than that none is there any more.</summary>
    private void Note(Error error)
    {
        if (error.Code != ErrorCode.Local_AllBrokersDown)
        {
            _lastError = error;
        }
    }
}
