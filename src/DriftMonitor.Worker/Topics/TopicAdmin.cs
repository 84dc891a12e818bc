using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Topics;

/// <summary>Asks the brokers about topics, and makes them.</summary>
internal sealed class TopicAdmin : IDisposable
{
    private const int MaxLooks = 50;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ControllerTimeout = TimeSpan.FromSeconds(2); // the brokers have answered already
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly ClientSettings _client;
    private readonly Func<ILogger> _log;
    private readonly IAdminClient _admin;
    private volatile Error? _lastError;
    private Task<bool>? _hasController;

    /// <param name="client">The brokers and how to reach them.</param>
    /// <param name="log">Made when there is something to write.</param>
    public TopicAdmin(ClientSettings client, Func<ILogger> log)
    {
        (_client, _log) = (client, log);
        _admin = KafkaClients.Build(client, () =>
            new AdminClientBuilder(KafkaClients.Admin(client))
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, error) => Note(error))
                .Build());
    }

    /// <summary>The topics that there are, and how many partitions each has.</summary>
    /// <remarks>All of them: asking for one by name would create it where the brokers create topics by themselves.</remarks>
    public Dictionary<string, int> Look()
    {
        try
        {
            return _admin.GetMetadata(Timeout).Topics.Where(topic => topic.Partitions.Count > 0).ToDictionary(
                topic => topic.Topic, topic => topic.Partitions.Count, StringComparer.Ordinal);
        }
        catch (KafkaException problem)
        {
            var error = _lastError ?? problem.Error;
            throw new KafkaException(new Error(
                error.Code,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Kafka:BootstrapServers = '{_client.BootstrapServers}': nothing was heard within {Timeout.TotalSeconds} "
                    + $"s ({Shown(error.Text())})")));
        }
    }

    /// <summary>Whether there is a broker that makes topics: a request to make one would wait long for it.</summary>
    public Task<bool> HasControllerAsync() => _hasController ??= AskForControllerAsync();

    /// <summary>Makes a topic; says whether it did: another replica, started together with this one, may have been quicker.</summary>
    /// <exception cref="KafkaException">It does not exist and cannot be made.</exception>
    public async Task<bool> MadeAsync(OwnTopic topic)
    {
        const int brokersDefault = -1;
        try
        {
            await _admin.CreateTopicsAsync(
                [
                    new TopicSpecification
                    {
                        Name = topic.Name,
                        NumPartitions = topic.Partitions,
                        ReplicationFactor = brokersDefault,
                        Configs = new Dictionary<string, string>(topic.Settings),
                    },
                ],
                new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout });
            _log().TopicCreated(topic.Name, topic.Partitions);
            return true;
        }
        catch (CreateTopicsException problem) when (problem.Results.All(result => result.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            return false;
        }
        catch (KafkaException problem)
        {
            var reason = (problem as CreateTopicsException)?.Results[0].Error ?? problem.Error;
            throw new KafkaException(
                new Error(
                    reason.Code,
                    $"topic {topic.Name} ({topic.Key}) does not exist on {_client.BootstrapServers} and cannot be made "
                    + $"({Shown(reason.Text())})"));
        }
    }

    /// <summary>Not every broker answers, and not to everybody: then the topics' settings are for whoever made them to see to.</summary>
    public async Task<Dictionary<string, string>?> SettingsOfAsync(OwnTopic topic)
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
        catch (DescribeConfigsException partly) when (
            partly.Results.Any(result => result.ConfigResource.Type == ResourceType.Topic && !result.Error.IsError))
        {
            return Of(partly.Results.Select(result => (result.ConfigResource, result.Entries))); // the broker's may be denied, not needed
        }
        catch (KafkaException problem)
        {
            var reason = (problem as DescribeConfigsException)?.Results.First(result => result.Error.IsError).Error ?? problem.Error;
            _log().TopicSettingsUnknown(topic.Name, Shown(reason.Reason));
            return null;
        }

        static Dictionary<string, string> Of(
            IEnumerable<(ConfigResource Resource, Dictionary<string, ConfigEntryResult> Entries)> results) =>
            results.Single(result => result.Resource.Type == ResourceType.Topic).Entries.ToDictionary(
                entry => entry.Key, entry => entry.Value.Value, StringComparer.Ordinal);
    }

    /// <summary>How many partitions a topic has that exists.</summary>
    /// <exception cref="KafkaException">The brokers do not show it.</exception>
    public int PartitionsOf(OwnTopic topic)
    {
        for (var looks = 0; looks < MaxLooks; looks++) // one that another replica has just made is not known to every broker at once
        {
            if (Look().TryGetValue(topic.Name, out var partitions))
            {
                if (partitions != topic.Partitions && topic.RetentionMs is not null and not OwnTopic.ForEver)
                {
                    _log().TopicPartitionsKept(topic.Name, partitions, topic.Partitions, $"{topic.Key[..^"Topic".Length]}Partitions");
                }

                return partitions;
            }

            CancellationToken.None.WaitHandle.WaitOne(BetweenLooks);
        }

        throw new KafkaException(
            new Error(
                ErrorCode.UnknownTopicOrPart,
                $"topic {topic.Name} ({topic.Key}) exists already, but {_client.BootstrapServers} does not show it yet"));
    }

    /// <summary>Nobody waits for it: a client takes a fifth of a second to end.</summary>
    public void Dispose() => _ = Task.Run(_admin.Dispose);

    private async Task<bool> AskForControllerAsync()
    {
        try
        {
            var options = new DescribeClusterOptions { RequestTimeout = ControllerTimeout };
            return (await _admin.DescribeClusterAsync(options)).Controller is not null;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private string Shown(string reason) => DisplayText.Of(_client.Secrets.Hide(reason));

    /// <summary>Why nothing is heard: what a broker said counts for more than that none is there any more.</summary>
    private void Note(Error error)
    {
        if (error.Code != ErrorCode.Local_AllBrokersDown)
        {
            _lastError = error;
        }
    }
}
