using DriftMonitor.Alarms;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Alarms;

public sealed class RecentTrafficTests
{
    private const long Hour = 3_600_000;

    private static readonly WindowSpec Short = Given.Window("5m/10s");
    private static readonly WindowSpec Middle = Given.Window("1h/1m");
    private static readonly WindowSpec Long = Given.Window("24h/10m");

    private readonly RecentTraffic _recent = new([Short, Middle, Long], pseudoEvents: 1);

    private static LiveWindow Window(WindowSpec spec, long toMs, string model = "m", string space = "s", bool complete = true)
    {
        var panes = new WindowPanes([.. Enumerable.Repeat(60L, spec.Panes)], [.. Enumerable.Repeat(20.0, 3 * spec.Panes)]);
        UInt128[] sums = [.. Enumerable.Repeat((UInt128)(20.0 * spec.Panes * FixedPoint.One), 3)];
        return new LiveWindow(
            new SeriesKey(model, "canary").VersusRest, spec, toMs, new PaneClasses(space, 1, null), 1, sums, complete, toMs, Retired: false)
        {
            Rest = new OtherWindow(60 * spec.Panes, sums, sums, Complete: true) { Panes = panes },
        };
    }

    private RecentTraffic.Taken? Of(LiveWindow window) => _recent.Of(window.Series, window.Window, window.Classes.SpaceId);

    [Fact]
    public void A_window_is_calibrated_by_the_panes_of_one_six_times_as_long()
    {
        _recent.Note(Window(Middle, Hour));
        Assert.NotNull(Of(Window(Short, Hour)));
        Assert.Null(Of(Window(Middle, Hour))); // by those of a day, which are not there yet
        Assert.Null(Of(Window(Short, Hour, space: "other")));
        _recent.Note(Window(Long, Hour));
        Assert.NotNull(Of(Window(Middle, Hour)));
        Assert.Null(Of(Window(Long, Hour)));

        var taken = Of(Window(Short, Hour))!;
        Assert.Null(taken.Made); // nobody has asked
        Assert.NotNull(taken.Make());
        Assert.Same(taken.Made, taken.Make());
    }

    [Fact]
    public void Panes_are_taken_anew_once_a_day_or_with_other_classes()
    {
        _recent.Note(Window(Middle, Hour));
        var first = Of(Window(Short, Hour))!;
        _recent.Note(Window(Middle, 24 * Hour));
        Assert.Same(first, Of(Window(Short, 24 * Hour)));
        _recent.Note(Window(Middle, 25 * Hour));
        var second = Of(Window(Short, 25 * Hour))!;
        Assert.NotEqual(first.Id, second.Id);
        Assert.Null(second.Before); // of the first nothing was worked out
        var made = second.Make();
        _recent.Note(Window(Middle, 49 * Hour));
        Assert.Same(made, Of(Window(Short, 49 * Hour))!.Before); // and holds until the third is
        _recent.Note(Window(Middle, 73 * Hour));
        Assert.Same(made, Of(Window(Short, 73 * Hour))!.Before);
        _recent.Note(Window(Middle, 74 * Hour, space: "other"));
        Assert.Null(Of(Window(Short, 74 * Hour, space: "other"))!.Before);
    }

    [Fact]
    public void What_is_not_complete_shows_nothing()
    {
        _recent.Note(Window(Middle, Hour, complete: false));
        _recent.Note(Window(Middle, Hour) with { Rest = null });
        Assert.Null(Of(Window(Short, Hour)));
    }

    [Fact]
    public void Models_that_are_gone_are_forgotten()
    {
        _recent.Note(Window(Middle, Hour, model: "gone"));
        _recent.Note(Window(Middle, 50 * Hour));
        Assert.Null(Of(Window(Short, 50 * Hour, model: "gone")));
    }
}
