using DriftMonitor.Worker.Http;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>The alerts of every setting as a file of one JSON document a line: the setting, and the alarm as the service would tell it, at its worst.</summary>
internal static class AlertsFile
{
    public static void Write(BacktestRun run, string path)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        foreach (var outcome in run.Outcomes)
        {
            foreach (var alert in outcome.Alerts)
            {
                json.WriteStartObject();
                json.WriteString("setting", outcome.Setting.Name);
                json.WritePropertyName("alarm");
                AlarmJson.Write(json, alert.Explanation);
                json.WriteEndObject();
                json.Flush();
                file.WriteByte((byte)'\n');
                json.Reset();
            }
        }
    }
}
