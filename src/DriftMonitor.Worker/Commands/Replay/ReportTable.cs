using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Replay;

/// <summary>Reports as a table for people.</summary>
internal static class ReportTable
{
    public static Table Create(bool withFeedback = false)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("model", "segment", "window", "from (UTC)", "to")
            .AddNumbers("events", "KL live‖ref", "KL ref‖live", "noise floor", "entropy")
            .AddColumns("ready", "top classes (nats)");
        return withFeedback ? FeedbackTables.AddColumns(table) : table;
    }

    public static void Add(Table table, DriftReport report, ReplayFeedback? feedback = null)
    {
        var window = report.Window;
        string[] cells =
        [
            MarkupText.Of(window.Series.Model),
            MarkupText.Of(window.Series.Segment),
            MarkupText.Of(window.Window.Name),
            TimeText.DateAndTime(window.FromMs),
            TimeText.TimeOfDay(window.ToMs),
            window.Events.ToString(CultureInfo.InvariantCulture),
            NumberText.NatsInColumn(report.Divergences?.KlLiveVsReferenceNats),
            NumberText.NatsInColumn(report.Divergences?.KlReferenceVsLiveNats),
            NumberText.NatsInColumn(report.Divergences?.NoiseFloorNats),
            NumberText.NatsInColumn(report.EntropyNats),
            Ready(report),
            MarkupText.Of(TopClasses(report)),
            .. feedback is null ? [] : FeedbackTables.Cells(feedback.Over(window, Attribution.PredictionTime)),
        ];
        table.AddRow(cells);
    }

    /// <summary>The classes that contribute most, in nats: <c>8 +0.021  5 −0.014  1 +0.009</c>.</summary>
    public static string TopClasses(DriftReport report, int classes = 3) => string.Join(
        "  ", report.Contributions.Take(classes).Select(
            c => string.Create(CultureInfo.InvariantCulture, $"{DisplayText.Of(c.Class)} {c.Nats:+0.0000;−0.0000}")));

    public static string Ready(DriftReport report) => report.Readiness switch
    {
        Readiness.Ready => "yes",
        Readiness.Incomplete => "filling",
        Readiness.TooFewEvents => "too few",
        _ => "failed",
    };
}
