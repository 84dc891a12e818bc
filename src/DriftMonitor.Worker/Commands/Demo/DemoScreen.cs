using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Commands.Replay;
using DriftMonitor.Worker.State;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands.Demo;

/// <summary>What the demo shows: windows and alarms, as a table that lives or as plain lines.</summary>
/// <param name="address">Where the monitor is served.</param>
/// <param name="brokers">Where the stream is.</param>
/// <param name="start">When the demo began.</param>
/// <param name="state">The windows.</param>
/// <param name="desk">The alarms.</param>
internal sealed class DemoScreen(string address, string brokers, DateTimeOffset start, MonitorState state, AlarmDesk desk) : IDisposable
{
    private const string Story = "ten handwritten digits; the camera starts to turn after a minute, and is straight again after two";
    private const int SparklineLength = 20;
    private const string Bars = "▁▂▃▄▅▆▇█";

    private readonly Dictionary<(SeriesKey Series, string Window), List<(long ToMs, double Nats)>> _history = [];
    private readonly DemoAlarms _alarms = new(desk, start);

    /// <summary>What is going to happen, and where to look.</summary>
    public string Introduction =>
        $"{address}/ shows it in your browser. DriftMonitor — {Story}; metrics {address}/metrics, Kafka {brokers}";

    /// <summary>The windows that have slid and the alarms that have begun or ended since it was last called.</summary>
    public IEnumerable<string> Lines(TimeSpan elapsed)
    {
        IEnumerable<string> lines = [.. Note(Windows()).Select(Line), .. _alarms.Take().Select(DemoAlarms.Line)];
        return lines.Select(line => string.Create(CultureInfo.InvariantCulture, $"{elapsed:mm\\:ss} {line}"));
    }

    /// <summary>The windows, and below them the alarms: what a low terminal has no place for is the oldest of these.</summary>
    public IRenderable Table(TimeSpan elapsed)
    {
        var windows = Windows();
        Note(windows);
        _alarms.Take();
        var on = _alarms.On;
        return new Rows(
            new Text(string.Create(CultureInfo.InvariantCulture, $"{elapsed:mm\\:ss}   {address}/   Kafka {brokers}   Ctrl+C ends")),
            new Text($"DriftMonitor — {Story}"),
            WindowTable(windows, on),
            _alarms.Rows(on));
    }

    public void Dispose() => _alarms.Dispose();

    private JudgedReport[] Windows() =>
        [
            .. state.Reports.Judged
                .OrderBy(judged => judged.Report.Window.Series.ToString(), StringComparer.Ordinal)
                .ThenBy(judged => judged.Report.Window.Window.LengthMs),
        ];

    /// <summary>Takes note of the windows' present values; a window's next slide adds to its sparkline.</summary>
    /// <returns>Those that are new.</returns>
    private List<JudgedReport> Note(IEnumerable<JudgedReport> windows)
    {
        var news = new List<JudgedReport>();
        foreach (var judged in windows)
        {
            var report = judged.Report;
            var key = (report.Window.Series, report.Window.Window.Name);
            if (!_history.TryGetValue(key, out var values))
            {
                _history[key] = values = [];
            }

            if (values.Count > 0 && values[^1].ToMs == report.Window.ToMs)
            {
                continue;
            }

            news.Add(judged);
            values.Add((report.Window.ToMs, report.Divergences?.KlLiveVsReferenceNats ?? 0));
            if (values.Count > SparklineLength)
            {
                values.RemoveAt(0);
            }
        }

        return news;
    }

    /// <summary>A column for each window, so that a terminal of 80 columns has room for all that there is to say of it.</summary>
    private Table WindowTable(IReadOnlyList<JudgedReport> windows, IReadOnlyList<AlarmExplanation> on)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("window");
        foreach (var report in windows.Select(judged => judged.Report))
        {
            var ready = report.Ready ? "" : $", {ReportTable.Ready(report)}";
            table.AddColumn(new TableColumn($"{MarkupText.Of(report.Window.Window.Name)}{ready}").NoWrap().Width(SparklineLength));
        }

        Row("events", judged => Count(judged.Report.Window.Events));
        Row("labels", judged => Count(Labelled(judged.Report)?.Events ?? 0));
        Row("KL live‖reference", judged => Coloured(judged, NumberText.NatsInColumn(judged.Report.Divergences?.KlLiveVsReferenceNats)));
        Row("critical above", judged => NumberText.NatsInColumn(CriticalThreshold(judged)));
        Row("noise floor", judged => NumberText.NatsInColumn(judged.Report.Divergences?.NoiseFloorNats));
        Row("cross entropy", judged => NumberText.NatsInColumn(Labelled(judged.Report)?.CrossEntropyNats));
        Row("expected", judged => NumberText.NatsInColumn(Labelled(judged.Report)?.ExpectedCrossEntropyNats));
        Row($"last {SparklineLength} slides", judged => Coloured(judged, Sparkline(judged.Report)));
        Row("top classes (nats)", judged => MarkupText.Of(ReportTable.TopClasses(judged.Report, classes: 2)));
        return table;

        void Row(string name, Func<JudgedReport, string> cell) =>
            table.AddRow([name, .. windows.Select(cell)]);

        static string Count(long events) => events.ToString(CultureInfo.InvariantCulture);

        string Coloured(JudgedReport judged, string text)
        {
            var colour = !judged.Report.Ready ? "grey"
                : DemoAlarms.SeverityOf(judged, on) is { } severity ? DemoAlarms.Colour(severity)
                : "green";
            return $"[{colour}]{text}[/]";
        }
    }

    private string Line(JudgedReport judged)
    {
        var report = judged.Report;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Window.Series} {report.Window.Window.Name} events={report.Window.Events} "
            + $"kl_live_vs_reference={NumberText.NatsInColumn(report.Divergences?.KlLiveVsReferenceNats)} "
            + $"kl_reference_vs_live={NumberText.NatsInColumn(report.Divergences?.KlReferenceVsLiveNats)} "
            + $"threshold_critical={NumberText.NatsInColumn(CriticalThreshold(judged))} "
            + $"noise_floor={NumberText.NatsInColumn(report.Divergences?.NoiseFloorNats)} labels={Labelled(report)?.Events ?? 0} "
            + $"cross_entropy={NumberText.NatsInColumn(Labelled(report)?.CrossEntropyNats)} "
            + $"expected_cross_entropy={NumberText.NatsInColumn(Labelled(report)?.ExpectedCrossEntropyNats)} "
            + $"ready={(report.Ready ? 1 : 0)} most: {ReportTable.TopClasses(report)}");
    }

    /// <summary>What KL(live‖reference) must exceed to be worth a critical alarm; null until that has been worked out.</summary>
    private static double? CriticalThreshold(JudgedReport judged) => judged.Drift
        .Where(reading => reading is { Severity: AlarmSeverity.Critical, Measure: Measure.KlLiveVsReference })
        .Select(reading => (double?)reading.Threshold)
        .FirstOrDefault();

    /// <summary>What the labels of the same window say, by the time they came.</summary>
    private FeedbackMeasures? Labelled(DriftReport report) => state.Feedback.All.FirstOrDefault(window =>
        window.Attribution == Attribution.LabelTime
            && window.Series == report.Window.Series
            && window.Window == report.Window.Window)?.Measures;

    private string Sparkline(DriftReport report)
    {
        var values = _history[(report.Window.Series, report.Window.Window.Name)];
        var top = Math.Max(values.Max(value => value.Nats), double.Epsilon);
        return string.Concat(values.Select(value => Bars[Math.Clamp((int)(value.Nats / top * Bars.Length), 0, Bars.Length - 1)]));
    }
}
