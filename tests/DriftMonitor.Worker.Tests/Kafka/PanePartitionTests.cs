using Confluent.Kafka;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Prometheus;
using DriftMonitor.Worker.Tests.Prometheus;

namespace DriftMonitor.Worker.Tests.Kafka;

public sealed class PanePartitionTests
{
    private readonly ReportStore _store = new();
    private readonly PanePartition _partition = new(
        new TopicPartition("panes", 0),
        WindowPlan.Create([WindowSpec.TryParse("5m/10s", out var spec, out _) ? spec : throw new InvalidOperationException()], TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)),
        resumeOffset: 0);

    [Fact]
    public void Close_TakesBackWhatWasReportedFromHere()
    {
        _partition.Report(Reported.Of("m"), _store);
        _store.Update(Reported.Of("another partition's"));

        _partition.Close(_store);

        Assert.Equal("another partition's", Assert.Single(_store.Reports).Window.Series.Model);
    }

    /// <summary>A new reference is put in use on a thread of its own, so a report can be under way when the partition goes to another replica.</summary>
    [Fact]
    public void Report_AfterClosing_IsNotExported()
    {
        _partition.Close(_store);

        _partition.Report(Reported.Of("m"), _store);

        Assert.Empty(_store.Reports);
    }

    [Fact]
    public void Report_TellsWhenASeriesHasOtherClassesThanItHad_Once()
    {
        Assert.False(_partition.Report(Reported.Of("m", window: "5m"), _store));
        Assert.False(_partition.Report(Reported.Of("m", window: "1h"), _store));
        Assert.False(_partition.Report(OfOtherClasses("n", "5m"), _store));

        Assert.True(_partition.Report(OfOtherClasses("m", "5m"), _store));
        Assert.False(_partition.Report(OfOtherClasses("m", "1h"), _store));
    }

    [Fact]
    public void Report_OfASeriesThatWasGivenUp_BeginsAnew()
    {
        _partition.Report(Reported.Of("m"), _store);
        _partition.Report(Reported.Of("m", retired: true), _store);

        Assert.False(_partition.Report(OfOtherClasses("m", "5m"), _store));
    }

    private static DriftReport OfOtherClasses(string model, string window)
    {
        var report = Reported.Of(model, window: window);
        return report with { Window = report.Window with { Classes = new PaneClasses("other", 2, null) } };
    }
}
