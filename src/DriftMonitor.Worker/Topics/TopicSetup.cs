using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using Microsoft.Extensions.Logging.Abstractions;

namespace DriftMonitor.Worker.Topics;

/// <summary>What must be there before the consumers start.</summary>
internal sealed class TopicSetup : IDisposable
{
    private readonly MonitorSettings _settings;
    private readonly Func<ILogger> _log;
    private readonly TopicAdmin _admin;
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];
    private readonly List<TopicStanding> _topics = [];
    private readonly bool _creates;

    /// <param name="creates">Whether topics of ours are created if missing.</param>
    private TopicSetup(MonitorSettings settings, Func<ILogger> log, bool creates)
    {
        (_settings, _log, _creates) = (settings, log, creates);
        _admin = new TopicAdmin(settings.Client, log);
    }

    /// <summary>Checks that the predictions topics exist, creates our own if missing, and checks the settings of existing ones.</summary>
    /// <exception cref="InvalidConfigurationException">
    /// Lists the topics to read that are missing, and those of our own that would lose data. Then nothing is created any more.
    /// </exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or a topic is missing and cannot be made.</exception>
    public static async Task<TopicLayout> EnsureAsync(MonitorSettings settings, Func<ILogger> log)
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

    private async Task<TopicLayout> LayoutAsync()
    {
        var settings = _settings;
        var present = _admin.Look();
        var sources = Sources(present);
        if (settings.Feedback is { } labelled)
        {
            Note(labelled.Source, present);
            _problems.AddRange(CoPartitioning.Problems(labelled, present));
        }

        var panes = await EnsureAsync(OwnTopics.Panes(settings), present);
        var rollups = await EnsureAsync(OwnTopics.Rollups(settings, panes), present);
        RequireAsMany(settings.RollupsTopic, rollups, panes);
        RequireAsMany(settings.StatusTopic, await EnsureAsync(OwnTopics.Status(settings, panes), present), panes);
        var routed = 0;
        if (settings.Feedback is { } feedback)
        {
            var feedbackPanes = await EnsureAsync(OwnTopics.FeedbackPanes(settings, panes), present);
            _problems.AddRange(
                CoPartitioning.PanesProblems(settings.PanesTopic, panes, settings.FeedbackPanesTopic, feedbackPanes));
            if (feedback.Routing is { } routing)
            {
                routed = await EnsureAsync(OwnTopics.Routed(settings, feedback, routing.LabelsTopic), present);
                var predictions = await EnsureAsync(OwnTopics.Routed(settings, feedback, routing.PredictionsTopic), present);
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
            OwnTopics.Calibrations(settings), present, "what would be kept in it is worked out anew at every start, by every replica");
        var references = await EnsureIfPossibleAsync(
            OwnTopics.References(settings), present, "references come from References:Directory alone");
        if (settings.DeadLetterTopic is { } deadLetters)
        {
            await EnsureAsync(OwnTopics.DeadLetters(deadLetters), present);
        }

        if (_problems.Count == 0
            && settings.Feedback is { } joined
            && KeyAgreement.Problem(settings, present[joined.Source.Topic]) is { } keys)
        {
            Warn(keys);
        }

        return new TopicLayout(sources, panes, routed, calibrations, references);
    }

    /// <summary>How many partitions the panes topic has, or one that belongs to it.</summary>
    /// <exception cref="InvalidConfigurationException">There is no such topic.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached.</exception>
    public static int PartitionsOf(MonitorSettings settings, string topic)
    {
        using var admin = new TopicAdmin(settings.Client, () => NullLogger.Instance);
        var named = topic == settings.PanesTopic ? "such topic" : $"topic {topic}";
        return admin.Look().TryGetValue(topic, out var partitions) ? partitions : throw new InvalidConfigurationException(
            [$"Kafka:PanesTopic = '{settings.PanesTopic}': there is no {named} on {settings.Client.BootstrapServers}; a service "
            + "of this version creates it when it starts"]);
    }

    public void Dispose() => _admin.Dispose();

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
        if (!isPresent && (!creates || await _admin.MadeAsync(topic)))
        {
            return topic.Partitions;
        }

        // It was there, or another replica, started together with this one, was quicker.
        if (await _admin.SettingsOfAsync(topic) is { } settings)
        {
            _problems.AddRange(topic.Problems(settings));
        }

        return _admin.PartitionsOf(topic);
    }

    /// <summary>Likewise of a topic that can be done without: where it does not exist and cannot be made there are 0 partitions.</summary>
    /// <param name="otherwise">What follows without it.</param>
    private async Task<int> EnsureIfPossibleAsync(OwnTopic topic, Dictionary<string, int> present, string otherwise)
    {
        try
        {
            if (present.ContainsKey(topic.Name) || await _admin.HasControllerAsync())
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
}
