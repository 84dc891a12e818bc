using DriftMonitor.Worker.Sources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>A finished backtest for people: each series with alerts as a picture and a table, then the summary.</summary>
internal static class BacktestScreen
{
    /// <param name="width">The terminal's, in columns.</param>
    public static IEnumerable<IRenderable> Of(BacktestRun run, int width)
    {
        var lastMs = run.Span?.LastMs ?? 0;
        foreach (var series in run.Series)
        {
            var alerts = run.Outcomes
                .SelectMany(
                    outcome =>
                        outcome.Alerts.Where(alert => alert.Alarm.Series == series).Select(alert => (outcome.Setting.Name, Alert: alert)))
                .OrderBy(alert => alert.Alert.Alarm.BeganMs)
                .ThenByDescending(alert => alert.Alert.Alarm.Severity)
                .ToList();
            if (alerts.Count == 0)
            {
                continue;
            }

            if (run.Pictured(series) is { } pictured)
            {
                yield return new Markup(
                    $"[bold]{MarkupText.Of(series.ToString())}[/]  KL(live‖reference) over {MarkupText.Of(pictured.Window.Name)}, "
                    + $"nats on a logarithmic "
                    + $"scale{(run.Outcomes.Count > 1 ? $"  ({MarkupText.Of(run.Outcomes[0].Setting.Name)})" : "")}\n");
                yield return TerminalChart.Of(pictured.Trace, run.Outcomes[0].DriftOf(series), width);
            }

            yield return AlertTable.Of(alerts, run.Outcomes.Count > 1, lastMs);
            foreach (var (name, alert) in alerts.Where(alert => !alerts.Exists(other => IsWithin(alert, other))))
            {
                yield return new Text($"{(run.Outcomes.Count > 1 ? $"({name}) " : "")}{AlarmText.Of(alert.Explanation)}\n\n");
            }
        }

        yield return SummaryTable.Of(run);
        foreach (var line in Facts(run))
        {
            yield return new Text($"{DisplayText.Of(line)}\n");
        }
    }

    /// <summary>Whether a critical alert of the same setting and kind began during a warning: it says all that the warning does.</summary>
    private static bool IsWithin((string Name, FoundAlert Alert) warning, (string Name, FoundAlert Alert) critical)
    {
        var (lower, higher) = (warning.Alert.Alarm, critical.Alert.Alarm);
        return warning.Name == critical.Name && lower.Kind == higher.Kind && lower.Severity < higher.Severity
            && lower.BeganMs <= higher.BeganMs && higher.BeganMs <= (lower.EndedMs ?? long.MaxValue);
    }

    /// <summary>What else there is to know, a line each.</summary>
    public static IEnumerable<string> Facts(BacktestRun run)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Evaluations} evaluations, {run.ReadyEvaluations} of them ready, of {run.Series.Count()} series; "
            + $"{run.Records - run.Rejected.Values.Sum() - run.Duplicates} events, "
            + $"{RecordCounts.TextOfUncounted(run.Rejected, run.Duplicates)}");
        foreach (var line in ClassChangeText.Lines(run.ClassChanges, run.OtherClasses))
        {
            yield return line;
        }

        if (run.Span is { } span)
        {
            yield return $"{TimeText.DateAndTime(span.FirstMs)} to {TimeText.DateAndTime(span.LastMs)} UTC "
                + $"({DurationText.TwoUnits(span.LastMs - span.FirstMs)})";
        }

        if (run.Labels is { } labels)
        {
            yield return labels;
        }

        foreach (var window in run.Plan.Windows
            .Where(window => !run.Series.Any(series => run.Outcomes[0].TraceOf(series, window) is not null)))
        {
            yield return $"the {window.Name} window was never ready with a reference to compare with: it raised nothing";
        }

        foreach (var (model, why) in run.NeverCompared)
        {
            yield return $"{model} was never compared: it {why}";
        }

        foreach (var segment in run.NeverBesideRest)
        {
            yield return $"no event is of segment {segment}: it was compared with nothing";
        }

        foreach (var shortfall in run.Shortfalls)
        {
            yield return shortfall;
        }
    }
}
