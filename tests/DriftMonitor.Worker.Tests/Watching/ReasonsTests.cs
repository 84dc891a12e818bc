using DriftMonitor.Display;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>The page of all reasons says what the program says, and nothing else.</summary>
public sealed class ReasonsTests
{
    private static readonly (string Counted, string Reason, string Expected, string Cause, string Remedy)[] Rows =
    [
        .. from line in File.ReadLines(Path.Combine(RepositoryFiles.Root, ReasonText.Page))
           where line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| counted as |", StringComparison.Ordinal)
           let cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries)
           select (cells[0], cells[1].Trim('`'), cells[2], cells[3], cells[4]),
    ];

    private static readonly RejectionReason[] Rejections = [.. Enum.GetValues<RejectionReason>().Except([RejectionReason.None])];

    [Fact]
    public void Every_reason_has_one_row_and_every_row_its_reason()
    {
        var reasons = Rejections.Select(reason => ("rejected", RejectionLabels.Of(reason)))
            .Append(("ignored", ""))
            .Append(("duplicate", ""))
            .Concat(TopicMetrics.FieldsThatFallBack.Select(field => ("fallen back", PredictionFields.NameOf(field))))
            .Concat(Enum.GetValues<UnmatchedReason>().Select(reason => ("unmatched", SnakeCaseName.Of(reason))))
            .Concat(Enum.GetValues<RegisterRefusal>().Select(reason => ("refused", SnakeCaseName.Of(reason))));
        Assert.Equal(reasons.Order(), Rows.Select(row => (row.Counted, row.Reason)).Order());
    }

    [Fact]
    public void No_cell_is_empty() => Assert.All(
        Rows, row => Assert.All([row.Expected, row.Cause, row.Remedy], cell => Assert.NotEqual("", cell)));

    [Fact]
    public void The_page_says_what_logs_and_commands_say()
    {
        Assert.All(Rejections, reason => Assert.Equal(
            (ReasonText.Expected(reason), ReasonText.Remedy(reason)), Row("rejected", RejectionLabels.Of(reason))));
        Assert.All(TopicMetrics.FieldsThatFallBack, field => Assert.Equal(
            ReasonText.Expected(field), Row("fallen back", PredictionFields.NameOf(field)).Expected));
        Assert.Equal(ReasonText.Ignored, Row("ignored", "").Expected);
        Assert.Equal((ReasonText.NoDuplicate, ReasonText.DuplicateRemedy), Row("duplicate", ""));

        static (string Expected, string Remedy) Row(string counted, string reason) =>
            Rows.Where(row => (row.Counted, row.Reason) == (counted, reason)).Select(row => (row.Expected, row.Remedy)).Single();
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/DriftMonitor.Worker/Formats/README.md")]
    [InlineData("dashboards/runbooks/MonitorRejecting.md")]
    [InlineData("dashboards/runbooks/MonitorSourceRefused.md")]
    [InlineData("dashboards/runbooks/ModelFeedbackStalled.md")]
    public void Whoever_speaks_of_reasons_leads_there(string file) => Assert.Contains(
        "Reasons.md)", File.ReadAllText(Path.Combine(RepositoryFiles.Root, file)), StringComparison.Ordinal);
}
