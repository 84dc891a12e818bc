using System.Collections.Immutable;
using DriftMonitor.Distributions;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns what the user wrote into settings, or into the list of everything that is wrong with it.</summary>
internal sealed class ConfigurationReader
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(int)] = "a whole number",
        [typeof(long)] = "a whole number",
        [typeof(double)] = "a number",
        [typeof(bool)] = "true or false",
    };

    /// <summary>Properties that are settings of their own, or that the promises rest on: nothing is committed before its panes are acknowledged.</summary>
    private static readonly HashSet<string> OurProperties = new(StringComparer.Ordinal)
    {
        "bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "enable.idempotence", "partitioner",
    };

    private readonly IConfiguration _configuration;
    private readonly List<string> _problems = [];

    private ConfigurationReader(IConfiguration configuration) => _configuration = configuration;

    /// <exception cref="InvalidConfigurationException">Lists every value that is wrong or missing.</exception>
    public static MonitorSettings Read(IConfiguration configuration) => new ConfigurationReader(configuration).Read();

    private MonitorSettings Read()
    {
        var kafka = Bind<KafkaOptions>("Kafka");
        var windows = Bind<WindowOptions>("Windows");
        var models = Bind<ModelOptions>("Models");
        var divergence = Bind<DivergenceOptions>("Divergence");
        var references = Bind<ReferenceOptions>("References");

        Require("Kafka:BootstrapServers", kafka.BootstrapServers, !string.IsNullOrWhiteSpace(kafka.BootstrapServers), "host:port, several separated by commas");
        Require("Kafka:GroupId", kafka.GroupId, !string.IsNullOrWhiteSpace(kafka.GroupId), "a consumer group's name");
        Require("Kafka:PanesTopic", kafka.PanesTopic, IsTopic(kafka.PanesTopic), "a topic's name: letters, digits, '.', '_' and '-', at most 249");
        Range("Kafka:PanesPartitions", kafka.PanesPartitions, 1, 1_000);
        foreach (var property in kafka.Client.Keys.Where(OurProperties.Contains))
        {
            _problems.Add($"Kafka:Client:{property} = '{kafka.Client[property]}': must be left out, DriftMonitor sets it itself");
        }

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

        var pollInterval = Duration("References:PollInterval", references.PollInterval);
        Require("References:PollInterval", references.PollInterval, pollInterval <= TimeSpan.FromDays(1), "at most 1d");
        var publishInterval = Duration("Windows:PublishInterval", windows.PublishInterval);
        var plan = Plan(windows, publishInterval);
        var settings = new MonitorSettings
        {
            BootstrapServers = kafka.BootstrapServers,
            GroupId = kafka.GroupId,
            PredictionTopics = Topics(kafka),
            PanesTopic = kafka.PanesTopic,
            PanesPartitions = kafka.PanesPartitions,
            StartFromEarliest = kafka.StartFrom == "earliest",
            Client = kafka.Client.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Plan = plan!,
            PublishInterval = publishInterval,
            EvaluationDelay = Duration("Windows:EvaluationDelay", windows.EvaluationDelay),
            MaxSeriesPerPartition = windows.MaxSeriesPerPartition,
            AcceptUnknownModels = models.AcceptUnknown,
            MaxModels = models.Max,
            MaxSegments = models.MaxSegments,
            MaxRecordBytes = models.MaxRecordBytes,
            SumTolerance = models.SumTolerance,
            Classes = Classes(models),
            Evaluation = new EvaluationSettings(divergence.PseudoEvents, divergence.MinimumEvents, divergence.TopClasses),
            ReferenceDirectory = references.Directory.Length == 0 ? null : references.Directory,
            ReferencePollInterval = pollInterval,
        };
        return _problems.Count == 0 ? settings : throw new InvalidConfigurationException(_problems);
    }

    /// <summary>Binds a section value by value, so that one that cannot be read hides none of the others, and a misspelt key is no silence.</summary>
    private T Bind<T>(string section)
        where T : new()
    {
        var options = new T();
        var properties = typeof(T).GetProperties().ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var setting in _configuration.GetSection(section).GetChildren())
        {
            if (!properties.TryGetValue(setting.Key, out var property))
            {
                _problems.Add($"{section}:{setting.Key} = '{setting.Value}': no such setting; {section} has {string.Join(", ", properties.Keys)}");
                continue;
            }

            if (setting.Value is { Length: > 0 } && property.PropertyType.IsGenericType)
            {
                _problems.Add($"{section}:{property.Name} = '{setting.Value}': must be keys with values, {section}:{property.Name}:NAME");
                continue;
            }

            try
            {
                property.SetValue(options, setting.Get(property.PropertyType) ?? property.GetValue(options));
            }
            catch (InvalidOperationException)
            {
                _problems.Add($"{section}:{property.Name} = '{setting.Value}': must be {Names[property.PropertyType]}");
            }
        }

        return options;
    }

    private WindowPlan? Plan(WindowOptions windows, TimeSpan publishInterval)
    {
        var problems = _problems.Count;
        var specs = new List<WindowSpec>();
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

        var lateness = Duration("Windows:AllowedLateness", windows.AllowedLateness, orNothing: true);
        var skew = Duration("Windows:AllowedSkew", windows.AllowedSkew, orNothing: true);
        var slack = Duration("Windows:DisorderSlack", windows.DisorderSlack, orNothing: true);
        if (problems < _problems.Count)
        {
            return null;
        }

        try
        {
            var plan = WindowPlan.Create(specs, lateness, skew, slack);
            Require("Windows:PublishInterval", windows.PublishInterval, plan.BasePaneMs % publishInterval.TotalMilliseconds == 0, $"such that the smallest slide, {plan.BasePaneMs} ms, is a multiple of it");
            return plan;
        }
        catch (ArgumentException problem)
        {
            _problems.Add($"Windows:Spans = '{windows.Spans}': {problem.Message}");
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
        }

        Require("Kafka:PredictionTopics", kafka.PredictionTopics, topics.Count > 0 || _problems.Count > 0, "at least one topic, several separated by commas");
        Require("Kafka:PanesTopic", kafka.PanesTopic, !topics.ContainsKey(kafka.PanesTopic), "a topic that is not also one of Kafka:PredictionTopics");
        return topics.ToImmutable();
    }

    private ImmutableSortedDictionary<string, ClassSpace> Classes(ModelOptions models)
    {
        var spaces = ImmutableSortedDictionary.CreateBuilder<string, ClassSpace>(StringComparer.Ordinal);
        foreach (var (model, names) in models.Classes)
        {
            if (ClassSpace.TryCreate(names, out var space, out var problem))
            {
                spaces[model] = space;
            }
            else
            {
                _problems.Add($"Models:Classes:{model}: {problem}");
            }
        }

        foreach (var unlisted in _configuration.GetSection("Models:Classes").GetChildren().Where(model => !string.IsNullOrEmpty(model.Value)))
        {
            _problems.Add($"{unlisted.Path} = '{unlisted.Value}': must be a list, {unlisted.Path}:0, {unlisted.Path}:1 and so on");
        }

        return spaces.ToImmutable();
    }

    private TimeSpan Duration(string key, string text, bool orNothing = false)
    {
        if (orNothing && text.TrimEnd('m', 's', 'h', 'd') == "0")
        {
            return TimeSpan.Zero;
        }

        if (WindowSpec.TryParseDuration(text, out var milliseconds))
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        _problems.Add($"{key} = '{text}': must be a whole number of ms, s, m, h or d, such as 10s");
        return TimeSpan.FromSeconds(1); // any valid value: the settings are never handed out
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

    private static string[] Items(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsTopic(string name) =>
        name.Length is > 0 and <= 249 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
