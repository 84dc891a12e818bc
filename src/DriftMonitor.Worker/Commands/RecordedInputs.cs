using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Topics;

namespace DriftMonitor.Worker.Commands;

/// <summary>The options that say which recorded predictions and labels are read, from files or topics, and how.</summary>
/// <remarks><c>replay</c>, <c>backtest</c> and <c>reference build</c> have all of them.</remarks>
internal sealed class RecordedInputs
{
    private static readonly (TimeSpan Skew, TimeSpan Slack) DisorderOfTopics = (TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));

    private readonly Option<FileInfo[]> _files = Arguments.Files(
        "--predictions",
        "Predictions; several files are read in the order given. The extension tells the format: .csv, .tsv (also .gz) or .parquet; any "
        + "other file has one JSON document per line. Standard input (-) has one JSON document per line, too, and is copied into a "
        + "temporary file.",
        orInput: true);
    private readonly Option<string?> _topic = Topic("--topic", "A topic of predictions, instead of files.");
    private readonly Option<long?> _from = Time("--from", "Read topics from this record timestamp on.");
    private readonly Option<long?> _to = Time(
        "--to",
        "Stop reading topics before this record timestamp. Labels are read for one --horizon longer. Default: the end of the topic.");
    private readonly Option<string?> _brokers = new("--brokers")
    {
        Description = "The topics' brokers. Default: those of the service's settings.",
        HelpName = "HOST:PORT",
    };
    private readonly Option<string[]> _client = new("--client")
    {
        Description = "A librdkafka property, such as security.protocol=SASL_SSL; NAME:File=PATH reads its value from a file.",
        HelpName = "NAME=VALUE",
    };
    private readonly Option<string?> _format = new("--topic-format")
    {
        Description = $"Format of the records of --topic: {SourceOptions.FormatsAllowed}.",
        HelpName = "FORMAT",
    };
    private readonly Option<FileInfo> _feedback = Arguments.File(
        "--feedback", "File with the labels of the predictions, in one of the formats of --predictions, or - for standard input.",
        required: false, orInput: true);
    private readonly Option<string?> _feedbackTopic = Topic("--feedback-topic", "A topic of labels, instead of a file.");
    private readonly Option<TimeSpan?> _horizon = Arguments.Duration(
        "--horizon", "How far apart a label and its prediction may be. Default: Feedback:Horizon of the service's settings, else 1h.");
    private readonly Option<string?> _model = new("--model") { Description = "The model of predictions that do not name one." };
    private readonly RecordedSources _sources = new();

    public IEnumerable<Option> Options =>
        [_files, .. OfTopics, _format, _feedback, _feedbackTopic, _horizon, _model, .. _sources.Options];

    private Option[] OfTopics => [_topic, _from, _to, _brokers, _client];

    /// <summary>How far the predictions' own times may be ahead of their records', and these out of order.</summary>
    /// <remarks>A line's own time stands for its record's, so lines are neither.</remarks>
    public (TimeSpan Skew, TimeSpan Slack) Disorder(ParseResult parsed) =>
        IsTopic(parsed) ? DisorderOfTopics : (TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>The model of predictions that name none; null for their source's.</summary>
    public string? Model(ParseResult parsed) => parsed.GetValue(_model);

    /// <summary>How far apart a label and its prediction may be.</summary>
    public TimeSpan Horizon(ParseResult parsed) => parsed.GetValue(_horizon) ?? _sources.Horizon(parsed);

    /// <summary>How predictions are read that are given otherwise, such as those of a reference.</summary>
    /// <exception cref="InvalidConfigurationException">There is no such source, or it is wrong.</exception>
    public RecordedSource PredictionSource(ParseResult parsed) => _sources.Predictions(parsed).WithModel(Model(parsed));

    /// <inheritdoc cref="RecordedSources.Accepts(CommandConsole, ParseResult, RecordCounts)"/>
    public bool Accepts(CommandConsole console, ParseResult parsed, RecordCounts counts) => _sources.Accepts(console, parsed, counts);

    /// <inheritdoc cref="RecordedSources.Alarms"/>
    public AlarmSettings? Alarms(ParseResult parsed) => _sources.Alarms(parsed);

    /// <summary>A line for each option that does not go with the others.</summary>
    public IEnumerable<string> Problems(ParseResult parsed)
    {
        if (IsTopic(parsed) == (parsed.GetValue(_files) is { Length: > 0 }))
        {
            yield return "--predictions, --topic: give exactly one of the two";
        }

        var labels = parsed.GetValue(_feedbackTopic) is not null;
        if (labels && parsed.GetValue(_feedback) is not null)
        {
            yield return "--feedback, --feedback-topic: one of the two must be left out";
        }

        if ((parsed.GetValue(_files) ?? []).Append(parsed.GetValue(_feedback)).Count(IsInput) > 1)
        {
            yield return "--predictions, --feedback: standard input (-) can be given once only";
        }

        if (parsed.GetResult(_format) is not null && (!IsTopic(parsed) || _sources.IsGiven(parsed)))
        {
            yield return IsTopic(parsed)
                ? "--topic-format: must be left out with --source, which already gives the format"
                : "--topic-format: goes with --topic only";
        }

        Option[] needed = _sources.Client(parsed) is null ? [_from, _brokers] : [_from];
        var reads = IsTopic(parsed) || labels;
        foreach (var option in reads ? needed.Where(option => parsed.GetResult(option) is null)
            : OfTopics.Where(option => parsed.GetResult(option) is not null))
        {
            yield return reads
                ? $"{option.Name}: must be given with a topic"
                : $"{option.Name}: goes with --topic or --feedback-topic only";
        }
    }

    /// <summary>The predictions, and how they are read; <see cref="Problems"/> must be none.</summary>
    /// <param name="slackMs">How many milliseconds out of order the records of one partition may be.</param>
    /// <exception cref="InvalidConfigurationException">Lists every value that is wrong.</exception>
    public (IRecordedPredictions Records, RecordedSource How) Predictions(CommandConsole console, ParseResult parsed, long slackMs)
    {
        var how = PredictionSource(parsed);
        return parsed.GetValue(_topic) is { } topic
            ? Range(console, parsed, topic, how, parsed.GetValue(_format), lateMs: 0, slackMs)
            : (Files(console, how, parsed.GetValue(_files)!), how);
    }

    /// <summary>The labels, and how they are read; null for none. <see cref="Problems"/> must be none.</summary>
    /// <inheritdoc cref="Predictions"/>
    public (IRecordedPredictions Records, RecordedSource How)? Labels(CommandConsole console, ParseResult parsed, long slackMs)
    {
        var (file, topic) = (parsed.GetValue(_feedback), parsed.GetValue(_feedbackTopic));
        if (file is null && topic is null)
        {
            return null;
        }

        var how = _sources.Labels(parsed).WithModel(Model(parsed));
        return topic is null
            ? (Files(console, how, file!), how)
            : Range(console, parsed, topic, how, format: null, (long)Horizon(parsed).TotalMilliseconds, slackMs);
    }

    private static PredictionFiles Files(CommandConsole console, RecordedSource how, params FileInfo[] files) => new(
        [.. files.Select(file => IsInput(file) ? RecordedFile.Spool("standard input", console.Input) : new RecordedFile(file))],
        how.Source);

    private static bool IsInput(FileInfo? file) => file?.ToString() == Arguments.StandardInput;

    /// <summary>Whether predictions are read from a topic, whose records have timestamps of their own.</summary>
    private bool IsTopic(ParseResult parsed) => parsed.GetValue(_topic) is not null;

    private (IRecordedPredictions Records, RecordedSource How) Range(
        CommandConsole console, ParseResult parsed, string topic, RecordedSource how, string? format, long lateMs, long slackMs)
    {
        var service = _sources.Client(parsed);
        var written = (service?.Properties ?? ImmutableSortedDictionary<string, string>.Empty).ToDictionary(
            property => $"Kafka:Client:{property.Key}", string? (property) => property.Value);
        written["Kafka:PredictionTopics"] = topic;
        written["Kafka:BootstrapServers"] = parsed.GetValue(_brokers) ?? service?.BootstrapServers;
        if (format is not null)
        {
            written[$"Kafka:Formats:{topic}"] = format;
        }

        foreach (var property in parsed.GetValue(_client) ?? [])
        {
            var parts = property.Split('=', 2);
            written[$"Kafka:Client:{parts[0]}"] = parts is [_, var value]
                ? value
                : throw new InvalidConfigurationException([$"--client {parts[0]}: must be NAME=VALUE"]);
        }

        var (from, to) = (parsed.GetValue(_from)!.Value, parsed.GetValue(_to) ?? long.MaxValue);
        if (to <= from)
        {
            throw new InvalidConfigurationException(["--to: must be later than --from"]);
        }

        try
        {
            var settings = ConfigurationReader.Read(new ConfigurationBuilder().AddInMemoryCollection(written).Build());
            how = format is null ? how : (how with { Source = settings.Predictions[topic] }).WithModel(Model(parsed));
            to = to == long.MaxValue ? to : to + lateMs;
            return (new TopicRange(settings.Client, topic, how.Source.ReadsHeaders, from, to, slackMs, console.Tell), how);
        }
        catch (InvalidConfigurationException problem)
        {
            var name = how.Source.Kind == SourceKind.Labels ? _feedbackTopic.Name : _topic.Name;
            throw new InvalidConfigurationException([.. problem.Problems.Select(line => line
                .Replace($"Kafka:Formats:{topic}", "--topic-format", StringComparison.Ordinal)
                .Replace("Kafka:PredictionTopics", name, StringComparison.Ordinal)
                .Replace("Kafka:BootstrapServers", "--brokers", StringComparison.Ordinal)
                .Replace("Kafka:Client:", "--client ", StringComparison.Ordinal))]);
        }
    }

    private static Option<string?> Topic(string name, string description) => new(name) { Description = description, HelpName = "NAME" };

    /// <summary>A time, null when left out.</summary>
    public static Option<long?> Time(string name, string description) => new(name)
    {
        Description = $"{description} RFC 3339, such as 2026-01-01T00:00:00Z, or epoch milliseconds.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms);
            if (isNumber ? JsonTimestamp.IsAllowed(ms) : JsonTimestamp.TryParse(Encoding.UTF8.GetBytes(text), out ms))
            {
                return ms;
            }

            result.AddError(
                $"{name} = '{text}': must be a time such as 2026-01-01T00:00:00Z, or epoch milliseconds, of the years 2000 to 2100");
            return null;
        },
    };
}
