using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Alarms;

/// <summary>What longer windows leave out is visible, beside what is decided of them.</summary>
public sealed class LeftOutTests
{
    private static readonly SeriesKey Series = new("m", SeriesKey.All);
    private static readonly FalseAlarmBudget Budget = new(1, 30 * 86_400_000L);
    private static readonly ImmutableArray<WindowSpec> Windows = [Given.Window("20ms/10ms"), Given.Window("40ms/10ms")];

    private readonly AlarmTracker _tracker = new(Windows, minimumEvents: 100);

    /// <summary>
    /// <code>
    ///   pane from ms   0    10   20   30   40
    ///   share of a    .5    .5   .9   .9   .5
    ///   20ms                      └ alarm ┘         reports [20, 40)
    ///   40ms                └ decided by 10 and 40 ┘
    /// </code>
    /// </summary>
    [Fact]
    public void A_longer_window_tells_what_it_leaves_out_and_by_what_it_is_decided()
    {
        Look(0, 40, [500, 500, 900, 900]);
        Assert.Equal(20, Assert.Single(_tracker.Active).OnsetMs);
        Assert.Empty(_tracker.LeftOutOf(Series)); // a window leaves nothing of its own out
        Look(1, 40, [500, 500, 900, 900]);

        var left = Assert.Single(_tracker.LeftOutOf(Series));
        Assert.Equal(
            (Series, AlarmKind.OutputDrift, AlarmSeverity.Critical, Windows[1], 20L),
            (left.Series, left.Kind, left.Severity, left.Window, left.Ms));
        Assert.Equal(500.0 / 1000, Assert.Single(left.Decided).Value); // of what is left a is half

        Look(0, 50, [500, 500, 900, 900, 500]);
        Look(1, 50, [500, 500, 900, 900, 500]);
        Assert.Equal(AlarmKind.OutputDrift, Assert.Single(_tracker.LeftOutOf(Series), of => of.Window == Windows[1]).Kind);

        for (var (toMs, a) = (60, (double[])[500, 500, 900, 900, 500]); toMs <= 140; toMs += 10)
        {
            a = [.. a, 500];
            Look(0, toMs, a);
            Look(1, toMs, a);
        }

        Assert.Empty(_tracker.LeftOutOf(Series)); // all of it is behind the window
    }

    /// <summary>A window of thousand events a pane, of which so many are of class a; its value is a's share, and .6 is too much.</summary>
    private void Look(int window, long toMs, double[] a)
    {
        var panes = Windows[window].Panes;
        double[] mass = [.. a[^panes..].SelectMany(of => new[] { of, 1_000 - of })];
        Reading Of(double share) => new(AlarmSeverity.Critical, Measure.KlLiveVsReference, share, 0.6, Budget);
        _tracker.Note(new WindowLook(Series, AlarmKind.OutputDrift, window, toMs, [Of(a[^panes..].Average() / 1_000)])
        {
            ReferenceId = "of",
            Panes = () => new PaneRun(toMs - Windows[window].LengthMs, 10, 2, mass),
            Departure = new DistributionDeparture([.5, .5], 1_000_000, 1, events => 1 / (2 * events)),
            Judge = counted => [Of(a[^panes..].Where((_, pane) => counted[pane]).DefaultIfEmpty(0).Average() / 1_000)],
            SmallestEffect = 0.001,
        });
    }
}
