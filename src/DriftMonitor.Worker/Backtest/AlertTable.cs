using System.Globalization;
using DriftMonitor.Alarms;
using Spectre.Console;

namespace DriftMonitor.Worker.Backtest;

/// <summary>The alerts of one series, a row each.</summary>
internal static class AlertTable
{
    private const int Classes = 3;

    /// <param name="alerts">The alerts, each with the name of the setting that it is of.</param>
    /// <param name="withSetting">Whether there are several settings.</param>
    /// <param name="lastMs">The time of the last event: how long an alert that is still on has lasted.</param>
    public static Table Of(IEnumerable<(string Setting, FoundAlert Alert)> alerts, bool withSetting, long lastMs)
    {
        var table = new Table().Border(TableBorder.Simple);
        if (withSetting)
        {
            table.AddColumn("setting");
        }

        table.AddColumns("alert", "windows", "began (UTC)", "lasted")
            .AddColumn("measure")
            .AddColumn(new TableColumn("value").RightAligned())
            .AddColumn(new TableColumn("threshold").RightAligned())
            .AddColumn(new TableColumn("peak").RightAligned())
            .AddColumn(new TableColumn("events").RightAligned())
            .AddColumn("what drove it, at its peak: reference → live");
        foreach (var (setting, alert) in alerts.OrderBy(alert => alert.Alert.Alarm.BeganMs).ThenByDescending(alert => alert.Alert.Alarm.Severity))
        {
            var alarm = alert.Alarm;
            var peak = alert.Peak;
            IEnumerable<string> cells =
            [
                $"[{(alarm.Severity == AlarmSeverity.Critical ? "red" : "yellow")}]{BacktestText.Severity(alarm.Severity)}[/]",
                Markup.Escape(string.Join(", ", alarm.Windows)),
                BacktestText.Time(alarm.BeganMs),
                alarm.EndedMs is { } ended ? BacktestText.Duration(ended - alarm.BeganMs) : $"{BacktestText.Duration(Math.Max(0, lastMs - alarm.BeganMs))}, still on",
                BacktestText.Direction(alarm.First.Measure),
                BacktestText.Nats(alarm.First.Nats),
                BacktestText.Nats(alarm.First.ThresholdNats),
                $"{BacktestText.Nats(alarm.Peak.Nats)}, {BacktestText.Number(alarm.Peak.Ratio)} ×",
                alert.First.Window.Events.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(string.Join('\n', peak.Contributions.Take(Classes).Select(BacktestText.Class))),
            ];
            table.AddRow([.. withSetting ? [Markup.Escape(setting)] : Enumerable.Empty<string>(), .. cells]);
        }

        return table;
    }
}
