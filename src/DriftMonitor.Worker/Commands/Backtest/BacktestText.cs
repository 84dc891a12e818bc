using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>How a backtest writes severities and measures for people.</summary>
internal static class BacktestText
{
    public static Color ColourOf(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? Color.Red : Color.Yellow;

    public static string Measure(string measure) => measure switch
    {
        MeasureNames.KlLiveVsReference => "KL live‖ref",
        MeasureNames.KlReferenceVsLive => "KL ref‖live",
        MeasureNames.Cusum => "CUSUM",
        _ => measure.Replace('_', ' '),
    };
}
