using System.Text.Json.Nodes;
using DriftMonitor.Evaluation;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Views;

/// <summary>What a chart is told of the time before its first point, and of why it has none.</summary>
public sealed class HistoryViewTests
{
    [Fact]
    public async Task Since_is_told_while_nothing_older_has_been_dropped()
    {
        await using var monitor = await ScrapedMonitor.Start();
        for (var minute = 1; minute < EvaluationHistory.Points; minute++)
        {
            monitor.Alarms.Note(At(minute));
        }

        Assert.Equal(At(1).Window.ToMs, (long?)(await HistoryAsync(monitor))["since_ms"]);
        monitor.Alarms.Note(At(EvaluationHistory.Points));
        var full = await HistoryAsync(monitor);
        Assert.Equal(EvaluationHistory.Points, full["points"]!.AsArray().Count);
        Assert.Null((long?)full["since_ms"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_window_without_a_reference_lacks_one(bool hasReference)
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Without("m") with { Reference = hasReference ? Reported.Reference("m") : null });
        Assert.Equal(!hasReference, (bool?)(await HistoryAsync(monitor))["lacks_reference"]);
    }

    /// <summary>The log says what went wrong there; a reference may well be in use.</summary>
    [Fact]
    public async Task One_that_could_not_be_evaluated_does_not()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Without("m") with { Readiness = Readiness.Failed });
        Assert.False((bool?)(await HistoryAsync(monitor))["lacks_reference"]);
    }

    private static DriftReport At(int minute)
    {
        var report = Reported.Of("m");
        return report with { Window = report.Window with { ToMs = Reported.Start.AddMinutes(minute).ToUnixTimeMilliseconds() } };
    }

    private static async Task<JsonNode> HistoryAsync(ScrapedMonitor monitor) =>
        JsonNode.Parse(await monitor.GetAsync("/api/v1/history?model=m&window=5m"))!;
}
