using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Commands;

/// <summary>The options that say how recorded predictions and labels are read: as the service reads them.</summary>
internal sealed class RecordedSources
{
    private readonly Option<string?> _source = Source("--source", "predictions");
    private readonly Option<string?> _feedbackSource = Source("--feedback-source", "labels");
    private readonly ServiceFile _service = new(
        "the brokers, the sources that --source and --feedback-source name, Feedback:Horizon, Models:N:Match, Limits:SumTolerance and "
        + "Limits:RecordBytes; for backtest also SmallestEffect and CompareWithRest of Alarms and of Models");
    private readonly Option<bool> _acceptRejects = AcceptRejects();

    public IEnumerable<Option> Options => [_source, _feedbackSource, _service.Option, _acceptRejects];

    /// <summary>How predictions are read.</summary>
    /// <exception cref="InvalidConfigurationException">There is no such source, or it is wrong.</exception>
    public RecordedSource Predictions(ParseResult parsed) => Find(parsed, _source, SourceKind.Predictions);

    /// <summary>How labels are read.</summary>
    /// <exception cref="InvalidConfigurationException">There is no such source, or it is wrong.</exception>
    public RecordedSource Labels(ParseResult parsed) => Find(parsed, _feedbackSource, SourceKind.Labels);

    /// <summary>Whether predictions are read by another source than DriftMonitor's own JSON.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_source) is not null;

    /// <summary>Reports the first records that were rejected, and what is wrong if it is too many of them.</summary>
    /// <returns>Whether the result may be used.</returns>
    public bool Accepts(CommandConsole console, ParseResult parsed, RecordCounts counts) =>
        Accepts(console, counts, parsed.GetValue(_acceptRejects));

    /// <inheritdoc cref="Accepts(CommandConsole, ParseResult, RecordCounts)"/>
    public static bool Accepts(CommandConsole console, RecordCounts counts, bool acceptsRejects)
    {
        foreach (var sample in counts.Samples)
        {
            console.Tell(sample);
        }

        var problem = acceptsRejects ? null : counts.Problem;
        if (problem is not null)
        {
            console.Tell(problem);
        }

        return problem is null;
    }

    /// <summary>How the service reaches its brokers; null where there is no file of its settings.</summary>
    /// <exception cref="InvalidConfigurationException">A setting is wrong.</exception>
    public ClientSettings? Client(ParseResult parsed) => _service.Read(parsed)?.Client;

    /// <summary>When the service's models are worth an alarm; likewise.</summary>
    /// <inheritdoc cref="Client"/>
    public AlarmSettings? Alarms(ParseResult parsed) => _service.Read(parsed)?.Alarms;

    /// <summary>How far apart the service lets a label and its prediction be; its default where there is no file of its settings.</summary>
    /// <inheritdoc cref="Client"/>
    public TimeSpan Horizon(ParseResult parsed) =>
        _service.Read(parsed)?.FeedbackHorizon ?? ValidationRules.ParseDuration(new FeedbackOptions().Horizon);

    private RecordedSource Find(ParseResult parsed, Option<string?> option, SourceKind kind)
    {
        var text = parsed.GetValue(option);
        var isFile = text is not null && File.Exists(text);
        var settings = text is null || isFile ? _service.Read(parsed) : _service.ReadAlways(parsed);
        var source = text is null ? SourceSettings.OwnJson with { Kind = kind }
            : isFile ? ConfigurationReader.ReadSource(new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(text)).Build(), text, kind)
            : Named(settings!, option.Name, text, kind);
        return new RecordedSource(source, settings?.Limits ?? new PredictionDecoderSettings());
    }

    private static SourceSettings Named(MonitorSettings settings, string option, string name, SourceKind kind)
    {
        IEnumerable<SourceSettings> all = kind == SourceKind.Predictions ? settings.Predictions.Values
            : settings.Feedback is { } feedback ? [feedback.Source] : [];
        return all.FirstOrDefault(source => source.Name == name) ?? throw new InvalidConfigurationException(
            [$"{option} = '{name}': must be a file, or the name of a source of {kind.ToString().ToLowerInvariant()}: "
            + $"{(all.Any() ? string.Join(", ", all.Select(source => source.Name)) : "there is none")}"]);
    }

    public static Option<bool> AcceptRejects() => new("--accept-rejects")
    {
        Description = "Go on although more than a tenth of the records were rejected, or none was accepted.",
    };

    private static Option<string?> Source(string name, string kind) => new(name)
    {
        Description = $"How the {kind} are read: a JSON file with one source, or the name of a source of the service's settings.",
        HelpName = "FILE|NAME",
    };
}
