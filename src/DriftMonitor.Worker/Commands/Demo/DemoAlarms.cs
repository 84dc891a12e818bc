using System.Collections.Concurrent;
using System.Reactive.Linq;
using DriftMonitor.Worker.Alarms;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands.Demo;

/// <summary>What the demo shows of alarms: those that are on and the latest that ended, in the monitor's own words.</summary>
internal sealed class DemoAlarms : IDisposable
{
    private readonly AlarmDesk _desk;
    private readonly DateTimeOffset _start;
    private readonly ConcurrentQueue<AlarmExplanation> _told = new();
    private readonly List<AlarmExplanation> _ended = [];
    private readonly IDisposable _telling;

    /// <param name="desk">Decides and explains them.</param>
    /// <param name="start">When the demo began: times are shown since then.</param>
    public DemoAlarms(AlarmDesk desk, DateTimeOffset start)
    {
        (_desk, _start) = (desk, start);
        _telling = desk.Told.Where(explanation => explanation.Alarm.Pages).Subscribe(_told.Enqueue);
    }

    /// <summary>Those that are on and that somebody has to hear of, the critical ones first.</summary>
    public IReadOnlyList<AlarmExplanation> On => [.. _desk.Explain().Where(explanation => explanation.Alarm.Pages)];

    /// <summary>Takes those that have begun or ended since it was last called.</summary>
    public IReadOnlyList<AlarmExplanation> Take()
    {
        var news = new List<AlarmExplanation>();
        while (_told.TryDequeue(out var explanation))
        {
            news.Add(explanation);
        }

        foreach (var ended in news.Where(explanation => explanation.Alarm.EndedMs is not null))
        {
            _ended.RemoveAll(older => Subject(older) == Subject(ended) && older.Alarm.Severity <= ended.Alarm.Severity);
            _ended.Add(ended);
        }

        return news;
    }

    /// <summary>One that has begun or ended, as a line.</summary>
    public static string Line(AlarmExplanation explanation)
    {
        var text = AlarmText.Of(explanation);
        return $"alarm {(explanation.Alarm.EndedMs is null ? "began" : "ended")}, {text.Title}: {text.Summary}";
    }

    /// <summary>The worst alarm that a window is above the threshold of; null when none is on.</summary>
    public static AlarmSeverity? SeverityOf(JudgedReport judged, IEnumerable<AlarmExplanation> on) => on
        .Select(explanation => explanation.Alarm)
        .Where(
            alarm => alarm.Kind == AlarmKind.OutputDrift
                && alarm.Series == judged.Report.Window.Series
                && judged.Drift.Any(reading => reading.Severity == alarm.Severity && reading.Exceeds))
        .Max(alarm => (AlarmSeverity?)alarm.Severity);

    public static string Colour(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? "red" : "yellow";

    /// <summary>A row for each. A warning of what is critical already has none.</summary>
    public IRenderable Rows(IReadOnlyList<AlarmExplanation> on)
    {
        var grid = new Grid().AddColumns(
            new GridColumn().NoWrap(), new GridColumn().NoWrap(), new GridColumn());
        var over = _ended.AsEnumerable().Reverse().OrderByDescending(explanation => explanation.Alarm.Severity);
        var shown = on.DistinctBy(Subject).Concat(over.DistinctBy(Subject));
        foreach (var explanation in shown)
        {
            var alarm = explanation.Alarm;
            var style = Style.Parse(alarm.EndedMs is null ? Colour(alarm.Severity) : "grey");
            grid.AddRow(
                new Text(SnakeCaseName.InWords(alarm.Severity), style),
                new Text($"{Since(alarm.BeganMs)}–{(alarm.EndedMs is { } ended ? Since(ended) : "     ")}", style),
                new Text($"{SnakeCaseName.InWords(alarm.Kind)}: {AlarmText.Of(explanation).MovedMost}", style));
        }

        return on.Count + _ended.Count == 0 ? new Text("no alarm yet") : grid;
    }

    public void Dispose() => _telling.Dispose();

    private static (SeriesKey Series, AlarmKind Kind) Subject(AlarmExplanation explanation) =>
        (explanation.Alarm.Series, explanation.Alarm.Kind);

    private string Since(long ms) =>
        (DateTimeOffset.FromUnixTimeMilliseconds(ms) - _start).ToString("mm\\:ss", CultureInfo.InvariantCulture);
}
