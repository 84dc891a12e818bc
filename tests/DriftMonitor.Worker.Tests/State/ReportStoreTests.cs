using DriftMonitor.Model;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.State;

public sealed class ReportStoreTests
{
    private readonly ReportStore _store = new(Reported.Thresholds());

    [Fact]
    public void Update_KeepsTheLatestOfEachSeriesAndWindow()
    {
        _store.Update(Reported.Of("m", window: "5m"));
        _store.Update(Reported.Of("m", window: "1h"));
        _store.Update(Reported.Of("m", "s=1", window: "5m"));
        var latest = Reported.Without("m", window: "5m");
        _store.Update(latest);

        Assert.Equal(3, _store.Reports.Count());
        Assert.Same(latest, _store.Find(new SeriesKey("m", SeriesKey.All), "5m"));
        Assert.Null(_store.Find(new SeriesKey("m", SeriesKey.All), "24h"));
    }

    [Fact]
    public void Remove_TakesEveryWindowOfTheSeries()
    {
        _store.Update(Reported.Of("m", window: "5m"));
        _store.Update(Reported.Of("m", window: "1h"));
        _store.Update(Reported.Of("other"));

        _store.Remove(model => model == "m");

        Assert.Equal("other", Assert.Single(_store.Reports).Window.Series.Model);
    }

    /// <summary>One look finds it, whatever its windows are about to do: there is no second place to look.</summary>
    [Fact]
    public void Models_HaveAModelOnce_WhileItLeavesAndComesBack()
    {
        var seen = new List<(int Windows, long? LeftMs)>();
        foreach (var report in new[]
        {
            Reported.Of("m", window: "5m"), Reported.Of("m", window: "1h"), Reported.Of("m", "s=1"),
            Reported.Of("m", window: "5m", retired: true), Reported.Of("m", window: "1h", retired: true),
            Reported.Of("m", window: "5m"), Reported.Of("m", window: "1h"),
        })
        {
            _store.Update(report);
            var model = Assert.Single(_store.Models);
            seen.Add((model.Windows.Length, model.LeftMs));
        }

        var leftMs = Reported.Of("m").Window.LatestEventMs;
        Assert.Equal([(1, null), (2, null), (2, null), (0, leftMs), (0, leftMs), (1, null), (2, null)], seen);
    }

    /// <summary>As a series does that was restored and is too old to be shown.</summary>
    [Fact]
    public void Update_OfAModelThatHasLeft_RemembersItThoughItWasNeverShown()
    {
        _store.Update(Reported.Of("m", retired: true));

        var left = Assert.Single(_store.Models);
        Assert.Equal(("m", Reported.Of("m").Window.LatestEventMs), (left.Model, left.LeftMs));
    }

    /// <summary>The exporter makes its room by these numbers: were they to grow, so would its memory.</summary>
    [Fact]
    public void Labels_AreThoseInUse_WhateverCameAndWent()
    {
        for (var i = 0; i < 100; i++)
        {
            _store.Update(Reported.Of("m", contributions: [($"c{i}", 1), ($"c{i + 1}", 1)]));
            _store.Update(i % 2 == 0 ? Reported.Of("n", contributions: ("c", 1)) : Reported.Without("n"));
            _store.Update(Reported.Of("gone", contributions: ("c", 1)));
            _store.Update(Reported.Of("gone", retired: true));
        }

        Assert.Equal(2, _store.WindowLabels.Alive);
        Assert.Equal(3, _store.ClassLabels.Alive); // c99, c100 and the rest
        Assert.Equal(2 + 100, _store.WindowLabels.Issued);
        Assert.Equal(102 + (2 * 50) + (2 * 100), _store.ClassLabels.Issued);
    }
}
