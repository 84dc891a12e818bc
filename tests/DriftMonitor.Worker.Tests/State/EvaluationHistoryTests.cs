using DriftMonitor.Alarms;
using DriftMonitor.Model;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.State;

/// <summary>What a chart shows: of each stretch the worst evaluation, the last so many stretches, and nothing beyond the memory.</summary>
public sealed class EvaluationHistoryTests
{
    private const int RingBytes = EvaluationHistory.Points * EvaluationHistory.Point.Bytes;
    private static readonly SeriesKey Series = new("m", SeriesKey.All);
    private static readonly long StretchMs = EvaluationHistory.StretchMs(Reported.Of("m").Window.Window);

    private readonly EvaluationHistory _history = new(10 * RingBytes);

    [Fact]
    public void Of_a_stretch_the_evaluation_furthest_above_its_threshold_is_kept()
    {
        foreach (var (part, kl) in new[] { (0, 0.1), (1, 0.4), (2, 0.2) })
        {
            _history.Note(At((100 * StretchMs) + (part * StretchMs / 4), kl));
        }

        var kept = Assert.Single(_history.Find(Series, "5m")!.Value);
        Assert.Equal(((100 * StretchMs) + (StretchMs / 4), 0.4f), (kept.ToMs, kept.Kl));
    }

    /// <summary>A threshold that is worked out later, or a window that is judged anew, is in the place of the same evaluation.</summary>
    [Fact]
    public void The_same_evaluation_once_more_takes_the_place_of_itself()
    {
        _history.Note(At(100 * StretchMs, 0.4));
        _history.Note(At(100 * StretchMs, 0.4, threshold: 0.5));
        Assert.Equal(0.5f, Assert.Single(_history.Find(Series, "5m")!.Value).Critical);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(239)]
    [InlineData(240)]
    [InlineData(241)]
    [InlineData(700)]
    public void The_last_stretches_are_kept_in_their_order(int stretches)
    {
        for (var stretch = 1; stretch <= stretches; stretch++)
        {
            _history.Note(At(stretch * StretchMs, stretch));
        }

        var first = Math.Max(1, stretches - EvaluationHistory.Points + 1);
        Assert.Equal(
            Enumerable.Range(first, stretches - first + 1).Select(stretch => (stretch * StretchMs, (float)stretch)),
            _history.Find(Series, "5m")!.Value.Select(point => (point.ToMs, point.Kl)));
    }

    [Fact]
    public void Beyond_its_memory_further_series_have_no_history_until_others_are_gone()
    {
        var small = new EvaluationHistory(RingBytes);
        small.Note(At(StretchMs, 1));
        Assert.True(small.IsFull);
        small.Note(At(StretchMs, 1, model: "other"));
        Assert.Null(small.Find(new SeriesKey("other", SeriesKey.All), "5m"));
        small.Remove(series => series.Model == "m");
        small.Note(At(StretchMs, 1, model: "other"));
        Assert.NotNull(small.Find(new SeriesKey("other", SeriesKey.All), "5m"));
    }

    [Fact]
    public void A_window_without_a_reference_has_no_point()
    {
        _history.Note(new JudgedReport(Reported.Without("m"), [], []));
        Assert.Null(_history.Find(Series, "5m"));
    }

    /// <summary>Whose windows have no CUSUM, as those with fixed thresholds.</summary>
    private static JudgedReport At(long toMs, double kl, double threshold = 0.25, string model = "m")
    {
        var report = Reported.Of(model, divergences: Reported.SomeDivergences with { KlLiveVsReferenceNats = kl, CusumNats = double.NaN });
        return new JudgedReport(
            report with { Window = report.Window with { ToMs = toMs } },
            [new Reading(AlarmSeverity.Critical, Measure.KlLiveVsReference, kl, threshold, Budget: null)], []);
    }
}
