using DriftMonitor.Worker.Http;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>An evaluation as one line of JSON: <c>replay</c>'s, then the setting, the CUSUM, the thresholds and what the window is above. Undefined numbers are null.</summary>
internal static class EvaluationJson
{
    public static void Write(Utf8JsonWriter json, DriftReport report, ReplayFeedback? feedback, AlarmSetting setting, ImmutableArray<Reading> readings) =>
        ReportJson.Write(json, report, feedback, line =>
        {
            line.WriteString("setting", setting.Name);
            ReportJson.Number(line, MeasureNames.Cusum, report.Divergences?.CusumNats);
            foreach (var severity in Enum.GetValues<AlarmSeverity>())
            {
                var name = $"threshold_{SnakeCaseName.Of(severity)}";
                ReportJson.Number(line, name, readings.ThresholdOf(severity, MeasureNames.KlLiveVsReference));
                ReportJson.Number(line, $"{name}_reference_vs_live", readings.ThresholdOf(severity, MeasureNames.KlReferenceVsLive));
                ReportJson.Number(line, $"{name}_cusum", readings.ThresholdOf(severity, MeasureNames.Cusum));
            }

            line.WriteString("alert", readings.Exceeded() is { } above ? SnakeCaseName.Of(above) : null);
        });
}
