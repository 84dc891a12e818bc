using Confluent.Kafka;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Alarms;
using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Windows;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Windows;

public sealed class PanePartitionTests : IDisposable
{
    private readonly LogLines _log = new();
    private readonly ServiceProvider _services;
    private readonly ReportStore _store;
    private readonly FeedbackWindows _feedback;
    private readonly AlarmDesk _alarms;
    private readonly PanePartition _partition = new(
        new TopicPartition("panes", 0),
        WindowPlan.Create(
            [WindowSpec.TryParse("5m/10s", out var spec, out _) ? spec : throw new InvalidOperationException()], TimeSpan.FromMinutes(1),
            TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)));

    public PanePartitionTests()
    {
        _services = AlarmServices.Of(Reported.Alarms, _log);
        _store = _services.GetRequiredService<ReportStore>();
        (_feedback, _alarms) = (_services.GetRequiredService<FeedbackWindows>(), _services.GetRequiredService<AlarmDesk>());
    }

    /// <summary>A report after ten minutes of the same, for which a fixed threshold must have been exceeded.</summary>
    private void Report(DriftReport report)
    {
        foreach (var minutes in new[] { 10, 5, 0 })
        {
            _partition.Report(report with { Window = report.Window with { ToMs = report.Window.ToMs - (minutes * 60_000) } }, _alarms);
        }
    }

    [Fact]
    public void Close_TakesBackWhatWasReportedFromHere()
    {
        Report(Reported.Of("m"));
        Assert.Single(_alarms.Explain());
        _store.Update(Reported.Of("another partition's"));

        Close();

        Assert.Equal("another partition's", Assert.Single(_store.Reports).Window.Series.Model);
        Assert.Empty(_alarms.Explain());
    }

    /// <summary>Else this replica would tell of them as silent for ever, though another has their windows again.</summary>
    [Fact]
    public void Close_TakesBackTheModelsThatHaveLeft()
    {
        foreach (var model in new[] { "left", "came back" })
        {
            _partition.Report(Reported.Of(model), _alarms);
        }

        _partition.Report(Reported.Of("left", retired: true), _alarms);
        _partition.Report(Reported.Of("came back", retired: true), _alarms);
        _partition.Report(Reported.Of("came back"), _alarms);
        _alarms.Note(Reported.Of("another partition's"));
        _alarms.Note(Reported.Of("another partition's", retired: true));

        Close();

        Assert.Equal(["another partition's"], Known());
    }

    [Fact]
    public void Close_TakesBackTheModelsThatAreRemembered_OfAnyNumberThatHasLeft()
    {
        for (var i = 0; i < ReportStore.MaxLeft + 10; i++)
        {
            _partition.Report(Reported.Of($"m{i}", retired: true), _alarms);
        }

        Assert.Equal(ReportStore.MaxLeft, Known().Count());

        Close();
        Assert.Empty(Known());
    }

    [Fact]
    public void Close_TakesBackTheLabelsThatWereReportedFromHere()
    {
        _partition.Report(Calibrated.Labels(crossEntropy: 0.875), _alarms);
        _alarms.Note(Calibrated.Labels(crossEntropy: 0.875) with { Series = new SeriesKey("another partition's", SeriesKey.All) });
        Assert.Equal(2, _feedback.All.Count());

        Close();
        _partition.Report(Calibrated.Labels(crossEntropy: 0.875), _alarms);

        Assert.Equal("another partition's", Assert.Single(_feedback.All).Series.Model);
    }

    [Fact]
    public void Report_OfLabelsThatWereGivenUp_TakesThemAway()
    {
        _partition.Report(Calibrated.Labels(crossEntropy: 0.875), _alarms);
        _partition.Report(Calibrated.Labels(crossEntropy: 0.875) with { Retired = true }, _alarms);
        Assert.Empty(_feedback.All);
        Assert.Empty(_alarms.Explain());
    }

    /// <summary>A stop, or a partition that moves, comes between a report and the end of its slide.</summary>
    [Fact]
    public void Close_TellsTheAlarmsThatHaveNotBeenToldYet()
    {
        Report(Reported.Of("m", contributions: ("cat", 0.3)));
        Assert.Empty(_log.All);

        Close();

        Assert.Contains("OutputDrift has begun", Assert.Single(_log.All), StringComparison.Ordinal);
        Assert.Contains(
            "\n  moved: cat is predicted 50.0 % of the time instead of 25.0 %", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    /// <summary>
    /// A new reference is put in use on a thread of its own, so a report can be under way when the partition goes to another replica.
    /// </summary>
    [Fact]
    public void Report_AfterClosing_IsNotExported()
    {
        Close();

        _partition.Report(Reported.Of("m"), _alarms);

        Assert.Empty(_store.Reports);
        Assert.Empty(_alarms.Explain());
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Report_TellsWhenASeriesHasOtherClassesThanItHad_Once()
    {
        Assert.False(_partition.Report(Reported.Of("m", window: "5m"), _alarms));
        Assert.False(_partition.Report(Reported.Of("m", window: "1h"), _alarms));
        Assert.False(_partition.Report(OfOtherClasses("n", "5m"), _alarms));

        Assert.True(_partition.Report(OfOtherClasses("m", "5m"), _alarms));
        Assert.False(_partition.Report(OfOtherClasses("m", "1h"), _alarms));
    }

    /// <summary>That has a line of its own.</summary>
    [Fact]
    public void Report_LeavesAVoteBetweenInferredClassesToWhoCountsIt()
    {
        Assert.False(_partition.Report(OfInferred(2), _alarms));
        Assert.False(_partition.Report(OfInferred(3), _alarms));
        Assert.True(_partition.Report(OfOtherClasses("m", "5m"), _alarms));

        static DriftReport OfInferred(int count)
        {
            var (report, space) = (Reported.Of("m", window: "5m"), ClassSpace.Indexed(count));
            return report with { Window = report.Window with { Classes = new PaneClasses(space.Id, ModelClasses.Inferred, space) } };
        }
    }

    [Fact]
    public void Report_OfASeriesThatWasGivenUp_BeginsAnew()
    {
        _partition.Report(Reported.Of("m"), _alarms);
        _partition.Report(Reported.Of("m", retired: true), _alarms);

        Assert.False(_partition.Report(OfOtherClasses("m", "5m"), _alarms));
    }

    private void Close() => _partition.Close(_alarms, model => model != "another partition's");

    /// <summary>The models whose state is known.</summary>
    private IEnumerable<string> Known()
    {
        _alarms.Tell();
        return _services.GetRequiredService<ModelStates>().All.Select(model => model.Model);
    }

    private static DriftReport OfOtherClasses(string model, string window)
    {
        var report = Reported.Of(model, window: window);
        return report with { Window = report.Window with { Classes = new PaneClasses("other", 2, null) } };
    }
}
