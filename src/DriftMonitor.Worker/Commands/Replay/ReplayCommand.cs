using System.CommandLine;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Commands.Replay;

/// <summary><c>replay</c>: the pipeline on files, in event time, as fast as it goes.</summary>
internal static class ReplayCommand
{
    private static readonly TimeSpan AllowedLateness = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(1);

    public static Command Create(CommandConsole console, TimeProvider time)
    {
        var predictions = Arguments.File("--predictions", "Predictions, one JSON document a line.");
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
            Description = "The windows' slide; their length when left out.",
            HelpName = "DURATION",
        };
        var format = new Option<string>("--format")
        {
            Description = "jsonl: one line per series, window and slide; table: for people.",
            DefaultValueFactory = _ => "table",
        };
        format.AcceptOnlyFromAmong("jsonl", "table");
        var pseudoEvents = Arguments.Number(
            "--pseudo-events", "Pseudo-events that smooth both distributions; 0 for exact values.", 1.0, 0, 1_000_000);
        var minimumEvents = Arguments.Number(
            "--minimum-events", "A window with fewer events is not ready.", new EvaluationSettings().MinimumEvents, 1, long.MaxValue);
        var lateness = Arguments.Duration(
            "--allowed-lateness", "How far out of order the lines may be; 1m when left out.", orNothing: true);
        var feedback = Arguments.File("--feedback", "Labels of the predictions, one JSON document a line.", required: false);
        var horizon = Arguments.Duration("--horizon", "How far apart a label and its prediction may be; 1d when left out.");
        var model = new Option<string?>("--model") { Description = "The model of lines that name none." };

        var command = new Command("replay", "Run recorded predictions through the monitor: every window of every slide, in event time.")
        {
            predictions, reference, window, slide, format, pseudoEvents, minimumEvents, lateness, model, feedback, horizon,
        };
        command.SetAction(parsed => console.TellFaults(() =>
        {
            var length = parsed.GetRequiredValue(window);
            if (!WindowSpec.TryParse($"{length}/{parsed.GetValue(slide) ?? length}", out var spec, out var problem))
            {
                throw new Configuration.InvalidConfigurationException([$"--window and --slide: {problem}"]);
            }

            var plan = WindowPlan.Create([spec], parsed.GetValue(lateness) ?? AllowedLateness, TimeSpan.Zero, TimeSpan.Zero);
            var evaluator = new DriftEvaluator(new EvaluationSettings(parsed.GetValue(pseudoEvents), parsed.GetValue(minimumEvents)));
            var references = Load(parsed.GetValue(reference), parsed.GetValue(model), time);
            var labels = parsed.GetValue(feedback) is { } file
                ? (file, new FeedbackPlan(plan, parsed.GetValue(horizon) ?? Horizon))
                : ((FileInfo, FeedbackPlan)?)null;
            Run(
                console, parsed.GetRequiredValue(predictions), parsed.GetValue(model), parsed.GetValue(format) == "jsonl", plan, evaluator,
                references, labels, time);
            return 0;
        }));
        return command;
    }

    internal static ReferenceSet Load(FileInfo? file, string? model, TimeProvider time) =>
        file is null ? ReferenceSet.Empty
        : ReferenceFile.IsSnapshot(file.FullName) ? ReferenceSet.Latest([ReferenceFile.Read(file.FullName)])
        : ReferenceSet.Latest(ReferenceFromPredictions.Build(file.FullName, model, null, 1, time.GetUtcNow()).Snapshots);

    private static void Run(
        CommandConsole console, FileInfo predictions, string? model, bool jsonLines, WindowPlan plan, DriftEvaluator evaluator,
        ReferenceSet references, (FileInfo File, FeedbackPlan Plan)? labels, TimeProvider time)
    {
        var recorded = new PredictionFiles([predictions]);
        var models = RecordedRuns.Models(references);
        var feedback = labels is { } given
            ? new ReplayFeedback(recorded.Decode(models, model), RecordedRuns.Labels(given.File.FullName, models, model), given.Plan)
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
        });

        var started = time.GetTimestamp();
        ReadingProgress.Shown(console.ErrorScreen, recorded, onProgress => pipeline.Run(recorded.Decode(models, model, onProgress)));
        lines.Flush();
        if (!jsonLines)
        {
            console.Screen.Write(table);
            if (feedback is not null)
            {
                console.Screen.Write(FeedbackTables.Reliability(feedback.Whole));
            }
        }

        var seconds = time.GetElapsedTime(started).TotalSeconds;
        console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{pipeline.Lines} lines in {seconds:0.00} s, rejected: {ReferenceFromPredictions.Text(pipeline.Rejected)}; {windows} "
            + $"windows{(feedback is null ? "" : $"; {feedback.Summary}")}"));
    }
}
