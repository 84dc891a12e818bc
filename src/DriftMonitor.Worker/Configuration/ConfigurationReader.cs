using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Display;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns what the user wrote into settings, or into the list of everything that is wrong with it.</summary>
internal sealed class ConfigurationReader
{
    private const int MaxPanesTopic = 240; // the rollups topic's name is longer
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1); // timers hold no more than 49 days

    internal static readonly string NameAllowed = $"the name of a model: 1 to {JsonNames.MaxLength} characters, none of them a control character or one that turns the direction of text";

    /// <summary>
    /// Properties that are settings of their own, or that the promises rest on: nothing is committed before its panes are acknowledged, and
    /// readiness follows from statistics.
    /// </summary>
    private static readonly HashSet<string> OurProperties = new(StringComparer.Ordinal)
    {
        "bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "enable.idempotence", "partitioner",
        "message.max.bytes", "auto.offset.reset", "partition.assignment.strategy", "statistics.interval.ms",
    };

    private readonly IConfiguration _configuration;
    private readonly List<string> _problems = [];

    private ConfigurationReader(IConfiguration configuration) => _configuration = configuration;

    /// <exception cref="InvalidConfigurationException">Lists every value that is wrong or missing.</exception>
    public static MonitorSettings Read(IConfiguration configuration) => new ConfigurationReader(configuration).Read();

    private MonitorSettings Read()
    {
        var binder = new OptionsBinder(_configuration, _problems);
        var kafka = binder.Bind<KafkaOptions>("Kafka");
        var windows = binder.Bind<WindowOptions>("Windows");
        var models = binder.Bind<ModelOptions>("Models");
        var divergence = binder.Bind<DivergenceOptions>("Divergence");
        var references = binder.Bind<ReferenceOptions>("References");
        var deadLetter = binder.Bind<DeadLetterOptions>("DeadLetter");
        var alarms = binder.Bind<AlarmOptions>("Alarms");
        var feedback = binder.Bind<FeedbackOptions>("Feedback");

        Require("Kafka:BootstrapServers", kafka.BootstrapServers, !string.IsNullOrWhiteSpace(kafka.BootstrapServers), "host:port, several separated by commas");
        Require("Kafka:GroupId", kafka.GroupId, !string.IsNullOrWhiteSpace(kafka.GroupId), "a consumer group's name");
        Require("Kafka:PanesTopic", kafka.PanesTopic, IsTopic(kafka.PanesTopic) && kafka.PanesTopic.Length <= MaxPanesTopic, $"a topic's name: letters, digits, '.', '_' and '-', at most {MaxPanesTopic}");
        Range("Kafka:PanesPartitions", kafka.PanesPartitions, 1, 1_000);
        Require("Kafka:StartFrom", kafka.StartFrom, kafka.StartFrom is "earliest" or "latest", "earliest or latest");
        Range("Windows:MaxSeriesPerPartition", windows.MaxSeriesPerPartition, 1, 10_000_000);
        Range("Models:Max", models.Max, 1, 1_000_000);
        Range("Models:MaxSegments", models.MaxSegments, 0, 100_000);
        Range("Models:MaxRecordBytes", models.MaxRecordBytes, 1_024, 100 * 1024 * 1024);
        Require("Models:SumTolerance", models.SumTolerance, models.SumTolerance is > 0 and <= 0.1, "more than 0 and at most 0.1");
        Require("Divergence:PseudoEvents", divergence.PseudoEvents, divergence.PseudoEvents is >= 0 and <= 1_000_000, "0 to 1000000");
        Range("Divergence:MinimumEvents", divergence.MinimumEvents, 1, long.MaxValue);
        Range("Divergence:TopClasses", divergence.TopClasses, 0, 1_000);
        Require(
            "References:Directory",
            references.Directory,
            references.Directory.Length == 0 || Directory.Exists(references.Directory),
            "a directory that exists, or empty for none");

        foreach (var property in kafka.Client.Keys.Where(OurProperties.Contains))
        {
            _problems.Add($"Kafka:Client:{property}: must be left out, DriftMonitor sets it itself");
        }

        var inFiles = _configuration.GetSection("Kafka:Client").GetChildren().Where(SettingFile.IsGiven).Select(setting => setting.Key);
        var secrets = new Secrets(kafka.Client, inFiles.ToHashSet(StringComparer.OrdinalIgnoreCase));
        _problems.AddRange(ClientProperties.Problems(kafka.Client.Where(property => !OurProperties.Contains(property.Key))).Select(secrets.Hide));
        OneRoleEach(kafka, feedback, deadLetter);
        Urls();
        LogLevels();
        var publishInterval = Interval("Windows:PublishInterval", windows.PublishInterval);
        var specs = Spans(windows);
        var alarmSettings = new AlarmReader(_problems, specs).Read(alarms, key => !string.IsNullOrEmpty(_configuration[key]));
        var plan = Plan(specs, windows, publishInterval, divergence.Trailing, AlarmSettings.CalibratedBy([alarmSettings]));
        var settings = new MonitorSettings
        {
            GroupId = kafka.GroupId,
            PredictionTopics = Topics(kafka),
            Formats = Formats(kafka),
            PanesTopic = kafka.PanesTopic,
            DeadLetterTopic = DeadLetterTopic(deadLetter),
            Feedback = Feedback(feedback, kafka, plan),
            PanesPartitions = kafka.PanesPartitions,
            StartFromEarliest = kafka.StartFrom == "earliest",
            Client = new ClientSettings(kafka.BootstrapServers, kafka.Client.ToImmutableSortedDictionary(StringComparer.Ordinal), secrets),
            Plan = plan!,
            PublishInterval = publishInterval,
            EvaluationDelay = Interval("Windows:EvaluationDelay", windows.EvaluationDelay),
            MaxSeriesPerPartition = windows.MaxSeriesPerPartition,
            AcceptUnknownModels = models.AcceptUnknown,
            MaxModels = models.Max,
            MaxSegments = models.MaxSegments,
            MaxRecordBytes = models.MaxRecordBytes,
            SumTolerance = models.SumTolerance,
            Classes = Classes(models),
            Evaluation = new EvaluationSettings(divergence.PseudoEvents, divergence.MinimumEvents, divergence.TopClasses),
            Alarms = alarmSettings,
            ReferenceDirectory = references.Directory.Length == 0 ? null : references.Directory,
            ReferencePollInterval = Interval("References:PollInterval", references.PollInterval),
        };
        return _problems.Count == 0 ? settings : throw new InvalidConfigurationException(_problems);
    }

    /// <summary>
    /// No topic has two roles: what is written into one that is read comes back, again and again. The topics between the stages, which are both, are ours alone.
    /// </summary>
    private void OneRoleEach(KafkaOptions kafka, FeedbackOptions feedback, DeadLetterOptions deadLetter)
    {
        IEnumerable<(string Setting, string Topic)> roles =
        [
            .. PredictionTopics(kafka).Distinct(StringComparer.Ordinal).Select(topic => ("Kafka:PredictionTopics", topic)),
            ("Kafka:PanesTopic", kafka.PanesTopic),
            ("the rollups topic of Kafka:PanesTopic", MonitorSettings.RollupsOf(kafka.PanesTopic)),
            ("the feedback panes topic of Kafka:PanesTopic", MonitorSettings.FeedbackPanesOf(kafka.PanesTopic)),
            ("Feedback:Topic", feedback.Topic),
            ("DeadLetter:Topic", deadLetter.Topic),
        ];
        foreach (var role in roles.Where(role => IsTopic(role.Topic)).GroupBy(role => role.Topic, role => role.Setting, StringComparer.Ordinal).Where(role => role.Count() > 1))
        {
            _problems.Add($"topic {role.Key} is {string.Join(" and also ", role)}: each must be a topic of its own");
        }
    }

    /// <summary>Where /metrics is served: read by the web server, which would tell what is wrong with a stack trace.</summary>
    private void Urls()
    {
        foreach (var url in (_configuration["Urls"] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            Require("Urls", url, IsAddress(url), "http://host:port, several separated by semicolons");
        }
    }

    /// <summary>Likewise the levels of the log.</summary>
    private void LogLevels()
    {
        foreach (var level in _configuration.GetSection("Logging:LogLevel").GetChildren())
        {
            Require(
                level.Path, level.Value, level.Value is null || Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _), string.Join(", ", Enum.GetNames<LogLevel>()));
        }
    }

    /// <summary>The windows; none when one of them cannot be read.</summary>
    private ImmutableArray<WindowSpec> Spans(WindowOptions windows)
    {
        var problems = _problems.Count;
        Require("Windows:Spans", windows.Spans, Items(windows.Spans).Length > 0, "at least one length/slide, such as 5m/10s, several separated by commas");
        var specs = ImmutableArray.CreateBuilder<WindowSpec>();
        foreach (var text in Items(windows.Spans))
        {
            if (WindowSpec.TryParse(text, out var spec, out var problem))
            {
                specs.Add(spec);
            }
            else
            {
                _problems.Add($"Windows:Spans = '{windows.Spans}': {problem}");
            }
        }

        return problems < _problems.Count ? [] : specs.DrainToImmutable();
    }

    private WindowPlan? Plan(ImmutableArray<WindowSpec> specs, WindowOptions windows, TimeSpan publishInterval, bool trailing, ModelSet withPanes)
    {
        var problems = _problems.Count;
        var lateness = Duration("Windows:AllowedLateness", windows.AllowedLateness);
        var skew = Duration("Windows:AllowedSkew", windows.AllowedSkew);
        var slack = Duration("Windows:DisorderSlack", windows.DisorderSlack);
        if (specs.IsEmpty || problems < _problems.Count)
        {
            return null;
        }

        try
        {
            var plan = WindowPlan.Create(specs, lateness, skew, slack, trailing, withPanes);
            Require("Windows:PublishInterval", windows.PublishInterval, plan.BasePaneMs % publishInterval.TotalMilliseconds == 0, $"such that the smallest slide, {plan.BasePaneMs} ms, is a multiple of it");
            return plan;
        }
        catch (ArgumentException problem)
        {
            _problems.Add($"Windows:Spans = '{windows.Spans}': {ErrorText.Of(problem)}");
            return null;
        }
    }

    private ImmutableSortedDictionary<string, string?> Topics(KafkaOptions kafka)
    {
        var topics = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        foreach (var item in Items(kafka.PredictionTopics))
        {
            var parts = item.Split('=', 2, StringSplitOptions.TrimEntries);
            if (!IsTopic(parts[0]) || parts is [_, ""] || !topics.TryAdd(parts[0], parts is [_, var model] ? model : null))
            {
                _problems.Add($"Kafka:PredictionTopics = '{kafka.PredictionTopics}': '{item}' is not topic or topic=model, each topic once");
            }
            else if (parts is [_, var name])
            {
                Require("Kafka:PredictionTopics", item, JsonNames.IsLabel(name), NameAllowed);
            }
        }

        Require("Kafka:PredictionTopics", kafka.PredictionTopics, Items(kafka.PredictionTopics).Length > 0, "at least one topic, several separated by commas");
        return topics.ToImmutable();
    }

    private ImmutableSortedDictionary<string, PredictionFormat> Formats(KafkaOptions kafka)
    {
        var topics = PredictionTopics(kafka).ToHashSet(StringComparer.Ordinal);
        var formats = ImmutableSortedDictionary.CreateBuilder<string, PredictionFormat>(StringComparer.Ordinal);
        foreach (var (topic, text) in kafka.Formats)
        {
            Require($"Kafka:Formats:{topic}", text, topics.Contains(topic), $"of a topic in Kafka:PredictionTopics ({string.Join(", ", topics)})");
            if (PredictionFormat.TryParse(text, out var format))
            {
                formats[topic] = format;
            }
            else
            {
                Require($"Kafka:Formats:{topic}", text, false, PredictionFormat.Allowed);
            }
        }

        return formats.ToImmutable();
    }

    private ImmutableSortedDictionary<string, ClassSpace> Classes(ModelOptions models)
    {
        var spaces = ImmutableSortedDictionary.CreateBuilder<string, ClassSpace>(StringComparer.Ordinal);
        foreach (var (model, names) in models.Classes)
        {
            Require("Models:Classes", model, JsonNames.IsLabel(model), NameAllowed);
            if (ClassSpace.TryCreate(names, out var space, out var problem))
            {
                spaces[model] = space;
            }
            else
            {
                _problems.Add($"Models:Classes:{model}: {problem}");
            }
        }

        return spaces.ToImmutable();
    }

    /// <summary>A duration that may be nothing.</summary>
    private TimeSpan Duration(string key, string text) =>
        text is "0ms" or "0s" or "0m" or "0h" or "0d" ? TimeSpan.Zero : Positive(key, text);

    private string? DeadLetterTopic(DeadLetterOptions deadLetter)
    {
        if (deadLetter.Topic.Length == 0)
        {
            return null;
        }

        Require("DeadLetter:Topic", deadLetter.Topic, IsTopic(deadLetter.Topic), "a topic's name, or empty for none");
        return deadLetter.Topic;
    }

    private FeedbackSettings? Feedback(FeedbackOptions feedback, KafkaOptions kafka, WindowPlan? plan)
    {
        var horizon = Positive("Feedback:Horizon", feedback.Horizon);
        Range("Feedback:BlockCacheMiB", feedback.BlockCacheMiB, 1, 1_000_000);
        Range("Feedback:WriteBufferMiB", feedback.WriteBufferMiB, 1, 100_000);
        if (feedback.Topic.Length == 0)
        {
            return null;
        }

        Require("Feedback:Topic", feedback.Topic, IsTopic(feedback.Topic), "a topic's name, or empty for none");
        Require(
            "Kafka:PredictionTopics", kafka.PredictionTopics, !feedback.Join || PredictionTopics(kafka).Count() == 1, "one topic when labels of Feedback:Topic are joined to it (Feedback:Join=false when each label carries its own prediction)");
        Require("Feedback:Directory", feedback.Directory, feedback.Directory.Length == 0 || Directory.Exists(feedback.Directory), "a directory that exists, or empty for memory");
        return plan is null ? null : new FeedbackSettings(
            feedback.Topic,
            new FeedbackPlan(plan, horizon),
            feedback.Join,
            feedback.Directory.Length == 0 ? null : feedback.Directory,
            (ulong)feedback.BlockCacheMiB << 20,
            (ulong)feedback.WriteBufferMiB << 20);
    }

    private TimeSpan Interval(string key, string text)
    {
        var interval = Positive(key, text);
        Require(key, text, interval <= LongestInterval, "at most 1d");
        return interval;
    }

    private TimeSpan Positive(string key, string text)
    {
        if (DurationText.TryParse(text, out var milliseconds))
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        _problems.Add($"{key} = '{text}': must be a whole number of ms, s, m, h or d, up to 36500d, such as 10s");
        return TimeSpan.FromMilliseconds(1); // any valid value that leads to no other problem: the settings are never handed out
    }

    private void Range(string key, long value, long least, long most) =>
        Require(key, value, value >= least && value <= most, most == long.MaxValue ? $"at least {least}" : $"{least} to {most}");

    private void Require<T>(string key, T value, bool valid, string allowed)
    {
        if (!valid)
        {
            _problems.Add(FormattableString.Invariant($"{key} = '{value}': must be {allowed}"));
        }
    }

    private static IEnumerable<string> PredictionTopics(KafkaOptions kafka) => Items(kafka.PredictionTopics).Select(topic => topic.Split('=')[0].Trim());

    private static string[] Items(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Port <= System.Net.IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsTopic(string name) =>
        name.Length is > 0 and <= 249 && name is not "." and not ".." && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
