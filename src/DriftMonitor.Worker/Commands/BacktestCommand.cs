using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using DriftMonitor.Alarms;
using DriftMonitor.Events;
using DriftMonitor.Feedback;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Backtest;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Messages;
using DriftMonitor.Worker.Replay;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands;

/// <summary><c>backtest</c>: what would have alerted, on what was recorded.</summary>
internal static class BacktestCommand
{
    private const string DefaultBudget = "critical: 1 per 30d, warning: 1 per 7d";

    private static readonly TimeSpan AllowedLateness = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(1);

    public static Command Create(TimeProvider time)
    {
        var predictions = Arguments.Files("--predictions", "Predictions, one JSON document a line; several files are read in the order given.");
        var reference = Arguments.File("--reference", "A snapshot, or predictions (one JSON document a line) to build one from.");
        var windows = new Option<string>("--windows") { Description = "The windows as length/slide, separated by commas.", HelpName = "5m/10s,…", DefaultValueFactory = _ => new WindowOptions().Spans };
        var budget = new Option<string[]>("--budget") { Description = $"How often an alarm may be false; given again, settings are compared. Without any: \"{DefaultBudget}\".", HelpName = "critical: 1 per 30d, warning: …" };
        var threshold = new Option<string[]>("--threshold") { Description = "Fixed thresholds of the KL divergence in nats, as a setting to compare.", HelpName = "critical: 0.125, warning: …" };
        var format = new Option<string>("--format") { Description = "jsonl: one line per evaluation and setting; table: for people.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("jsonl", "table");
        var pseudoEvents = Arguments.Number("--pseudo-events", "Pseudo-events that smooth both distributions.", new EvaluationSettings().PseudoEvents, 0, 1_000_000);
        var minimumEvents = Arguments.Number("--minimum-events", "A window with fewer events is not ready.", new EvaluationSettings().MinimumEvents, 1, long.MaxValue);
        var lateness = Arguments.Duration("--allowed-lateness", "How far out of order the predictions may be; 1m when left out.", orNothing: true);
        var feedback = Arguments.File("--feedback", "Labels of the predictions, one JSON document a line.");
        feedback.Required = false;
        var horizon = Arguments.Duration("--horizon", "How far apart a label and its prediction may be; 1d when left out.");
        var svg = new Option<FileInfo>("--svg") { Description = "A picture of the divergence and its thresholds to write, as SVG.", HelpName = "FILE" };
        var png = new Option<FileInfo>("--png") { Description = "The same, as PNG.", HelpName = "FILE" };
        var model = new Option<string?>("--model") { Description = "The model of predictions that name none." };

        var command = new Command("backtest", "Say what would have alerted: recorded predictions, a reference, and budgets or thresholds to try.")
        {
            predictions, reference, windows, budget, threshold, format, svg, png, feedback, horizon, pseudoEvents, minimumEvents, lateness, model,
        };
        command.SetAction(parsed => Failures.Told(() =>
        {
            var settings = Settings(parsed.GetValue(budget) ?? [], parsed.GetValue(threshold) ?? []);
            var plan = WindowPlan.Create(Specs(parsed.GetRequiredValue(windows)), parsed.GetValue(lateness) ?? AllowedLateness, TimeSpan.Zero, TimeSpan.Zero);
            var references = ReplayCommand.Load(parsed.GetRequiredValue(reference), parsed.GetValue(model), time);
            var models = new WatchedModels(maxModels: 100_000, maxSegmentsPerModel: 100_000, acceptUnknown: true);
            foreach (var snapshot in references.ByModel.Values)
            {
                models.Add(snapshot.Model).Fix(snapshot.Classes);
            }

            var recorded = new PredictionFiles(parsed.GetRequiredValue(predictions));
            var labels = parsed.GetValue(feedback) is { } file
                ? ReplayFeedback.Read(recorded, file.FullName, new FeedbackPlan(plan, parsed.GetValue(horizon) ?? Horizon), models, parsed.GetValue(model))
                : null;
            using var output = Console.OpenStandardOutput();
            using var buffered = new BufferedStream(output, 64 * 1024);
            using var json = new Utf8JsonWriter(buffered);
            var run = new BacktestRun(
                plan,
                new PredictionDecoder(models, new PredictionDecoderSettings()),
                parsed.GetValue(model),
                references,
                new EvaluationSettings(parsed.GetValue(pseudoEvents), parsed.GetValue(minimumEvents)),
                labels,
                settings,
                parsed.GetValue(format) == "jsonl" ? WriteLine : (_, _, _) => { });
            ReadingProgress.Shown(recorded, onProgress => run.Run(recorded, onProgress));
            buffered.Flush();
            if (parsed.GetValue(format) == "table")
            {
                foreach (var part in BacktestScreen.Of(run, AnsiConsole.Profile.Width))
                {
                    AnsiConsole.Write(part);
                }
            }

            Picture(parsed.GetValue(svg), DivergencePicture.SaveSvg);
            Picture(parsed.GetValue(png), DivergencePicture.SavePng);
            return Task.FromResult(0);

            void Picture(FileInfo? file, Func<BacktestRun, string, int> save)
            {
                if (file is not null && save(run, file.FullName) is > 0 and var leftOut)
                {
                    Console.Error.WriteLine($"{file}: {leftOut} more series are not in the picture");
                }
            }

            void WriteLine(DriftReport report, SettingOutcome outcome, ImmutableArray<Reading> readings)
            {
                EvaluationJson.Write(json, report, labels, outcome.Setting, readings);
                json.Flush();
                buffered.WriteByte((byte)'\n');
                json.Reset();
            }
        }));
        return command;
    }

    private static List<AlarmSetting> Settings(string[] budgets, string[] thresholds)
    {
        var settings = new List<AlarmSetting>();
        var problems = new List<string>();
        foreach (var text in budgets.Length + thresholds.Length == 0 ? [DefaultBudget] : budgets)
        {
            Add("--budget", text, AlarmSetting.TryParseBudget(text, out var setting, out var problem), setting, problem);
        }

        foreach (var text in thresholds)
        {
            Add("--threshold", text, AlarmSetting.TryParseThreshold(text, out var setting, out var problem), setting, problem);
        }

        return problems.Count == 0 ? settings : throw new InvalidConfigurationException(problems);

        void Add(string option, string text, bool isOne, AlarmSetting? setting, string? problem)
        {
            if (!isOne)
            {
                problems.Add($"{option} = '{text}': {problem}");
            }
            else if (settings.Exists(other => other.Name == setting!.Name))
            {
                problems.Add($"{option} = '{text}': stands twice");
            }
            else
            {
                settings.Add(setting!);
            }
        }
    }

    private static IEnumerable<WindowSpec> Specs(string windows) => windows
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(text => WindowSpec.TryParse(text, out var spec, out var problem) ? spec : throw new InvalidConfigurationException([$"--windows: {problem}"]));
}
