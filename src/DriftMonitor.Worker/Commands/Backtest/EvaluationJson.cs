using System.Text.Json.Nodes;
using DriftMonitor.Worker.Http;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>
/// An evaluation as a JSON object: <c>replay</c>'s, then the setting, the CUSUM, the thresholds and what the window is above. Undefined
/// numbers are null.
/// </summary>
internal static class EvaluationJson
{
    public static JsonObject Of(DriftReport report, ReplayFeedback? feedback, BacktestSetting setting, ImmutableArray<Reading> readings)
    {
        var json = ReportJson.Of(report, feedback);
        json["setting"] = setting.Name;
        json[MeasureNames.Cusum] = MonitorJson.Number(report.Divergences?.CusumNats);
        foreach (var severity in Enum.GetValues<AlarmSeverity>())
        {
            var name = $"threshold_{SnakeCaseName.Of(severity)}";
            json[name] = MonitorJson.Number(readings.ThresholdOf(severity, MeasureNames.KlLiveVsReference));
            json[$"{name}_reference_vs_live"] = MonitorJson.Number(readings.ThresholdOf(severity, MeasureNames.KlReferenceVsLive));
            json[$"{name}_cusum"] = MonitorJson.Number(readings.ThresholdOf(severity, MeasureNames.Cusum));
        }

        json["alert"] = readings.Exceeded() is { } above ? SnakeCaseName.Of(above) : null;
        return json;
    }
}
