using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>What was read, and how each setting did: a column each.</summary>
internal static class SummaryTable
{
    public static Table Of(BacktestRun run)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("");
        foreach (var outcome in run.Outcomes)
        {
            table.AddColumn(new TableColumn(new Text(DisplayText.Of(outcome.Setting.Name))));
        }

        foreach (var severity in Enum.GetValues<AlarmSeverity>().Reverse())
        {
            Row($"{SnakeCaseName.InWords(severity)} alerts", outcome => Count(outcome, severity));
            Row("  allowed by the budget", outcome => Expected(run, outcome, severity));
            Row("  share of time on", outcome => run.Span is { } span
                ? $"{NumberText.ThreeDigits(100 * ShareOfTimeOn(outcome, severity, span.FirstMs, span.LastMs))} %"
                : "–");
        }

        Row("first alert (UTC)", outcome => outcome.Alerts.Count > 0 ? TimeText.DateAndTime(outcome.Alerts[0].Alarm.BeganMs) : "–");
        Row(
            "longest quiet time",
            outcome => run.Span is { } span ? DurationText.TwoUnits(LongestQuietMs(outcome, span.FirstMs, span.LastMs)) : "–");
        return table;

        void Row(string name, Func<SettingOutcome, string> cell) => table.AddRow([name, .. run.Outcomes.Select(cell)]);
    }

    private static string Count(SettingOutcome outcome, AlarmSeverity severity) =>
        outcome.Alerts.Count(alert => alert.Alarm.Severity == severity).ToString(CultureInfo.InvariantCulture);

    /// <summary>What the budget allows, false alarms in the time that was recorded.</summary>
    private static string Expected(BacktestRun run, SettingOutcome outcome, AlarmSeverity severity) =>
        outcome.Setting.Kl.Budget(severity) is { } budget && run.Span is { } span
            ? NumberText.ThreeDigits(
                budget.PerMs * (span.LastMs - span.FirstMs) * run.Series.Select(series => series.Model).Distinct().Count())
            : "–";

    /// <summary>The part of what was recorded in which an alert of a severity was on, however many were.</summary>
    public static double ShareOfTimeOn(SettingOutcome outcome, AlarmSeverity severity, long firstMs, long lastMs)
    {
        var (onMs, countedToMs) = (0L, firstMs);
        foreach (var alarm in outcome.Alerts.Select(alert => alert.Alarm)
            .Where(alarm => alarm.Severity == severity)
            .OrderBy(alarm => alarm.BeganMs))
        {
            var endMs = Math.Min(alarm.EndedMs ?? lastMs, lastMs);
            onMs += Math.Max(0, endMs - Math.Max(alarm.BeganMs, countedToMs));
            countedToMs = Math.Max(countedToMs, endMs);
        }

        return lastMs > firstMs ? (double)onMs / (lastMs - firstMs) : 0;
    }

    /// <summary>The longest stretch of what was recorded in which no alert was on.</summary>
    public static long LongestQuietMs(SettingOutcome outcome, long firstMs, long lastMs)
    {
        var (longest, quietFromMs) = (0L, firstMs);
        foreach (var alarm in outcome.Alerts.Select(alert => alert.Alarm)) // in the order in which they began
        {
            longest = Math.Max(longest, alarm.BeganMs - quietFromMs);
            quietFromMs = Math.Max(quietFromMs, alarm.EndedMs ?? lastMs);
        }

        return Math.Max(longest, lastMs - quietFromMs);
    }
}
