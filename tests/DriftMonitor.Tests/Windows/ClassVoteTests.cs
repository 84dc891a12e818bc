using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>Which inferred class space is in force, in minutes of event time; panes of ten seconds.</summary>
public sealed class ClassVoteTests : IDisposable
{
    private const int Second = 1_000;
    private const int Minute = 60 * Second;
    private const int Hour = 60 * Minute;

    private static readonly WindowPlan Plan = Given.Plan("5m/10s 10m/1m");
    private static readonly ModelClasses Three = Given.Classes(3, ModelClasses.Inferred);
    private static readonly ModelClasses Four = Given.Classes(4, ModelClasses.Inferred);
    private static readonly ModelClasses Five = Given.Classes(5, ModelClasses.Inferred);

    private readonly SeriesKey _all = new("m", SeriesKey.All);
    private Stage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void A_warm_up_decides_for_a_minute()
    {
        _stage.Take(Register(Four, 0, events: 1), Register(Three, 0, events: 300));
        Traffic(Three, 10 * Second, Minute);
        _stage.Tick(Minute - (10 * Second));
        Assert.Empty(_stage.Changes);

        _stage.Tick(Minute);
        Traffic(Three, Minute, 2 * Minute);
        _stage.Tick(2 * Minute);

        var change = Assert.Single(_stage.Changes);
        Assert.Equal(("m", 4, 3, Minute), (change.Model, change.From.ClassCount, change.To.ClassCount, change.AtMs));
        Assert.Equal((1_800, 1_801), (change.Misfits, change.Events));
        var window = _stage.Windows[^1];
        Assert.Equal((Three.Space.Id, 1_800, false), (window.Classes.SpaceId, window.Events, window.Complete));
        Assert.Equal(1_800, _stage.Refused[RegisterRefusal.OtherClasses]);
    }

    /// <summary>The fourth class comes at 4:20: the minute that follows decides, its windows are ready once they lie behind that.</summary>
    [Fact]
    public void A_new_version_takes_over_once_within_two_minutes()
    {
        const int Deployed = (4 * Minute) + (20 * Second);
        for (var minute = 0; minute < 12; minute++)
        {
            for (var pane = minute * Minute; pane < (minute + 1) * Minute; pane += 10 * Second)
            {
                _stage.Take(Register(pane < Deployed ? Three : Four, pane, events: 300));
                _stage.Take(Seen(pane + (10 * Second)));
                _stage.Tick(pane + (10 * Second));
            }
        }

        var change = Assert.Single(_stage.Changes);
        Assert.Equal((5 * Minute, 1_200, 1_800), (change.AtMs, change.Misfits, change.Events));
        Assert.Equal(1_200, _stage.Refused[RegisterRefusal.OtherClasses]);
        var ready = _stage.Windows.First(window => window.Classes.SpaceId == Four.Space.Id && window.Complete);
        Assert.Equal((10 * Minute, 9_000), (ready.ToMs, ready.Events));
    }

    [Fact]
    public void A_rollout_does_not_flip_back_and_forth()
    {
        Traffic(Three, 0, Minute);
        for (var minute = 1; minute < 150; minute++)
        {
            _stage.Take(
                Register(Three, minute * Minute, events: minute % 2 == 0 ? 400 : 200),
                Register(Four, minute * Minute, events: 300));
            _stage.Tick((minute + 1) * Minute);
        }

        Assert.Equal(
            [(2 * Minute, 4), (63 * Minute, 3), (124 * Minute, 4)], _stage.Changes.Select(change => (change.AtMs, change.To.ClassCount)));
    }

    /// <summary>The series of a model are given up after silence much shorter than an hour; the term of its classes goes on.</summary>
    [Fact]
    public void Silence_does_not_cut_a_term_short()
    {
        Assert.True(Plan.SilenceMs < 40 * Minute);
        Traffic(Three, 0, Minute);
        Minutes(Four, 1, 3);
        Assert.Equal((2 * Minute, 4), Assert.Single(_stage.Changes) is var change ? (change.AtMs, change.To.ClassCount) : default);

        for (var minute = 3; minute < 45; minute++)
        {
            _stage.Tick((minute + 1) * Minute);
        }

        Minutes(Three, 45, 61);
        Assert.Single(_stage.Changes);

        Minutes(Three, 61, 64);
        Assert.Equal((62 * Minute, 3), _stage.Changes[^1] is var back ? (back.AtMs, back.To.ClassCount) : default);
        Assert.Equal(2, _stage.Changes.Count);
    }

    [Fact]
    public void Half_of_the_events_are_not_most()
    {
        Traffic(Three, 0, Minute);
        _stage.Take(Register(Three, Minute, events: 300), Register(Four, Minute, events: 300));
        _stage.Tick(2 * Minute);

        Assert.Empty(_stage.Changes);
    }

    /// <summary>Most do not fit, and most of those have five classes.</summary>
    [Fact]
    public void The_space_that_most_events_have_takes_over()
    {
        _stage.Take(Register(Three, 0, events: 40), Register(Four, 0, events: 29), Register(Five, 0, events: 31));
        _stage.Tick(Minute);

        Assert.Equal(5, Assert.Single(_stage.Changes).To.ClassCount);
    }

    [Fact]
    public void Few_events_are_decided_together_with_those_of_the_next_minutes()
    {
        _stage.Take(Register(Three, 0, events: 1));
        for (var minute = 1; minute < 15; minute++)
        {
            _stage.Take(Register(Four, minute * Minute, events: 1));
            _stage.Tick((minute + 1) * Minute);
        }

        var change = Assert.Single(_stage.Changes);
        Assert.Equal((10 * Minute, 9, 10), (change.AtMs, change.Misfits, change.Events));
    }

    /// <summary>A lane publishes its open panes at every beat, and a successor those of its predecessor again.</summary>
    [Fact]
    public void Registers_that_are_published_again_count_once()
    {
        _stage.Take(Register(Three, 0, events: 100));
        for (var events = 1; events <= 90; events++)
        {
            _stage.Take(Register(Four, 0, events), Register(Four, 0, events: 1), Register(Three, 0, events: 100));
        }

        _stage.Take(Register(Three, Minute, events: 20), Register(Three, Minute, events: 30), Register(Four, Minute, events: 31));
        _stage.Tick(Minute);
        Assert.Empty(_stage.Changes);

        _stage.Tick(2 * Minute);
        Assert.Equal((31, 61), Assert.Single(_stage.Changes) is var change ? (change.Misfits, change.Events) : default);
    }

    /// <summary>A minute is decided when the lane that lags has been read to its end.</summary>
    [Fact]
    public void Partitions_out_of_step_decide_together()
    {
        using var stage = _stage = new Stage(sources: [0, 1]);
        stage.Take(Register(Three, 0, events: 100), Register(Three, 0, events: 100, source: 1));
        stage.Take(Register(Four, Minute, events: 300));
        stage.Take(Seen(2 * Minute), Seen(Minute, source: 1, nowMs: 2 * Minute));
        stage.Tick(2 * Minute);
        Assert.Empty(stage.Changes);

        stage.Take(Register(Three, Minute, events: 299, source: 1), Seen(2 * Minute, source: 1));
        stage.Tick((2 * Minute) + (10 * Second));
        Assert.Equal((300, 599), Assert.Single(stage.Changes) is var change ? (change.Misfits, change.Events) : default);
    }

    /// <summary>What one partition had of a pane before the change is refused, so no window over it is complete.</summary>
    [Fact]
    public void Windows_over_what_was_refused_are_not_complete()
    {
        Traffic(Three, 0, Minute);
        _stage.Take(Register(Four, 0, events: 2_000), Register(Four, Minute, events: 100, source: 1));
        _stage.Take(Seen(Minute), Seen(Minute, source: 1));
        _stage.Tick(Minute);
        Assert.Single(_stage.Changes);
        for (var pane = Minute; pane < 8 * Minute; pane += 10 * Second)
        {
            _stage.Take(Register(Four, pane, events: 300), Seen(pane + (10 * Second)), Seen(pane + (10 * Second), source: 1));
            _stage.Tick(pane + (10 * Second));
        }

        var first = _stage.Windows.First(window => window.Classes.SpaceId == Four.Space.Id && window.Complete);
        Assert.Equal((6 * Minute) + (10 * Second), first.ToMs);
    }

    [Fact]
    public void Segments_change_with_their_model()
    {
        var segment = new SeriesKey("m", "s");
        _stage.Take(Register(Three, 0, events: 10), Register(Three, 0, events: 10, series: segment), Register(Four, 0, events: 20));
        _stage.Take(Register(Four, 10 * Second, events: 20, series: segment));
        _stage.Take(Register(Four, 0, events: 5, series: new SeriesKey("m", "t")));
        _stage.Tick(Minute);
        _stage.Take(Register(Three, Minute, events: 1, series: segment), Register(Four, Minute, events: 2, series: segment));
        _stage.Take(Register(Four, Minute, events: 3, series: new SeriesKey("m", "t")));
        _stage.Tick(Minute + (10 * Second));

        Assert.Single(_stage.Changes);
        var last = _stage.Windows.Where(window => window.Window.Name == "5m").GroupBy(window => window.Series.Segment)
            .ToDictionary(windows => windows.Key, windows => windows.Last());
        Assert.Equal((Four.Space.Id, 2), (last["s"].Classes.SpaceId, last["s"].Events));
        Assert.Equal((Four.Space.Id, 3), (last["t"].Classes.SpaceId, last["t"].Events));
    }

    [Theory]
    [InlineData(ModelClasses.Configured)]
    [InlineData(1_767_225_600_000)]
    public void A_space_that_is_not_inferred_is_not_outvoted(long generation)
    {
        _stage.Take(Register(Given.Classes(3, generation), 0, events: 1), Register(Four, 0, events: 1_000));
        _stage.Tick(Minute);

        Assert.Empty(_stage.Changes);
        Assert.Equal(1_000, _stage.Refused[RegisterRefusal.OtherClasses]);
    }

    /// <summary>Of inferred spaces none takes over only because the other was silent: a model of little traffic would flip.</summary>
    [Fact]
    public void Silence_decides_nothing()
    {
        _stage.Take(Register(Three, 0, events: 1), Register(Four, 30 * Second, events: 1));
        _stage.Tick(Minute);

        Assert.Equal(Three.Space.Id, _stage.Windows[^1].Classes.SpaceId);
        Assert.Equal(1, _stage.Refused[RegisterRefusal.OtherClasses]);
    }

    /// <summary>Ten minutes after a change what settled tells a successor which space is in force, and since when.</summary>
    [Fact]
    public void A_successor_has_the_space_and_the_time_of_the_change()
    {
        Traffic(Three, 0, Minute);
        for (var pane = Minute; pane < 20 * Minute; pane += 10 * Second)
        {
            _stage.Take(Register(Four, pane, events: 300), Seen(pane + (10 * Second)));
            _stage.Tick(pane + (10 * Second));
        }

        Assert.Single(_stage.Changes);
        using var successor = new Stage();
        successor.Take(_stage.Settled());
        for (var minute = 20; minute < 70; minute++)
        {
            successor.Take(Register(Three, minute * Minute, events: 300), Register(Four, minute * Minute, events: 100));
            successor.Tick((minute + 1) * Minute);
        }

        Assert.Equal(Four.Space.Id, successor.Windows[0].Classes.SpaceId);
        Assert.Equal(62 * Minute, Assert.Single(successor.Changes).AtMs);
    }

    /// <summary>The change was decided, and nothing of the new space is settled: the successor decides once more.</summary>
    [Fact]
    public void A_successor_decides_what_was_not_settled()
    {
        for (var pane = 0; pane < Minute; pane += 10 * Second)
        {
            _stage.Take(Register(Three, pane, events: 300), Seen(pane + (10 * Second)));
        }

        PaneMessage[] unsettled =
        [
            Register(Three, Minute, events: 10),
            Register(Four, Minute, events: 100),
            Seen(Minute) with { SeenUntilMs = 2 * Minute, AsOfMs = 2 * Minute },
        ];
        _stage.Take(unsettled);
        _stage.Tick(2 * Minute);
        Assert.Equal(2 * Minute, Assert.Single(_stage.Changes).AtMs);

        using var successor = new Stage();
        successor.Take(_stage.Settled());
        successor.Take(unsettled);
        successor.Tick(2 * Minute);
        Assert.Equal((2 * Minute, 4), Assert.Single(successor.Changes) is var change ? (change.AtMs, change.To.ClassCount) : default);
    }

    private void Traffic(ModelClasses classes, int fromMs, int toMs)
    {
        for (var pane = fromMs; pane < toMs; pane += 10 * Second)
        {
            _stage.Take(Register(classes, pane, events: 300));
        }
    }

    private void Minutes(ModelClasses classes, int from, int to)
    {
        for (var minute = from; minute < to; minute++)
        {
            _stage.Take(Register(classes, minute * Minute, events: 300));
            _stage.Tick((minute + 1) * Minute);
        }
    }

    private PaneRegister Register(ModelClasses classes, long paneStartMs, long events, int source = 0, SeriesKey? series = null)
    {
        var register = Given.Register(series ?? _all, paneStartMs, events, source, first: paneStartMs, classes: classes);
        return register with
        {
            Classes = register.Classes with { Inferred = classes.Generation == ModelClasses.Inferred ? classes.Space : null },
        };
    }

    private static LaneProgress Seen(long untilMs, int source = 0, long? nowMs = null) =>
        new(source, ClosedBeforeMs: untilMs, CaughtUp: nowMs is null, AsOfMs: nowMs ?? untilMs) { SeenUntilMs = untilMs };

    private sealed class Stage : IDisposable
    {
        private readonly Subject<PaneMessage> _messages = new();
        private readonly Subject<long> _ticks = new();
        private readonly List<Settlement> _settlements = [];
        private readonly IDisposable _subscription;

        public Stage(int[]? sources = null)
        {
            var said = _messages.SlideWindows(_ticks, Plan, maxSeries: 10, sources ?? []).Publish();
            said.OfType<ClassesOutvoted>().Subscribe(Changes.Add);
            said.Windows((why, events) => Refused[why] = Refused.GetValueOrDefault(why) + events, _settlements.Add).Subscribe(Windows.Add);
            _subscription = said.Connect();
        }

        public List<ClassesOutvoted> Changes { get; } = [];

        public List<LiveWindow> Windows { get; } = [];

        public Dictionary<RegisterRefusal, long> Refused { get; } = [];

        public void Take(params PaneMessage[] messages)
        {
            foreach (var message in messages)
            {
                _messages.OnNext(message);
            }
        }

        public void Tick(long ms) => _ticks.OnNext(ms);

        /// <summary>What is settled, as a successor reads it.</summary>
        public Settlement Settled() => _settlements[^1] with { Panes = [.. _settlements.SelectMany(settled => settled.Panes)] };

        public void Dispose()
        {
            _subscription.Dispose();
            _messages.Dispose();
            _ticks.Dispose();
        }
    }
}
