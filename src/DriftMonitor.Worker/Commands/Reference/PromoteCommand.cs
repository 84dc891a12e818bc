using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference promote</c>: builds a model's reference from its live traffic since a time, and pushes it.</summary>
/// <remarks>
/// It reads the service's topics by itself, as the service does but in no consumer group: what runs is not touched, and does no work.
/// </remarks>
internal sealed class PromoteCommand
{
    private readonly Option<long?> _since = RecordedInputs.Time("--since", "The first record timestamp of the traffic.");
    private readonly Option<long?> _until = RecordedInputs.Time(
        "--until", "The end of the traffic (record timestamp, exclusive). Default: now.");
    private readonly Option<string?> _topic = new("--topic")
    {
        Description = "The topic of the model's predictions. Needed if the model may be in more than one topic of predictions.",
        HelpName = "NAME",
    };
    private readonly Option<int> _scoreBins = Arguments.Number(
        "--score-bins", "Number of bins for scores. The bins are chosen so that they hold equally many scores.", ScoreBins.DefaultCount, 1,
        ScoreBins.MaxEdges - 1);
    private readonly Option<int?> _version = new("--snapshot-version")
    {
        Description = "Version number of the new reference. Default: one more than the highest version in the references topic, and in the "
            + "references directory if this machine has it.",
        HelpName = "NUMBER",
    };
    private readonly Option<bool> _newClasses = new("--new-classes")
    {
        Description = "Take the classes from the predictions, not from the reference in use. Models:N:Classes applies anyway, if set.",
    };
    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Build the reference and print what it contains, but do not push it.",
    };
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
                "Build a reference from a model's live traffic of a time when the model was good (--since, --until), and push it. Sources "
                + "and labels are those of the service's settings.")
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
        var promotion = new LivePromotion(
            settings, model, parsed.GetValue(_since)!.Value, parsed.GetValue(_until) ?? _time.GetUtcNow().ToUnixTimeMilliseconds(),
            parsed.GetValue(_topic))
        {
            NewClasses = parsed.GetValue(_newClasses),
            ScoreBins = parsed.GetValue(_scoreBins),
            Version = parsed.GetValue(_version),
        };
        if (promotion.IsEmpty)
        {
            throw new InvalidConfigurationException(["--since: must be earlier than --until, and than now"]);
        }

        var topic = PushedTopic.Read(settings, _time, model);
        var result = promotion.Build(topic, _time.GetUtcNow(), records => new ShownRecords(_console, records), _console.Tell);
        var acceptsRejects = parsed.GetValue(_acceptRejects);
        if (!(RecordedSources.Accepts(_console, result.Counts, acceptsRejects)
            & RecordedSources.Accepts(_console, result.LabelCounts, acceptsRejects)))
        {
            return CommandConsole.FailureExitCode;
        }

        var snapshot = result.Snapshots.Single();
        var record = LivePromotion.Record(snapshot);
        if (parsed.GetValue(_dryRun))
        {
            _console.Say($"{promotion.Name}: {ReferenceText.Of(snapshot)}, not pushed");
        }
        else
        {
            topic = PushedTopic.Read(settings, _time, model);
            var (used, place) = await promotion.PushAsync(snapshot, record, topic, PushedTopic.User);
            PushCommand.Tell(_console, topic, used, place, promotion.Name);
        }

        foreach (var line in promotion.Lines(result))
        {
            _console.Say(DisplayText.Of(line));
        }

        _console.TellUnmatched(result.Labels);
        return 0;
    }

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
