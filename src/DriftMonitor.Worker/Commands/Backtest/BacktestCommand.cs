using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using DriftMonitor.Worker.Commands.Replay;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Sources;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary><c>backtest</c>: what would have alerted, on what was recorded.</summary>
internal static class BacktestCommand
{
    private const string DefaultBudget = "critical: 1 per 30d, warning: 1 per 7d";
    private const int ExitCodeOfAlert = 3;

    private static readonly TimeSpan AllowedLateness = TimeSpan.FromMinutes(1);

    public static Command Create(CommandConsole console, TimeProvider time, KeptCalibrations kept)
    {
        var inputs = new RecordedInputs();
        var reference = Arguments.File(
            "--reference",
            "A snapshot, or predictions (one JSON document a line) to build one from. Needed, unless segments are compared with the rest.",
            required: false);
        var windows = new Option<string>("--windows")
        {
            Description = "The windows as length/slide, separated by commas.",
            HelpName = "LENGTH/SLIDE,…",
            DefaultValueFactory = _ => new WindowOptions().Spans,
        };
        var budget = new Option<string[]>("--budget")
        {
            Description =
                $"Budget of false alarms to try. Give the option more than once to compare several. Default, if no --threshold is given: "
                + $"\"{DefaultBudget}\".",
            HelpName = "\"critical: 1 per 30d, warning: 1 per 7d\"",
        };
        var threshold = new Option<string[]>("--threshold")
        {
            Description = "Fixed thresholds of the KL divergence to try, in nats. Give the option more than once to compare several.",
            HelpName = "\"critical: 0.125, warning: 0.05\"",
        };
        var format = new Option<string>("--format")
        {
            Description = "jsonl: for each evaluation, one line for each budget or threshold that is tried; table: for people.",
            DefaultValueFactory = _ => "table",
        };
        format.AcceptOnlyFromAmong("jsonl", "table");
        var svg = new Option<FileInfo>("--svg")
        {
            Description = "Write a picture of the divergence and its thresholds over time, as SVG.",
            HelpName = "FILE",
        };
        var png = new Option<FileInfo>("--png") { Description = "The same, as PNG.", HelpName = "FILE" };
        svg.Validators.Add(MustDraw);
        png.Validators.Add(MustDraw);
        var alerts = new Option<FileInfo>("--alerts")
        {
            Description = "Write the alerts with their explanations to this file, one JSON document per line.",
            HelpName = "FILE",
        };
        var failOn = new Option<string?>("--fail-on")
        {
            Description =
                $"End with exit code {ExitCodeOfAlert} if any of the budgets or thresholds tried gave an alert of this severity or a "
                + "higher one.",
        };
        failOn.AcceptOnlyFromAmong("critical", "warning");
        var compared = Arguments.Segments(" Default: the segments of the service's settings.");
        var pseudoEvents = Arguments.Number(
            "--pseudo-events", "Number of pseudo-events (over all classes together) that are added to each distribution to smooth it.",
            new EvaluationSettings().PseudoEvents, 0, 1_000_000);
        var minimumEvents = Arguments.Number(
            "--minimum-events", "A window with fewer events is not ready.", new EvaluationSettings().MinimumEvents, 1, long.MaxValue);
        var lateness = Arguments.Duration(
            "--allowed-lateness", "How far out of order the predictions may be. Default: 1m.", orNothing: true);

        var command = new Command(
            "backtest",
            "Show which alerts recorded predictions would have raised, with a reference, and with budgets or thresholds to try.")
        {
            reference, windows, budget, threshold, format, svg, png, alerts, failOn, compared, pseudoEvents, minimumEvents,
            lateness,
        };
        foreach (var option in inputs.Options)
        {
            command.Add(option);
        }

        command.SetAction(parsed => console.TellFaults(() =>
        {
            var problems = inputs.Problems(parsed).ToList();
            var segments = Arguments.ReadSegments(parsed, compared, problems);
            BacktestSetting[] settings =
            [
                .. Settings(parsed.GetValue(budget) ?? [], parsed.GetValue(threshold) ?? [], inputs.Alarms(parsed), problems)
                    .Select(setting => setting with { ComparedWithRest = segments }),
            ];
            if (parsed.GetValue(reference) is null && settings.All(setting => setting.Alarms.Compared.IsEmpty))
            {
                problems.Add("--reference: needed, unless --compare-with-rest names segments");
            }

            var wrong = new List<string>();
            var specs = WindowOptions.ReadSpans(parsed.GetRequiredValue(windows).Split(',', StringSplitOptions.TrimEntries), wrong);
            problems.AddRange(wrong.Select(problem => $"--windows: {problem}"));
            problems.AddRange(
                from setting in settings
                from allowed in new[] { setting.Kl.WarningBudget, setting.Kl.CriticalBudget }
                where allowed is not null && specs.Length > 0
                let problem = BudgetLimit.Keeps(allowed.Value, specs, out var most) ? null : most
                where problem is not null
                select $"--budget = '{setting.Name}': '{allowed}' must be {problem}");
            if (problems.Count > 0)
            {
                throw new InvalidConfigurationException(problems);
            }

            var (skew, slack) = inputs.Disorder(parsed);
            var plan = Plan(
                specs, parsed.GetValue(lateness) ?? AllowedLateness, skew, slack,
                AlarmSettings.WatchedBy([.. settings.Select(setting => setting.Alarms)]),
                settings.Select(setting => setting.Alarms.Compared).FirstOrDefault());
            var (recorded, how) = inputs.Predictions(console, parsed, plan.DisorderSlackMs);
            var counts = new RecordCounts();
            if (!ReplayCommand.TryLoad(console, parsed, inputs, parsed.GetValue(reference), time, out var references))
            {
                return CommandConsole.FailureExitCode;
            }

            var models = parsed.GetValue(reference) is null
                ? ReplayCommand.Models(references, recorded, how)
                : RecordedRuns.Models(references);
            var labelCounts = new RecordCounts("--feedback-source");
            var labels = inputs.Labels(console, parsed, plan.DisorderSlackMs) is { } given
                ? new ReplayFeedback(
                    recorded.Decode(how, models), given.Records.Labels(given.How, models, labelCounts),
                    new FeedbackPlan(plan, inputs.Horizon(parsed)))
                : null;
            using var lines = new JsonLineWriter(console.Bytes);
            var run = new BacktestRun(
                plan,
                references,
                new EvaluationSettings(parsed.GetValue(pseudoEvents), parsed.GetValue(minimumEvents)),
                labels,
                settings,
                parsed.GetValue(format) == "jsonl"
                    ? (report, outcome, readings) => lines.Write(EvaluationJson.Of(report, labels, outcome.Setting, readings))
                    : (_, _, _) => { },
                counts.Refuse,
                kept);
            ReadingProgress.Shown(
                console.ErrorScreen, recorded, onProgress => run.Run(recorded.Decode(how, models, counts, onProgress)));
            lines.Flush();
            if (parsed.GetValue(format) == "table")
            {
                foreach (var part in BacktestScreen.Of(run, console.Screen.Profile.Width))
                {
                    console.Show(part);
                }
            }
            else
            {
                foreach (var line in BacktestScreen.Facts(run))
                {
                    console.Note(DisplayText.Of(line));
                }
            }

            console.TellUnmatched(labels);
            if (parsed.GetValue(alerts) is { } alertsFile)
            {
                AlertsFile.Write(run, alertsFile.FullName);
            }

            Picture(parsed.GetValue(svg), DivergencePicture.SaveSvg);
            Picture(parsed.GetValue(png), DivergencePicture.SavePng);
            var isUsable = inputs.Accepts(console, parsed, counts) & (labels is null || inputs.Accepts(console, parsed, labelCounts));
            return !isUsable ? CommandConsole.FailureExitCode
                : parsed.GetValue(failOn) is { } severity ? ExitCode(console, run, severity)
                : 0;

            void Picture(FileInfo? file, Func<BacktestRun, string, int> save)
            {
                if (file is null)
                {
                    return;
                }

                if (save(run, file.FullName) is > 0 and var leftOut)
                {
                    console.Note($"{DisplayText.Of(file.FullName)}: {leftOut} more series are not in the picture");
                }

                if (!DivergencePicture.HasFonts)
                {
                    console.Note(
                        $"{DisplayText.Of(file.FullName)}: no font is installed here, so there is no text in the picture");
                }
            }
        }));
        return command;
    }

    /// <summary>The container image comes without what draws. It is said before anything is computed.</summary>
    private static void MustDraw(OptionResult picture)
    {
        try
        {
            Assembly.Load("ScottPlot");
        }
        catch (FileNotFoundException)
        {
            picture.AddError(
                $"{picture.Option.Name}: the library that draws is not here; the tool and the single file have it, the image has not");
        }
    }

    private static int ExitCode(CommandConsole console, BacktestRun run, string severity)
    {
        if (Alerted(run, severity))
        {
            return ExitCodeOfAlert;
        }

        if (run.AnyCompared)
        {
            return 0;
        }

        console.Tell(
            $"--fail-on: nothing was compared: {string.Join("; ", run.NeverCompared.Select(never => $"{never.Model} {never.Why}"))}; "
            + RecordCounts.TextOfUncounted(run.Rejected, run.Duplicates));
        return CommandConsole.FailureExitCode;
    }

    private static bool Alerted(BacktestRun run, string severity) =>
        run.Outcomes.SelectMany(outcome => outcome.Alerts).Any(
            alert => severity == "warning" || alert.Alarm.Severity == AlarmSeverity.Critical);

    private static List<BacktestSetting> Settings(
        string[] budgets, string[] thresholds, AlarmSettings? service, List<string> problems)
    {
        var settings = new List<BacktestSetting>();
        foreach (var text in budgets.Length + thresholds.Length == 0 ? [DefaultBudget] : budgets)
        {
            Add("--budget", text, BacktestSetting.TryParseBudget(text, out var setting, out var problem) ? setting : null, problem);
        }

        foreach (var text in thresholds)
        {
            Add("--threshold", text, BacktestSetting.TryParseThreshold(text, out var setting, out var problem) ? setting : null, problem);
        }

        return settings;

        void Add(string option, string text, BacktestSetting? setting, string? problem)
        {
            if (setting is null || settings.Exists(other => other.Kl == setting.Kl))
            {
                problems.Add($"{option} = '{text}': {problem ?? "is given twice"}");
            }
            else
            {
                settings.Add(setting with { Service = service });
            }
        }
    }

    private static WindowPlan Plan(
        ImmutableArray<WindowSpec> specs, TimeSpan lateness, TimeSpan skew, TimeSpan slack, ModelSet withPanes, ComparedSegments? compared)
    {
        try
        {
            return WindowPlan.Create(specs, lateness, skew, slack, withPanes: withPanes, compared: compared);
        }
        catch (ArgumentException problem)
        {
            throw new InvalidConfigurationException([$"--windows: {ErrorText.Of(problem)}"]);
        }
    }
}
