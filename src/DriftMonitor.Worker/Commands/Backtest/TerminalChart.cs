using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>A divergence over time as bars of text, with its thresholds as lines across them and its alerts as lines below.</summary>
/// <remarks>A column shows the highest of its evaluations, with the thresholds of that one. It can be read without colours.</remarks>
internal sealed class TerminalChart
{
    private const int Rows = 12;
    private const int LabelWidth = 9;
    private const int NameWidth = 10;
    private const string Eighths = " ▁▂▃▄▅▆▇█";

    private readonly TracePoint?[] _columns;
    private readonly long _fromMs;
    private readonly long _toMs;
    private readonly LogScale _scale;

    private TerminalChart(Trace trace, int columns)
    {
        var points = trace.Points;
        _columns = new TracePoint?[columns];
        (_fromMs, _toMs) = (points[0].ToMs - trace.SpacingMs, points[^1].ToMs);
        foreach (var point in points)
        {
            var (first, end) = (ColumnOf(point.ToMs - trace.SpacingMs), ColumnOf(point.ToMs));
            for (var i = Math.Max(0, first); i < Math.Max(end, first + 1) && i < columns; i++)
            {
                _columns[i] = _columns[i] is { } other && other.Height >= point.Height ? other : point;
            }
        }

        _scale = LogScale.Of(
            points.SelectMany(point => new[] { point.KlLiveVsReferenceNats, point.WarningNats ?? 0, point.CriticalNats ?? 0 }));
    }

    /// <remarks>The trace has at least one evaluation; <c>width</c> is that of the terminal, in columns.</remarks>
    public static IRenderable Of(Trace trace, IEnumerable<Alarm> alerts, int width)
    {
        var chart = new TerminalChart(trace, Math.Clamp(width - LabelWidth - NameWidth, 48, 100));
        var text = new Paragraph();
        for (var row = Rows - 1; row >= 0; row--)
        {
            chart.WriteRow(text, row);
        }

        foreach (var severity in alerts.GroupBy(alert => alert.Severity).OrderByDescending(severity => severity.Key))
        {
            text.Append($"{SnakeCaseName.InWords(severity.Key),LabelWidth - 1} ");
            text.Append($"{chart.Spans([.. severity])}\n", new Style(BacktestText.ColourOf(severity.Key)));
        }

        return text.Append(chart.TimeAxis());
    }

    private int ColumnOf(long ms) => (int)((ms - _fromMs) * (double)_columns.Length / (_toMs - _fromMs));

    private void WriteRow(Paragraph text, int row)
    {
        var label = row is 0 or Rows / 2 or Rows - 1 ? NumberText.Nats(_scale.NatsAt((row + 0.5) / Rows)) : "";
        text.Append($"{label,LabelWidth - 2} {(label.Length > 0 ? '┤' : '│')}");
        foreach (var column in _columns)
        {
            var (sign, colour) = column is { } point ? Cell(point, row) : (' ', Color.Default);
            text.Append($"{sign}", new Style(colour));
        }

        text.Append(_columns[^1] is { } last && LineAt(last, row) is { } line ? $" {SnakeCaseName.InWords(line)}\n" : "\n");
    }

    /// <summary>A threshold where the bar has not come to it, else the bar.</summary>
    private (char Sign, Color Colour) Cell(TracePoint point, int row)
    {
        if (LineAt(point, row) is { } line
            && point.KlLiveVsReferenceNats <= (line == AlarmSeverity.Critical ? point.CriticalNats : point.WarningNats))
        {
            return (line == AlarmSeverity.Critical ? '─' : '╌', BacktestText.ColourOf(line));
        }

        var above = point.KlLiveVsReferenceNats > point.CriticalNats
            ? Color.Red
            : point.KlLiveVsReferenceNats > point.WarningNats
            ? Color.Yellow
            : Color.Green;
        return (Eighths[(int)Math.Ceiling(8 * Math.Clamp((Rows * _scale.PositionOf(point.KlLiveVsReferenceNats)) - row, 0, 1))], above);
    }

    private AlarmSeverity? LineAt(TracePoint point, int row) =>
        RowOf(point.CriticalNats) == row ? AlarmSeverity.Critical
        : RowOf(point.WarningNats) == row ? AlarmSeverity.Warning
        : null;

    private int? RowOf(double? nats) => nats is { } value ? Math.Min(Rows - 1, (int)(Rows * _scale.PositionOf(value))) : null;

    private string Spans(IReadOnlyList<Alarm> alerts) => string.Concat(_columns.Select((_, i) =>
        alerts.Any(alert => ColumnOf(alert.BeganMs) <= i && (alert.EndedMs is not { } ended || i < ColumnOf(ended))) ? '━' : ' '));

    private string TimeAxis()
    {
        string[] times = [TimeText.DateAndTime(_fromMs), TimeText.DateAndTime(_toMs)];
        return new string(' ', LabelWidth) + times[0] + times[1].PadLeft(_columns.Length - times[0].Length) + "\n";
    }
}
