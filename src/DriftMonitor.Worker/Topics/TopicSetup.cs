using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using Microsoft.Extensions.Logging.Abstractions;

namespace DriftMonitor.Worker.Topics;

/// <summary>What must be there before the consumers start.</summary>
internal sealed class TopicSetup : IDisposable
{
    private const int MaxLooks = 50;
    private const int DeadLetterPartitions = 4;
    private const int WholePartitions = 1; // of topics that every replica reads whole
    private const int KafkasDefaultMaxMessageBytes = 1_048_588;
    private const long DayMs = 86_400_000;
    private const long PanesRetentionMs = 6 * 3_600_000;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ControllerTimeout = TimeSpan.FromSeconds(2); // the brokers have answered already
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly MonitorSettings _settings;
    private readonly Func<ILogger> _log;
    private readonly IAdminClient _admin;
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];
    private readonly List<TopicStanding> _topics = [];
    private readonly bool _creates;
    private volatile Error? _lastError;
    private Task<bool>? _hasController;

    /// <param name="creates">Whether topics of ours are created if missing.</param>
    private TopicSetup(MonitorSettings settings, Func<ILogger> log, bool creates)
    {
        (_settings, _log, _creates) = (settings, log, creates);
        _admin = KafkaClients.Build(settings.Client, () =>
            new AdminClientBuilder(KafkaClients.Admin(settings.Client))
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, error) => Note(error))
                .Build());
    }

    /// <summary>Checks that the predictions topics exist, creates our own if missing, and checks the settings of existing ones.</summary>
    /// <returns>
    /// The partitions of all predictions topics; how many the panes topic has, and the rollups topic at least; how many the topics have
    /// that predictions and labels are routed into, 0 where there are none; how many those of calibrations and references have, 0 for none.
    /// </returns>
    /// <exception cref="InvalidConfigurationException">
    /// Lists the topics to read that are missing, and those of our own that would lose data. Then nothing is created any more.
    /// </exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or a topic is missing and cannot be made.</exception>
    public static async Task<(
        IReadOnlyList<TopicPartition> Sources, int PanesPartitions,
        int RoutedPartitions, int CalibrationPartitions, int ReferencePartitions)> EnsureAsync(MonitorSettings settings, Func<ILogger> log)
    {
        using var topics = new TopicSetup(settings, log, creates: true);
        var layout = await topics.LayoutAsync();
        return topics._problems.Count == 0 ? layout : throw new InvalidConfigurationException(topics._problems);
    }

    /// <summary>What the start would find, without creating anything.</summary>
    /// <exception cref="KafkaException">The brokers cannot be reached.</exception>
    public static async Task<(
        ImmutableArray<TopicStanding> Topics, ImmutableArray<string> Problems,
        ImmutableArray<string> Warnings)> CheckAsync(MonitorSettings settings)
    {
        using var topics = new TopicSetup(settings, () => NullLogger.Instance, creates: false);
        await topics.LayoutAsync();
        for (var i = 0; i < topics._topics.Count; i++)
        {
            var topic = topics._topics[i];
            if (topic.State == TopicState.Exists
                && topic.Topic != settings.DeadLetterTopic // which is only written
                && SourceReading.Problem(settings, topic.Topic, topic.Partitions) is { } problem)
            {
                topics._topics[i] = topic with { State = TopicState.CannotBeRead };
                var canDoWithout = topic.Topic == settings.CalibrationsTopic || topic.Topic == settings.ReferencesTopic;
                (canDoWithout ? topics._warnings : topics._problems)
                    .Add($"topic {topic.Topic} ({topic.Setting}) cannot be read: {DisplayText.Of(problem)}");
            }
        }

        return ([.. topics._topics], [.. topics._problems], [.. topics._warnings]);
    }

    private async Task<(
        IReadOnlyList<TopicPartition> Sources, int PanesPartitions,
        int RoutedPartitions, int CalibrationPartitions, int ReferencePartitions)> LayoutAsync()
    {
        var settings = _settings;
        var present = Look();
        var sources = Sources(present);
        if (settings.Feedback is { } labelled)
        {
            Note(labelled.Source, present);
            _problems.AddRange(CoPartitioning.Problems(labelled, present));
        }

        var panes = await EnsureAsync(Panes(settings), present);
        var rollups = await EnsureAsync(Rollups(settings, panes), present);
        RequireAsMany(settings.RollupsTopic, rollups, panes);
        RequireAsMany(settings.StatusTopic, await EnsureAsync(Status(settings, panes), present), panes);
        var routed = 0;
        if (settings.Feedback is { } feedback)
        {
            var feedbackPanes = await EnsureAsync(FeedbackPanes(settings, panes), present);
            _problems.AddRange(
                CoPartitioning.PanesProblems(settings.PanesTopic, panes, settings.FeedbackPanesTopic, feedbackPanes));
            if (feedback.Routing is { } routing)
            {
                routed = await EnsureAsync(Routed(settings, feedback, routing.LabelsTopic), present);
                var predictions = await EnsureAsync(Routed(settings, feedback, routing.PredictionsTopic), present);
                _problems.AddRange(
                    CoPartitioning.RoutedProblems(
                        settings.PanesTopic, (routing.LabelsTopic, routed), (routing.PredictionsTopic, predictions)));
            }
        }

        string[] ours = [settings.PanesTopic, settings.RollupsTopic, settings.FeedbackPanesTopic];
        try
        {
            if (OlderRecords.Problem(settings, ours.Where(present.ContainsKey).Select(topic => (topic, present[topic]))) is { } older)
            {
                _problems.Add(older);
            }
        }
        catch (KafkaException problem) when (!_creates || _problems.Count > 0) // what has been found already must be told
        {
            _problems.Add(
                $"Kafka:PanesTopic = '{settings.PanesTopic}': what it holds cannot be read: {DisplayText.Of(problem.Error.Text())}");
        }

        var calibrations = await EnsureIfPossibleAsync(
            Calibrations(settings), present, "what would be kept in it is worked out anew at every start, by every replica");
        var references = await EnsureIfPossibleAsync(
            References(settings), present, "references come from References:Directory alone");
        if (settings.DeadLetterTopic is { } deadLetters)
        {
            await EnsureAsync(
                new OwnTopic("DeadLetter:Topic", deadLetters, DeadLetterPartitions, KafkasDefaultMaxMessageBytes, RetentionMs: null),
                present);
        }

        if (_problems.Count == 0
            && settings.Feedback is { } joined
            && KeyAgreement.Problem(settings, present[joined.Source.Topic]) is { } keys)
        {
            Warn(keys);
        }

        return (sources, panes, routed, calibrations, references);
    }

    /// <summary>How many partitions the panes topic has, or one that belongs to it.</summary>
    /// <exception cref="InvalidConfigurationException">There is no such topic.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached.</exception>
    public static int PartitionsOf(MonitorSettings settings, string topic)
    {
        using var topics = new TopicSetup(settings, () => NullLogger.Instance, creates: false);
        var named = topic == settings.PanesTopic ? "such topic" : $"topic {topic}";
        return topics.Look().TryGetValue(topic, out var partitions) ? partitions : throw new InvalidConfigurationException(
            [$"Kafka:PanesTopic = '{settings.PanesTopic}': there is no {named} on {settings.Client.BootstrapServers}; a service "
            + "of this version creates it when it starts"]);
    }

    /// <summary>Nobody waits for it: a client takes a fifth of a second to end.</summary>
    public void Dispose() => _ = Task.Run(_admin.Dispose);

    /// <summary>Read again by a successor until its panes have settled, which takes as long as the slowest source partition does.</summary>
    private static OwnTopic Panes(MonitorSettings settings) =>
        new("Kafka:PanesTopic", settings.PanesTopic, settings.PanesPartitions, KafkaClients.MaxMessageBytes, PanesRetentionMs);

    /// <summary>Compaction leaves what the windows reach back; retention takes what series that are gone have left.</summary>
    private static OwnTopic Rollups(MonitorSettings settings, int panesPartitions) =>
        new(
            "Kafka:PanesTopic", settings.RollupsTopic, panesPartitions, KafkaClients.MaxMessageBytes, settings.Plan.SilenceMs + DayMs,
            "compact,delete");

    /// <summary>The last status of each model, and of those that are gone for as long as windows remember.</summary>
    private static OwnTopic Status(MonitorSettings settings, int panesPartitions) =>
        new(
            "Kafka:PanesTopic", settings.StatusTopic, panesPartitions, KafkaClients.MaxMessageBytes, settings.Plan.SilenceMs + DayMs,
            "compact,delete");

    /// <summary>Read whole by every replica at its start. What is in use is written again long before it would be deleted.</summary>
    private static OwnTopic Calibrations(MonitorSettings settings) =>
        new(
            "Kafka:PanesTopic", settings.CalibrationsTopic, WholePartitions, KafkasDefaultMaxMessageBytes,
            (long)CalibrationTopic.Retention.TotalMilliseconds, "compact,delete");

    /// <summary>Read whole by every replica at its start, too, and nobody writes again what it holds.</summary>
    private static OwnTopic References(MonitorSettings settings) =>
        new(
            "Kafka:PanesTopic", settings.ReferencesTopic, WholePartitions, KafkaClients.MaxMessageBytes, OwnTopic.ForEver, "compact");

    /// <summary>Read from its beginning by whoever takes a partition over: all that windows reach back to.</summary>
    private static OwnTopic FeedbackPanes(MonitorSettings settings, int panesPartitions) =>
        new(
            "Kafka:PanesTopic", settings.FeedbackPanesTopic, panesPartitions, KafkasDefaultMaxMessageBytes, settings.Plan.SilenceMs + DayMs,
            "compact,delete");

    /// <summary>Read again by a join whose store is lost: all that may still be joined, or is in a window.</summary>
    private static OwnTopic Routed(MonitorSettings settings, FeedbackSettings feedback, string topic) =>
        new(
            "Kafka:PanesTopic", topic, settings.PanesPartitions, KafkaClients.MaxMessageBytes,
            feedback.Plan.HorizonMs + settings.Plan.SilenceMs + DayMs);

    /// <summary>The partitions of the predictions topics that exist; the others are problems.</summary>
    private List<TopicPartition> Sources(Dictionary<string, int> present)
    {
        var partitions = new List<TopicPartition>();
        foreach (var source in _settings.Predictions.Values)
        {
            partitions.AddRange(Enumerable.Range(0, Note(source, present)).Select(number => new TopicPartition(source.Topic, number)));
            if (!present.ContainsKey(source.Topic))
            {
                _problems.Add(
                    $"topic {source.Topic} ({source.Setting}) does not exist on {_settings.Client.BootstrapServers}, or may not be seen: "
                    + "create it, its producers own its settings");
            }
        }

        return partitions;
    }

    /// <summary>Notes how a topic that producers own stands; tells how many partitions it has, 0 for none.</summary>
    private int Note(SourceSettings source, Dictionary<string, int> present)
    {
        var state = present.TryGetValue(source.Topic, out var partitions) ? TopicState.Exists : TopicState.Missing;
        _topics.Add(new TopicStanding(source.Topic, source.Setting, partitions, state));
        return partitions;
    }

    private void RequireAsMany(string topic, int partitions, int panes)
    {
        if (partitions < panes)
        {
            _problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Kafka:PanesTopic = '{_settings.PanesTopic}': that topic has {panes} partitions and {topic} {partitions}: it must "
                + $"have as many"));
        }
    }

    /// <summary>Makes a topic when it does not exist, else checks its settings; tells how many partitions it has.</summary>
    private async Task<int> EnsureAsync(OwnTopic topic, Dictionary<string, int> present)
    {
        var isPresent = present.ContainsKey(topic.Name);
        _topics.Add(new TopicStanding(
            topic.Name, topic.Key, present.GetValueOrDefault(topic.Name, topic.Partitions),
            isPresent ? TopicState.Exists : TopicState.WillBeCreated));
        var creates = _creates && _problems.Count == 0; // a start that will fail creates nothing more
        if (!isPresent && (!creates || await MadeAsync(topic)))
        {
            return topic.Partitions;
        }

        // It was there, or another replica, started together with this one, was quicker.
        if (await SettingsOfAsync(topic) is { } settings)
        {
            _problems.AddRange(topic.Problems(settings));
        }

        return PartitionsOf(topic);
    }

    /// <summary>Likewise of a topic that can be done without: where it does not exist and cannot be made there are 0 partitions.</summary>
    /// <param name="otherwise">What follows without it.</param>
    private async Task<int> EnsureIfPossibleAsync(OwnTopic topic, Dictionary<string, int> present, string otherwise)
    {
        try
        {
            if (present.ContainsKey(topic.Name) || await (_hasController ??= HasControllerAsync()))
            {
                return await EnsureAsync(topic, present);
            }

            Warn($"topic {topic.Name} ({topic.Key}) does not exist, and no broker was heard of that makes topics: {otherwise}");
        }
        catch (KafkaException problem)
        {
            Warn($"{problem.Message}: {otherwise}");
        }

        return 0;
    }

    private void Warn(string problem)
    {
        _warnings.Add(problem);
        _log().TopicSettingUnsuitable(problem);
    }

    /// <summary>Whether there is a broker that makes topics: a request to make one would wait long for it.</summary>
    private async Task<bool> HasControllerAsync()
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

    private async Task<bool> MadeAsync(OwnTopic topic)
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
                        Configs = new Dictionary<string,
                        string>(topic.Settings),
                    }],
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
                    $"topic {topic.Name} ({topic.Key}) does not exist on {_settings.Client.BootstrapServers} and cannot be made "
                    + $"({Shown(reason.Text())})"));
        }
    }

    /// <summary>Not every broker answers, and not to everybody: then the topics' settings are for whoever made them to see to.</summary>
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

    private int PartitionsOf(OwnTopic topic)
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
                $"topic {topic.Name} ({topic.Key}) exists already, but {_settings.Client.BootstrapServers} does not show it yet"));
    }

    /// <summary>The topics that there are, and how many partitions each has.</summary>
    /// <remarks>All of them: asking for one by name would create it where the brokers create topics by themselves.</remarks>
    private Dictionary<string, int> Look()
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
                    $"Kafka:BootstrapServers = '{_settings.Client.BootstrapServers}': nothing was heard within {Timeout.TotalSeconds} "
                    + $"s ({Shown(error.Text())})")));
        }
    }

    private string Shown(string reason) => DisplayText.Of(_settings.Client.Secrets.Hide(reason));

    /// <summary>Why nothing is heard: what a broker said counts for more than that none is there any more.</summary>
    private void Note(Error error)
    {
        if (error.Code != ErrorCode.Local_AllBrokersDown)
        {
            _lastError = error;
        }
    }
}
