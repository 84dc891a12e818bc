using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Replay;

/// <summary>The measures of feedback as tables for people.</summary>
internal static class FeedbackTables
{
    public static Table AddColumns(Table table) => table.AddNumbers("labels", "cross-entropy", "expected", "accuracy");

    public static string[] Cells(FeedbackMeasures measures) =>
    [
        measures.Events.ToString(CultureInfo.InvariantCulture),
        NumberText.NatsInColumn(measures.CrossEntropyNats),
        NumberText.NatsInColumn(measures.ExpectedCrossEntropyNats),
        NumberText.Ratio(measures.AccuracyRatio),
    ];

    /// <summary>How often predictions of about the same confidence were right.</summary>
    public static Table Reliability(FeedbackMeasures measures)
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title(
                $"Reliability: calibration error {NumberText.Ratio(measures.CalibrationErrorRatio)}, Brier score "
                + $"{NumberText.Ratio(measures.BrierScore)}")
            .AddColumn("confidence")
            .AddNumbers("labels", "mean confidence", "accuracy");
        foreach (var bin in measures.Reliability)
        {
            table.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"{bin.From:0.00}–{bin.To:0.00}"),
                bin.Events.ToString(CultureInfo.InvariantCulture),
                NumberText.Ratio(bin.Confidence),
                NumberText.Ratio(bin.Accuracy));
        }

        return table;
    }
}
