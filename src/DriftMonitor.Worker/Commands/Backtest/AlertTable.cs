using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>The alerts of one series, a row each.</summary>
internal static class AlertTable
{
    /// <param name="alerts">The alerts, each with the name of the setting that it is of.</param>
    /// <param name="lastMs">The time of the last event: how long an alert that is still on has lasted.</param>
    public static Table Of(IEnumerable<(string Setting, FoundAlert Alert)> alerts, bool withSetting, long lastMs)
    {
        var table = new Table().Border(TableBorder.Simple);
        if (withSetting)
        {
            table.AddColumn("setting");
        }

        table.AddColumns("alert", "of", "windows", "began (UTC)", "lasted", "by")
            .AddNumbers("value", "threshold", "peak", "events");
        foreach (var (setting, alert) in alerts)
        {
            var alarm = alert.Alarm;
            IEnumerable<string> cells =
            [
                $"[{(alarm.Severity == AlarmSeverity.Critical ? "red" : "yellow")}]{SnakeCaseName.InWords(alarm.Severity)}[/]",
                SnakeCaseName.InWords(alarm.Kind),
                MarkupText.Of(string.Join(", ", alarm.Windows)),
                TimeText.DateAndTime(alarm.BeganMs),
                alarm.EndedMs is { } ended
                    ? DurationText.TwoUnits(ended - alarm.BeganMs)
                    : $"{DurationText.TwoUnits(Math.Max(0, lastMs - alarm.BeganMs))}, still on",
                BacktestText.NameOf(alarm.First.Measure),
                Measures.TextOf(alarm.First.Measure, alarm.First.Value),
                Measures.TextOf(alarm.First.Measure, alarm.First.Threshold),
                $"{Measures.TextOf(alarm.Peak.Measure, alarm.Peak.Value)} ({NumberText.ThreeDigits(alarm.Peak.Ratio)} ×)",
                alert.Events.ToString(CultureInfo.InvariantCulture),
            ];
            table.AddRow([.. withSetting ? [MarkupText.Of(setting)] : Enumerable.Empty<string>(), .. cells]);
        }

        return table;
    }
}
