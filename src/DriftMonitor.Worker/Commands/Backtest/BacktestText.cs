using System.Globalization;
using System.Text.Json;
using DriftMonitor.Alarms;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>How a backtest's numbers and names are written for people.</summary>
internal static class BacktestText
{
    /// <summary>A severity or a kind in words: <c>output drift</c>.</summary>
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()).Replace('_', ' ');

    public static Color ColourOf(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? Color.Red : Color.Yellow;

    public static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The two largest units: <c>8m 20s</c>, <c>3d 4h</c>.</summary>
    public static string Duration(long milliseconds)
    {
        var span = TimeSpan.FromMilliseconds(milliseconds);
        var (larger, smaller) = span switch
        {
            { Days: > 0 } => ($"{span.Days}d", $"{span.Hours}h"),
            { Hours: > 0 } => ($"{span.Hours}h", $"{span.Minutes}m"),
            { Minutes: > 0 } => ($"{span.Minutes}m", $"{span.Seconds}s"),
            _ => ($"{span.Seconds}s", "0"),
        };
        return smaller.StartsWith('0') ? larger : $"{larger} {smaller}";
    }

    public static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    public static string Measure(string measure) => measure switch
    {
        MeasureNames.KlLiveVsReference => "KL live‖ref",
        MeasureNames.KlReferenceVsLive => "KL ref‖live",
        MeasureNames.Cusum => "CUSUM",
        _ => measure.Replace('_', ' '),
    };
}
