using System.CommandLine;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Commands.Replay;

/// <summary><c>replay</c>: the pipeline on files, in event time, as fast as it goes.</summary>
internal static class ReplayCommand
{
    private static readonly TimeSpan AllowedLateness = TimeSpan.FromMinutes(1);

    public static Command Create(CommandConsole console, TimeProvider time)
    {
        var inputs = new RecordedInputs();
        var reference = Arguments.File(
            "--reference", "A snapshot, or predictions (one JSON document a line) to build one from.", required: false);
        var window = new Option<string>("--window")
        {
            Description = "The windows' length.",
            HelpName = "DURATION",
            DefaultValueFactory = _ => "5m",
        };
        var slide = new Option<string?>("--slide")
        {
            Description = "How far a window moves from one evaluation to the next. Default: the length of the window.",
            HelpName = "DURATION",
        };
        var format = new Option<string>("--format")
        {
            Description = "jsonl: one line per series, window and slide; table: for people.",
            DefaultValueFactory = _ => "table",
        };
        format.AcceptOnlyFromAmong("jsonl", "table");
        var pseudoEvents = Arguments.Number(
            "--pseudo-events",
            "Number of pseudo-events (over all classes together) that are added to each distribution to smooth it; 0 for exact values.",
            1.0, 0, 1_000_000);
        var minimumEvents = Arguments.Number(
            "--minimum-events", "A window with fewer events is not ready.", new EvaluationSettings().MinimumEvents, 1, long.MaxValue);
        var compared = Arguments.Segments("");
        var lateness = Arguments.Duration(
            "--allowed-lateness", "How far out of order the lines may be. Default: 1m.", orNothing: true);

        var command = new Command(
            "replay", "Run recorded predictions through the monitor, and print every window, in event time. Raises no alerts.")
        {
            reference, window, slide, format, compared, pseudoEvents, minimumEvents, lateness,
        };
        foreach (var option in inputs.Options)
        {
            command.Add(option);
        }

        command.SetAction(parsed => console.TellFaults(() =>
        {
            var problems = inputs.Problems(parsed).ToList();
            var length = parsed.GetRequiredValue(window);
            if (!WindowSpec.TryParse($"{length}/{parsed.GetValue(slide) ?? length}", out var spec, out var problem))
            {
                problems.Add($"--window and --slide: {problem}");
            }

            var segments = Arguments.ReadSegments(parsed, compared, problems);
            if (spec is null || problems.Count > 0)
            {
                throw new Configuration.InvalidConfigurationException(problems);
            }

            var (skew, slack) = inputs.Disorder(parsed);
            var plan = WindowPlan.Create(
                [spec], parsed.GetValue(lateness) ?? AllowedLateness, skew, slack,
                compared: ComparedSegments.None with { General = segments });
            var evaluator = new DriftEvaluator(new EvaluationSettings(parsed.GetValue(pseudoEvents), parsed.GetValue(minimumEvents)));
            var predictions = inputs.Predictions(console, parsed, plan.DisorderSlackMs);
            if (!TryLoad(console, parsed, inputs, parsed.GetValue(reference), time, out var references))
            {
                return CommandConsole.FailureExitCode;
            }

            var labels = inputs.Labels(console, parsed, plan.DisorderSlackMs) is { } given
                ? (given.Records, given.How, new FeedbackPlan(plan, inputs.Horizon(parsed)))
                : ((IRecordedPredictions, RecordedSource, FeedbackPlan)?)null;
            var (counts, labelCounts) = (new RecordCounts(), new RecordCounts("--feedback-source"));
            Run(
                console, predictions.Records, predictions.How, counts, parsed.GetValue(format) == "jsonl", plan, evaluator, references,
                labels, labelCounts, time);
            var isUsable = inputs.Accepts(console, parsed, counts) & (labels is null || inputs.Accepts(console, parsed, labelCounts));
            return isUsable ? 0 : CommandConsole.FailureExitCode;
        }));
        return command;
    }

    /// <summary>Reads a snapshot, or builds some from predictions.</summary>
    /// <returns>False if too many of the predictions are rejected; it is told why.</returns>
    internal static bool TryLoad(
        CommandConsole console, ParseResult parsed, RecordedInputs inputs, FileInfo? file, TimeProvider time, out ReferenceSet references)
    {
        references = ReferenceSet.Empty;
        if (file is null)
        {
            return true;
        }

        if (ReferenceFile.IsSnapshot(file.FullName))
        {
            references = ReferenceSet.Latest([ReferenceFile.Read(file.FullName)]);
            return true;
        }

        var built = ReferenceFromPredictions.Build(file.FullName, null, null, 1, time.GetUtcNow(), source: inputs.PredictionSource(parsed));
        references = ReferenceSet.Latest(built.Snapshots);
        return inputs.Accepts(console, parsed, built.Counts);
    }

    /// <summary>The models of predictions; of those without a reference the classes that all of them together name.</summary>
    internal static WatchedModels Models(ReferenceSet references, IRecordedPredictions recorded, RecordedSource how)
    {
        var models = RecordedRuns.Models(references);
        // else the first line would say the names; how many classes without names there are is decided by the minute, as in the service
        foreach (var (name, classes) in PredictionSurvey.Of(recorded, how, scoreBins: 0, unnamed: false))
        {
            models.Add(name).Fix(classes);
        }

        return models;
    }

    private static void Run(
        CommandConsole console, IRecordedPredictions recorded, RecordedSource how, RecordCounts counts, bool jsonLines, WindowPlan plan,
        DriftEvaluator evaluator, ReferenceSet references, (IRecordedPredictions Records, RecordedSource How, FeedbackPlan Plan)? labels,
        RecordCounts labelCounts, TimeProvider time)
    {
        var models = Models(references, recorded, how);
        var feedback = labels is { } given
            ? new ReplayFeedback(
                recorded.Decode(how, models), given.Records.Labels(given.How, models, labelCounts), given.Plan)
            : null;
        using var lines = new JsonLineWriter(console.Bytes);
        var table = ReportTable.Create(labels is not null);
        var windows = 0L;
        var pipeline = new ReplayPipeline(plan, references, evaluator, report =>
        {
            windows++;
            if (jsonLines)
            {
                lines.Write(ReportJson.Of(report, feedback));
            }
            else
            {
                ReportTable.Add(table, report, feedback);
            }
        }, counts.Refuse);

        var started = time.GetTimestamp();
        ReadingProgress.Shown(console.ErrorScreen, recorded, onProgress => pipeline.Run(recorded.Decode(how, models, counts, onProgress)));
        lines.Flush();
        if (!jsonLines)
        {
            console.Show(table);
            if (feedback is not null)
            {
                console.Show(FeedbackTables.Reliability(feedback.Whole));
            }
        }

        var seconds = time.GetElapsedTime(started).TotalSeconds;
        console.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{pipeline.Lines} lines in {seconds:0.00} s, {RecordCounts.TextOfUncounted(pipeline.Rejected, pipeline.Duplicates)}; "
            + $"{windows} windows{(feedback is null ? "" : $"; {feedback.Summary}")}"));
        foreach (var line in ClassChangeText.Lines(pipeline.ClassChanges, pipeline.OtherClasses))
        {
            console.Note(line);
        }

        console.TellUnmatched(feedback);
    }
}
