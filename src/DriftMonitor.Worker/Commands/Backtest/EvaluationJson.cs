using System.Text.Json.Nodes;
using DriftMonitor.Worker.Views;

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
        json[Measures.NameOf(Measure.CusumLiveVsReference)] = MonitorJson.Number(report.Divergences?.CusumNats);
        foreach (var severity in Enum.GetValues<AlarmSeverity>())
        {
            var name = $"threshold_{SnakeCaseName.Of(severity)}";
            json[name] = MonitorJson.Number(readings.ThresholdOf(severity, Measure.KlLiveVsReference));
            json[$"{name}_reference_vs_live"] = MonitorJson.Number(readings.ThresholdOf(severity, Measure.KlReferenceVsLive));
            json[$"{name}_cusum"] = MonitorJson.Number(readings.ThresholdOf(severity, Measure.CusumLiveVsReference));
        }

        json["alert"] = readings.Exceeded() is { } above ? SnakeCaseName.Of(above) : null;
        return json;
    }
}
