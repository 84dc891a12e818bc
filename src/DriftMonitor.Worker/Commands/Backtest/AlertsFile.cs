using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>The alerts of every setting, one JSON line each: the setting, and the alarm at its worst as the service reports it.</summary>
internal static class AlertsFile
{
    public static void Write(BacktestRun run, string path)
    {
        using var lines = new JsonLineWriter(File.Create(path));
        foreach (var outcome in run.Outcomes)
        {
            foreach (var alert in outcome.Alerts)
            {
                var line = MonitorJson.Of(AlarmDetail.Of(alert.Explanation, ModelOwner.Nobody));
                line.Remove("others");
                line.Insert(0, "setting", outcome.Setting.Name);
                lines.Write(line);
            }
        }
    }
}
