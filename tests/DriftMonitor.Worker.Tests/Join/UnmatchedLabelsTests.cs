using DriftMonitor.Join;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Join;

public sealed class UnmatchedLabelsTests
{
    [Fact]
    public async Task What_all_labels_of_a_model_lack_is_counted_with_it_and_logged_once_an_hour()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var log = new LogLines();
        var labels = new UnmatchedLabels(monitor.Metrics.Feedback, monitor.Time, log);
        labels.Count("churn", UnmatchedReason.UnknownClass, 3);
        labels.Count("churn", UnmatchedReason.UnknownClass, 2);
        labels.Count("fraud", UnmatchedReason.NoProbabilities, 1);
        labels.Count("topics", UnmatchedReason.NotADistribution, 1);
        labels.Count(null, UnmatchedReason.NeverMatched, 7);
        Assert.Equal(3, log.All.Count);
        Assert.StartsWith("Warning: 3 labels of churn count in no window (unknown_class): ", log.All.First(), StringComparison.Ordinal);
        Assert.Contains("map it to \"probability\"", log.All.ElementAt(1), StringComparison.Ordinal);
        Assert.Contains("send predictions as multilabel", log.All.Last(), StringComparison.Ordinal);

        monitor.Time.Advance(TimeSpan.FromHours(1));
        labels.Count("churn", UnmatchedReason.UnknownClass, 1);
        Assert.Equal(4, log.All.Count);
        var counted = (await monitor.Scrape()).Of("feedback_unmatched_total");
        Assert.Contains("driftmonitor_feedback_unmatched_total{model=\"churn\",reason=\"unknown_class\"} 6", counted);
        Assert.Contains("driftmonitor_feedback_unmatched_total{reason=\"never_matched\"} 7", counted);
    }
}
