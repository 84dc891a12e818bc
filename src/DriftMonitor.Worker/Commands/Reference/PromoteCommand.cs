using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Topics;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference promote</c>: builds a model's reference from its live traffic since a time, and pushes it.</summary>
/// <remarks>
/// It reads the service's topics by itself, as the service does but in no consumer group: what runs is not touched, and does no work.
/// </remarks>
internal sealed class PromoteCommand
{
    private readonly Option<long?> _since = RecordedInputs.Time("--since", "The first record timestamp of the traffic.");
    private readonly Option<long?> _until = RecordedInputs.Time("--until", "Where it ends, exclusive; now when left out.");
    private readonly Option<string?> _topic = new("--topic")
    {
        Description = "The topic of predictions that the model is in; must be given where that is not clear.",
        HelpName = "NAME",
    };
    private readonly Option<int> _scoreBins = Arguments.Number(
        "--score-bins", "How many bins the scores of a model are put into, of equally many scores each.", ScoreBins.DefaultCount, 1,
        ScoreBins.MaxEdges - 1);
    private readonly Option<int?> _version = new("--snapshot-version")
    {
        Description = "Its version; one above all that the topic has, and the references directory where that is at hand, when left out.",
        HelpName = "NUMBER",
    };
    private readonly Option<bool> _newClasses = new("--new-classes")
    {
        Description = "Take the classes from the predictions, not from the reference in use; those of Models:N:Classes hold anyway.",
    };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Build it and tell of it, and write nothing." };
    private readonly Option<bool> _acceptRejects = RecordedSources.AcceptRejects();
    private readonly CommandConsole _console;
    private readonly TimeProvider _time;

    private PromoteCommand(CommandConsole console, TimeProvider time) => (_console, _time) = (console, time);

    public static Command Create(CommandConsole console, TimeProvider time)
    {
        var promote = new PromoteCommand(console, time);
        promote._since.Required = true;
        return TopicCommand.Create(
            console,
            new Command(
                "promote",
                "Build a model's reference from its traffic since a time, with the service's own sources and labels, and push it: of a "
                + "time when the model was good.")
            {
                promote._since, promote._until, promote._topic, promote._scoreBins, promote._newClasses, promote._version,
                promote._dryRun, promote._acceptRejects,
            },
            TopicCommand.Words("model", "The model."),
            most: 1,
            (parsed, settings, words) => promote.RunAsync(parsed, settings, words[0]));
    }

    private async Task<int> RunAsync(ParseResult parsed, MonitorSettings settings, string model)
    {
        var now = _time.GetUtcNow();
        var (from, to) = (parsed.GetValue(_since)!.Value, parsed.GetValue(_until) ?? now.ToUnixTimeMilliseconds());
        var source = Source(parsed, settings, model);
        if (to <= from)
        {
            throw new InvalidConfigurationException(["--since: must be earlier than --until, and than now"]);
        }

        var topic = PushedTopic.Read(settings, _time);
        var (labels, lack) = Labels(settings, source, from, to);
        var before = topic.InUse.Of(model);
        var result = ReferenceFromPredictions.Build(
            Range(settings, source, from, to), null, Classes(parsed, settings, model, before),
            parsed.GetValue(_version) ?? (topic.HighestVersion(model) + 1), now,
            parsed.GetValue(_scoreBins), labels, new RecordedSource(source, settings.Limits), only: model, panes: settings.Plan);
        var acceptsRejects = parsed.GetValue(_acceptRejects);
        if (!(RecordedSources.Accepts(_console, result.Counts, acceptsRejects)
            & RecordedSources.Accepts(_console, result.LabelCounts, acceptsRejects)))
        {
            return CommandConsole.FailureExitCode;
        }

        var snapshot = result.Snapshots.Single();
        using var content = new MemoryStream();
        ReferenceFile.Write(snapshot, content);
        var record = ReferenceRecord.Create(snapshot, content.ToArray());
        if (PushCommand.TooLarge(record) is { } problem)
        {
            throw new InvalidConfigurationException([$"model = '{model}': {problem}"]);
        }

        var name = $"{source.Topic} from {TimeText.Utc(from)} to {TimeText.Utc(to)}";
        if (parsed.GetValue(_dryRun))
        {
            _console.Output.WriteLine($"{name}: {ReferenceCommand.Describe(snapshot)}, not pushed");
        }
        else
        {
            await PushCommand.PushAsync(_console, topic, snapshot, record, name);
        }

        Tell(settings, result, Lacks(snapshot, before, lack));
        return 0;
    }

    private void Tell(MonitorSettings settings, ReferenceFromPredictions.Result result, IEnumerable<string> lacks)
    {
        var shortest = settings.Plan.Windows.MinBy(window => window.LengthMs)!;
        string?[] lines =
        [
            .. CoverageText.Lines(result.Snapshots.Single(), shortest), .. lacks,
            $"rejected records: {RecordCounts.Text(result.Rejected)}", .. result.Refused, result.Labels?.Summary,
        ];
        foreach (var line in lines.OfType<string>())
        {
            _console.Output.WriteLine(DisplayText.Of(line));
        }

        _console.TellUnmatched(result.Labels);
    }

    /// <summary>The thresholds that the reference cannot give, a sentence each.</summary>
    private static string Classes(ClassSpace space) => string.Create(
        CultureInfo.InvariantCulture, $"{space.DistinctNames.Count}{(space.Choices > 1 ? " that hold or not by themselves" : "")}");

    private static IEnumerable<string> Lacks(ReferenceSnapshot snapshot, ReferenceSnapshot? before, string? lack)
    {
        if (snapshot.Losses is null)
        {
            var why = lack ?? (snapshot.Errors is null ? "none of its predictions has a label in the range" : "too many are capped");
            yield return $"no baseline of labels: {why}. So cross-entropy has its fixed thresholds alone "
                + "(Alarms:CrossEntropyWarningNats and CrossEntropyCriticalNats, 0 for none)"
                + (snapshot.Errors is null ? ", and accuracy has none" : "");
        }

        if (before is not null && before.ClassSpace.Id != snapshot.ClassSpace.Id)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"other classes: {Classes(snapshot.ClassSpace)}, where version {before.Version} has "
                + $"{Classes(before.ClassSpace)} or names them otherwise. So all windows of the model start anew with it");
        }

        if (snapshot.Policies.Count == 0 && before?.Policies.Count > 0)
        {
            yield return "no baseline of two policies, which the reference in use has: no event of the range tells of two policies. So "
                + "policy KL has its fixed thresholds alone (Alarms:PolicyKlWarningNats and PolicyKlCriticalNats, 0 for none)";
        }
    }

    /// <summary>The classes that are configured, else those that are in use; null to take them from the predictions.</summary>
    private ClassSpace? Classes(ParseResult parsed, MonitorSettings settings, string model, ReferenceSnapshot? before) =>
        settings.Classes.GetValueOrDefault(model)
        ?? (parsed.GetValue(_newClasses) || before is not { Bins: null } ? null : before.ClassSpace);

    private SourceSettings Source(ParseResult parsed, MonitorSettings settings, string model)
    {
        var topics = settings.Predictions;
        if (!JsonNames.IsLabel(model))
        {
            throw new InvalidConfigurationException([$"model = '{model}': must be {ModelOptions.NameAllowed}"]);
        }

        if (parsed.GetValue(_topic) is { } named)
        {
            return topics.GetValueOrDefault(named) ?? throw new InvalidConfigurationException(
                [$"--topic = '{named}': must be a topic of predictions of the service: {string.Join(", ", topics.Keys)}"]);
        }

        SourceSettings[] own =
        [
            .. topics.Values.Where(
                source => topics.Count == 1 || (source.Model is { } ofSource && settings.Limits.Names.Map(ofSource).Model == model)),
        ];
        return own is [var only]
            ? only
            : throw new InvalidConfigurationException(
                [$"--topic: must be given, since {model} may be in several topics of predictions: {string.Join(", ", topics.Keys)}"]);
    }

    private (ReferenceFromPredictions.Labels? Labels, string? Lack) Labels(
        MonitorSettings settings, SourceSettings source, long from, long to)
    {
        if (settings.Feedback is not { } feedback)
        {
            return (null, "the service has no topic of labels");
        }

        if (feedback.Join && !source.Join)
        {
            return (null, $"the labels of {feedback.Source.Topic} are not joined to {source.Topic}");
        }

        var horizon = TimeSpan.FromMilliseconds(feedback.Plan.HorizonMs);
        var records = Range(settings, feedback.Source, from, to + feedback.Plan.HorizonMs);
        return (new ReferenceFromPredictions.Labels(records, new RecordedSource(feedback.Source, settings.Limits), horizon), null);
    }

    private ShownRecords Range(MonitorSettings settings, SourceSettings source, long from, long to) => new(
        _console, new TopicRange(settings.Client, source.Topic, source.ReadsHeaders, from, to, slackMs: 0, _console.Tell));

    /// <summary>Records whose reading is shown each time.</summary>
    private sealed class ShownRecords(CommandConsole console, IRecordedPredictions records) : IRecordedPredictions
    {
        public string Name => records.Name;

        public long Length => records.Length;

        public void Read(IRecordedPredictions.RecordReader onRecord, Action<long> onProgress) => ReadingProgress.Shown(
            console.ErrorScreen, records, done => records.Read(onRecord, read =>
            {
                done(read);
                onProgress(read);
            }));
    }
}
