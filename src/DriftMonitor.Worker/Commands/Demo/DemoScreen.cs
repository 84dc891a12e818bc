using DriftMonitor.Worker.Commands.Replay;
using DriftMonitor.Worker.State;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands.Demo;

/// <summary>What the demo shows: a row for each window, as a table that lives or as plain lines.</summary>
internal sealed class DemoScreen(string metricsAddress, string brokers, FeedbackWindows feedback)
{
    private const int SparklineLength = 20;
    private const string Bars = "▁▂▃▄▅▆▇█";

    private readonly Dictionary<(SeriesKey Series, string Window), List<(long ToMs, double Nats)>> _history = [];

    /// <summary>Takes note of the reports' present values; a window's next slide adds to its sparkline.</summary>
    /// <returns>Those that are new.</returns>
    public IReadOnlyList<DriftReport> Note(IEnumerable<DriftReport> reports)
    {
        var news = new List<DriftReport>();
        foreach (var report in reports)
        {
            var key = (report.Window.Series, report.Window.Window.Name);
            if (!_history.TryGetValue(key, out var values))
            {
                _history[key] = values = [];
            }

            if (values.Count > 0 && values[^1].ToMs == report.Window.ToMs)
            {
                continue;
            }

            news.Add(report);
            values.Add((report.Window.ToMs, report.Divergences?.KlLiveVsReferenceNats ?? 0));
            if (values.Count > SparklineLength)
            {
                values.RemoveAt(0);
            }
        }

        return news;
    }

    public IRenderable Table(IReadOnlyList<DriftReport> reports, TimeSpan elapsed)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("[bold]DriftMonitor[/] — ten handwritten digits, and a camera that starts to turn after a minute")
            .AddColumn("window")
            .AddNumbers("events", "KL live‖ref", "KL ref‖live", "noise floor", "labels", "cross entropy", "expected")
            .AddColumn("ready")
            .AddColumn(new TableColumn($"last {SparklineLength} slides").NoWrap())
            .AddColumn("most");
        foreach (var report in reports)
        {
            var floor = report.Divergences?.NoiseFloorNats;
            var kl = report.Divergences?.KlLiveVsReferenceNats;
            var colour = !report.Ready ? "grey" : kl > 3 * floor ? "red" : "green";
            table.AddRow(
                new Text(report.Window.Window.Name),
                new Text(report.Window.Events.ToString(CultureInfo.InvariantCulture)),
                new Markup($"[{colour}]{NumberText.NatsInColumn(kl)}[/]"),
                new Markup($"[{colour}]{NumberText.NatsInColumn(report.Divergences?.KlReferenceVsLiveNats)}[/]"),
                new Text(NumberText.NatsInColumn(floor)),
                new Text((Labelled(report)?.Events ?? 0).ToString(CultureInfo.InvariantCulture)),
                new Text(NumberText.NatsInColumn(Labelled(report)?.CrossEntropyNats)),
                new Text(NumberText.NatsInColumn(Labelled(report)?.ExpectedCrossEntropyNats)),
                new Text(ReportTable.Ready(report)),
                new Markup($"[{colour}]{Sparkline(report)}[/]"),
                new Text(ReportTable.TopClasses(report)));
        }

        return new Rows(table, new Text(string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed:mm\\:ss}   metrics {metricsAddress}   Kafka {brokers}   red: more than 3 × the noise floor   Ctrl+C ends")));
    }

    public string Line(DriftReport report, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{elapsed:mm\\:ss} {report.Window.Series} {report.Window.Window.Name} events={report.Window.Events} "
        + $"kl_live_vs_reference={NumberText.NatsInColumn(report.Divergences?.KlLiveVsReferenceNats)} "
        + $"kl_reference_vs_live={NumberText.NatsInColumn(report.Divergences?.KlReferenceVsLiveNats)} "
        + $"noise_floor={NumberText.NatsInColumn(report.Divergences?.NoiseFloorNats)} labels={Labelled(report)?.Events ?? 0} "
        + $"cross_entropy={NumberText.NatsInColumn(Labelled(report)?.CrossEntropyNats)} "
        + $"expected_cross_entropy={NumberText.NatsInColumn(Labelled(report)?.ExpectedCrossEntropyNats)} "
        + $"ready={(report.Ready ? 1 : 0)} most: {ReportTable.TopClasses(report)}");

    /// <summary>What the labels of the same window say, by the time they came.</summary>
    private FeedbackMeasures? Labelled(DriftReport report) => feedback.All.FirstOrDefault(window =>
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
