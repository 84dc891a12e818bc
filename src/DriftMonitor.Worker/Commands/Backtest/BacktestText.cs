using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>How a backtest writes severities and measures for people.</summary>
internal static class BacktestText
{
    public static Color ColourOf(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? Color.Red : Color.Yellow;

    public static string NameOf(Measure measure) => measure switch
    {
        Measure.KlLiveVsReference => "KL live‖ref",
        Measure.KlReferenceVsLive => "KL ref‖live",
        Measure.CusumLiveVsReference => "CUSUM",
        _ => SnakeCaseName.InWords(measure),
    };
}
