using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Divergence;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>Base panes of 10 ms, no lateness: a lane whose clock stands at t has closed what ended before t.</summary>
public sealed class SlideWindowsTests
{
    private static readonly WindowPlan Short = Given.Plan("30ms/10ms");

    private readonly SeriesKey _series = Given.Model().All;
    private readonly Timeline _time = new();
    private readonly List<LiveWindow> _windows = [];

    private void Run(
        long toMs, WindowPlan plan, IObservable<PaneMessage> messages, int maxSeries = 10, int tickMs = 10, params int[] sources)
    {
        using var subscription = messages.SlideWindows(_time.Ticks(tickMs), plan, maxSeries, sources).Windows().Subscribe(_windows.Add);
        _time.RunTo(toMs);
    }

    private IEnumerable<(long ToMs, long Events)> Emitted(string window = "30ms") =>
        _windows.Where(w => w.Window.Name == window).Select(w => (w.ToMs, w.Events));

    // ms          0    10   20   30   40   50
    // register    1@0  2@10
    // tick             |    |    |    |    |
    // window           1    3    3    2    0
    [Fact]
    public void Windows_MoveWithTheTicks_AndDrainWhenTrafficStops()
    {
        var messages = _time.Hot<PaneMessage>(
            (5, Given.Register(_series, 0, events: 1)),
            (15, Given.Register(_series, 10, events: 2, first: 1)));
        Run(50, Short, messages);
        Assert.Equal([(10, 1), (20, 3), (30, 3), (40, 2), (50, 0)], Emitted());
    }

    [Fact]
    public void Windows_SayWhatTheyCover()
    {
        Run(20, Short, _time.Hot<PaneMessage>((15, Given.Register(_series, 10, events: 2, latestMs: 14))));
        var window = Assert.Single(_windows);
        Assert.Equal(_series, window.Series);
        Assert.Equal((-10, 20, 14, false), (window.FromMs, window.ToMs, window.LatestEventMs, window.Retired));
        Assert.Equal(Given.Classes(2).Space.Id, window.Classes.SpaceId);
        Assert.Equal([2ul << 32, UInt128.Zero, UInt128.Zero], window.Mass);
    }

    // ms                0    10   20   30   40   50   60
    // 30ms/10ms              |    |    |    |    |    |
    // 60ms/20ms                   |         |         |
    [Fact]
    public void Windows_OfALongerSlide_MoveLessOften()
    {
        Run(60, Given.Plan("30ms/10ms 60ms/20ms"), _time.Hot<PaneMessage>((5, Given.Register(_series, 0, events: 4))));
        Assert.Equal([10, 20, 30, 40, 50, 60], Emitted().Select(w => w.ToMs));
        Assert.Equal([(20, 4), (40, 4), (60, 4)], Emitted("60ms"));
    }

    [Fact]
    public void Windows_AreNotChangedByWhatComesAfterThem()
    {
        Run(20, Short, _time.Hot<PaneMessage>((5, Given.Register(_series, 0, events: 1)), (12, Given.Register(_series, 0, events: 5))));
        Assert.Equal([1, 5], _windows.Select(w => w.Events));
        Assert.Equal([1ul << 32, 5ul << 32], _windows.Select(w => w.Mass[0]));
    }

    // ms            0    10   20   30   40
    // register      1@35 (its records are ahead of their time)
    // window                            1
    [Fact]
    public void Windows_ThatEndBeforeTheFirstEvent_AreNotEmitted()
    {
        Run(40, Short, _time.Hot<PaneMessage>((1, Given.Register(_series, 30, events: 1, earliestMs: 35))));
        Assert.Equal([(40, 1)], Emitted());
    }

    // register    [0, 10) from partition 0: 1, then 3; from partition 1: 10, then late
    [Fact]
    public void Registers_AreReplacedPerPartition()
    {
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(_series, 0, events: 1, partition: 0)),
            (2, Given.Register(_series, 0, events: 10, partition: 1)),
            (11, Given.Register(_series, 0, events: 3, partition: 0)),
            (12, Given.Register(_series, 0, events: 1, partition: 0)), // an old value again
            (21, Given.Register(_series, 0, events: 20, partition: 1)));
        Run(30, Short, messages);
        Assert.Equal([(10, 11), (20, 13), (30, 23)], Emitted());
    }

    [Fact]
    public void Registers_OfAClosedPane_AreFinal()
    {
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(_series, 0, events: 1)),
            (2, new LaneProgress(0, ClosedBeforeMs: 11, CaughtUp: true, AsOfMs: 0)), // [0, 10) has closed
            (3, Given.Register(_series, 0, events: 7)),
            (4, new LaneProgress(0, ClosedBeforeMs: 5, CaughtUp: true, AsOfMs: 0)), // a lane that re-reads does not open it again
            (5, Given.Register(_series, 0, events: 7)),
            (6, Given.Register(_series, 0, events: 2, partition: 1))); // another partition may
        Run(10, Short, messages, sources: [0, 1]);
        Assert.Equal([(10, 3)], Emitted());
    }

    [Fact]
    public void Registers_OfAPaneThatEndsWhereTheLaneStands_AreNotFinal()
    {
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(_series, 0, events: 1)),
            (2, new LaneProgress(0, ClosedBeforeMs: 10, CaughtUp: true, AsOfMs: 20)),
            (11, Given.Register(_series, 0, events: 7)));
        Run(20, Short, messages);
        Assert.Equal([(10, 1), (20, 7)], Emitted());
    }

    // event time      100  110  120  130        wall clock: 1000, 1010, ...
    // register        1    2    4
    // clock           105  115  125  1005 (caught up)
    [Fact]
    public void Backlog_IsFollowedByTheLanesClock_ThenTheWallClock()
    {
        var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages.SlideWindows(ticks, Short, 10).Windows().Subscribe(_windows.Add);
        foreach (var (pane, events, clock) in new[] { (100, 1, 105), (110, 2, 115), (120, 4, 125) })
        {
            messages.OnNext(Given.Register(_series, pane, events));
            messages.OnNext(new LaneProgress(0, clock, CaughtUp: false, AsOfMs: 0));
            ticks.OnNext(1_000);
        }

        Assert.Equal([(110, 1), (120, 3)], Emitted()); // none that ends at 100, before the first event
        messages.OnNext(new LaneProgress(0, 1_005, CaughtUp: true, AsOfMs: 1_010));
        ticks.OnNext(1_010);
        Assert.Equal((1_010, 0), Emitted().Last());
    }

    /// <summary>
    /// A partition that lags holds every window back to its clock: a window that ran ahead would lack its events and not say so.
    /// </summary>
    [Fact]
    public void Backlog_OfOnePartition_HoldsTheWindowsOfAll()
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages.SlideWindows(ticks, Short, 10, [0, 1]).Windows().Subscribe(_windows.Add);
        messages.OnNext(Given.Register(_series, 990, events: 1, partition: 0));
        messages.OnNext(new LaneProgress(0, 995, CaughtUp: true, AsOfMs: 1_000));
        messages.OnNext(Given.Register(_series, 110, events: 2, partition: 1));
        messages.OnNext(new LaneProgress(1, 121, CaughtUp: false, AsOfMs: 0));
        ticks.OnNext(1_000);
        Assert.Equal([(120, 2)], Emitted());
        messages.OnNext(Given.Register(_series, 990, events: 4, partition: 1));
        messages.OnNext(new LaneProgress(1, 995, CaughtUp: true, AsOfMs: 1_000));
        ticks.OnNext(1_000);
        Assert.Equal((1_000, 5), Emitted().Last());
    }

    /// <summary>A series without events in the backlog drains while other series' events move the lane's clock.</summary>
    [Fact]
    public void Backlog_MovesASilentSeriesToo()
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages.SlideWindows(ticks, Short, 10).Windows().Subscribe(_windows.Add);
        messages.OnNext(Given.Register(_series, 100, events: 1));
        messages.OnNext(new LaneProgress(0, 141, CaughtUp: false, AsOfMs: 0));
        ticks.OnNext(1_000);
        Assert.Equal([(140, 0)], Emitted());
    }

    [Fact]
    public void Windows_NeverMoveBack()
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages.SlideWindows(ticks, Short, 10).Windows().Subscribe(_windows.Add);
        messages.OnNext(Given.Register(_series, 90, events: 1));
        ticks.OnNext(100);
        ticks.OnNext(95);
        ticks.OnNext(100);
        messages.OnNext(new LaneProgress(0, 50, CaughtUp: false, AsOfMs: 0)); // a lane that re-reads
        ticks.OnNext(110);
        Assert.Equal([(100, 1)], Emitted());
        messages.OnNext(new LaneProgress(0, 100, CaughtUp: true, AsOfMs: 110));
        ticks.OnNext(110);
        Assert.Equal([(100, 1), (110, 1)], Emitted());
    }

    // ms            0    10   20   30   40
    // first event   ...5
    // complete           -    -    -    +      [10, 40) is the first window that lies behind the start
    [Fact]
    public void Complete_OnceTheWholeWindowLiesBehindTheFirstPane()
    {
        Run(40, Short, _time.Hot<PaneMessage>((6, Given.Register(_series, 0, events: 1, earliestMs: 5))));
        Assert.Equal([false, false, false, true], _windows.Select(w => w.Complete));
    }

    [Fact]
    public void Complete_CountsThePaneThatBeganWithItsFirstEvent()
    {
        Run(30, Short, _time.Hot<PaneMessage>((6, Given.Register(_series, 0, events: 1, earliestMs: 0))));
        Assert.Equal([false, false, true], _windows.Select(w => w.Complete));
    }

    // ms            0    10   20   30   40   50   60   70
    // first event   ...5
    // trailing           -    -    -    -    -    -    +      [10, 40) is the first one that lies behind the start
    [Fact]
    public void Trailing_IsCompleteOnceBothWindowsLieBehindTheFirstPane()
    {
        var messages = _time.Hot<PaneMessage>(
            (6, Given.Register(_series, 0, events: 1, earliestMs: 5)), (16, Given.Register(_series, 10, events: 2)),
            (46, Given.Register(_series, 40, events: 4)));
        Run(70, Short, messages);
        Assert.Equal([false, false, false, false, false, false, true], _windows.Select(w => w.Trailing!.Complete));
        Assert.Equal([1, 3, 3, 2, 4, 4, 4], _windows.Select(w => w.Events));
        Assert.Equal([0, 0, 0, 1, 3, 3, 2], _windows.Select(w => w.Trailing!.Events));
    }

    /// <summary>A register that replaces one which has left the live window.</summary>
    [Fact]
    public void Trailing_IsCorrectedWhenARegisterIsReplacedLate()
    {
        var messages = _time.Hot<PaneMessage>(
            (5, Given.Register(_series, 0, events: 1)), (15, Given.Register(_series, 10, events: 2, partition: 1)),
            (45, Given.Register(_series, 0, events: 8)));
        Run(50, Given.Plan("30ms/10ms", lateness: 60), messages);
        Assert.Equal([(10, 1), (20, 3), (30, 3), (40, 2), (50, 0)], Emitted());
        Assert.Equal([0, 0, 0, 1, 10], _windows.Select(w => w.Trailing!.Events));
    }

    [Fact]
    public void Trailing_OfAPlanWithout_IsNone()
    {
        var plan = WindowPlan.Create([Given.Window("30ms/10ms")], default, default, default, trailing: false);
        Run(50, plan, _time.Hot<PaneMessage>((5, Given.Register(_series, 0, events: 1))));
        Assert.All(_windows, window => Assert.Null(window.Trailing));
    }

    /// <summary>When only the trailing window becomes complete, nothing moves and it is said all the same.</summary>
    [Fact]
    public void Trailing_ThatBecomesIncomplete_IsSaidAtTheNextTick()
    {
        var messages = _time.Hot<PaneMessage>(
            (6, Given.Register(_series, 0, events: 1, earliestMs: 0)), (16, Given.Register(_series, 10, events: 1)),
            (62, new RegistersLost(BeforeMs: 30)));
        Run(65, Short, messages, tickMs: 5);
        Assert.Equal([(60, true, true), (60, true, false)], _windows.TakeLast(2).Select(w => (w.ToMs, w.Complete, w.Trailing!.Complete)));
    }

    // register      [0, 10) [10, 20) ...; of what was before 25 some is missing, so the first window that is complete begins at 30
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // what a lane that knows of nothing says later takes nothing back
    public void Windows_ThatReachIntoALoss_AreNotComplete(bool forgotten)
    {
        IEnumerable<(long, PaneMessage)> registers = Enumerable.Range(0, 9)
            .Select(pane => (10L * pane + 1, (PaneMessage)Given.Register(_series, 10 * pane, events: 1, first: pane)));
        IEnumerable<(long, PaneMessage)> progress = Enumerable.Range(0, 9).Select(
            pane => (10L * pane + 2, (PaneMessage)new LaneProgress(0, 10 * pane, CaughtUp: true, 10 * (pane + 1))
            {
                LostBeforeMs = pane == 3 || (pane > 3 && !forgotten) ? 25 : LaneProgress.Nothing,
            }));
        Run(80, Short, _time.Hot([.. registers.Concat(progress).OrderBy(message => message.Item1)]), sources: [0]);
        Assert.Equal(
            [(30, true), (40, false), (50, false), (60, true), (70, true), (80, true)],
            _windows.Where(w => w.ToMs >= 30).Select(w => (w.ToMs, w.Complete)));
    }

    /// <summary>Two policies in [0, 10) only, which the shorter window has left: who saw it do so says no more than a successor.</summary>
    [Fact]
    public void Policies_AreSaidOnlyOfWindowsThatCoverThem()
    {
        var register = Given.Register(_series, 0, events: 1);
        register.Sums.Add(new PairedKullbackLeibler(0.1, 0.2, Clamped: false));
        IEnumerable<(string Window, long ToMs, long? Events)> From(long firstTickMs)
        {
            using var messages = new Subject<PaneMessage>();
            using var ticks = new Subject<long>();
            var windows = new List<LiveWindow>();
            using var subscription = messages.SlideWindows(ticks, Given.Plan("30ms/10ms 60ms/10ms"), 10).Windows().Subscribe(windows.Add);
            messages.OnNext(register);
            for (var toMs = firstTickMs; toMs <= 70; toMs += 10)
            {
                ticks.OnNext(toMs);
            }

            return windows.Where(window => window.ToMs >= 50).Select(window => (window.Window.Name, window.ToMs, window.Policy?.Events));
        }

        var successor = From(firstTickMs: 50);
        Assert.Equal<(string, long, long?)>(
            [("30ms", 50, null), ("60ms", 50, 1), ("30ms", 60, null), ("60ms", 60, 1), ("30ms", 70, null), ("60ms", 70, null)], successor);
        Assert.Equal(successor, From(firstTickMs: 10));
    }

    /// <summary>A successor reads neither the lane's word nor the registers that were lost.</summary>
    [Fact]
    public void Settlements_CarryALossToASuccessor()
    {
        var settled = new List<Settlement>();
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(_series, 0, events: 1)),
            (2, Given.Register(_series, 30, events: 1, first: 1)),
            (3, new LaneProgress(0, ClosedBeforeMs: 60, CaughtUp: true, AsOfMs: 60) { LostBeforeMs = 25 }));
        using (
            messages.SlideWindows(Observable.Never<long>(), Short, maxSeries: 10, [0]).Windows(onSettled: settled.Add).Subscribe(_ => { }))
        {
            _time.RunTo(10);
        }

        Assert.Equal(25, settled[^1].LostBeforeMs);
        using var successor = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = successor.SlideWindows(ticks, Short, maxSeries: 10, [0]).Windows().Subscribe(_windows.Add);
        successor.OnNext(
            new Settlement(settled[^1].BeforeMs, [.. settled.SelectMany(each => each.Panes)]) { LostBeforeMs = settled[^1].LostBeforeMs });
        successor.OnNext(new LaneProgress(0, ClosedBeforeMs: 60, CaughtUp: true, AsOfMs: 60));
        ticks.OnNext(50);
        ticks.OnNext(60);
        Assert.Equal([(50, false), (60, true)], _windows.Select(w => (w.ToMs, w.Complete)));
    }

    // ms            0 ... 60        70        the window is 30 ms, so a series is given up after 60 ms of silence
    // last event    9     |         retired
    [Fact]
    public void SilentSeries_IsRetiredOnceAndForgotten()
    {
        Run(200, Short, _time.Hot<PaneMessage>((9, Given.Register(_series, 0, events: 1, latestMs: 9))));
        Assert.Equal([10, 20, 30, 40, 50, 60, 70], _windows.Select(w => w.ToMs));
        Assert.Equal([false, false, false, false, false, false, true], _windows.Select(w => w.Retired));
        Assert.Equal((0, 9), (_windows[^1].Events, _windows[^1].LatestEventMs));
    }

    [Fact]
    public void RetiredSeries_StartsAnewWithItsNextEvent()
    {
        var messages = _time.Hot<PaneMessage>((1, Given.Register(_series, 0, events: 1)), (155, Given.Register(_series, 150, events: 2)));
        Run(160, Short, messages);
        Assert.Equal((160, 2), Emitted().Last());
        Assert.False(_windows[^1].Complete);
    }

    [Fact]
    public void Series_BeyondTheCap_AreRefusedUntilOneRetires()
    {
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(new SeriesKey("m", "a"), 0, events: 1)),
            (2, Given.Register(new SeriesKey("m", "b"), 0, events: 1)),
            (3, Given.Register(new SeriesKey("m", "c"), 0, events: 1)),
            (105, Given.Register(new SeriesKey("m", "c"), 100, events: 1)));
        Run(110, Short, messages, maxSeries: 2);
        Assert.Equal(["a", "b"], _windows.Where(w => w.ToMs < 110).Select(w => w.Series.Segment).Distinct());
        Assert.Equal(["c"], _windows.Where(w => w.ToMs == 110).Select(w => w.Series.Segment));
    }

    [Fact]
    public void ClassSpace_OfAHigherGeneration_StartsTheWindowsAnew()
    {
        var (old, next) = (Given.Classes(2, generation: 5), Given.Classes(3, generation: 6));
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(_series, 0, events: 1, classes: old)),
            (31, Given.Register(_series, 30, events: 2, classes: next, earliestMs: 31)),
            (32, Given.Register(_series, 30, events: 4, partition: 1, classes: old)), // a replica that has not heard of it
            (33, Given.Register(_series, 20, events: 8, partition: 1, classes: next)));
        Run(70, Short, messages);
        Assert.Equal([(10, 1), (20, 1), (30, 1), (40, 10), (50, 10), (60, 2), (70, 0)], Emitted());
        Assert.Equal([old.Space.Id, next.Space.Id], _windows.Select(w => w.Classes.SpaceId).Distinct());
        Assert.Equal([false, false, true, false, true, true, true], _windows.Select(w => w.Complete));
        Assert.Equal([3, 3, 3, 4, 4, 4, 4], _windows.Select(w => w.Mass.Length));
    }

    // lateness 5, slack 5     0         10        20        30
    // classes A               x (0)     x (12)
    // classes B                         x (15)    x (22)    x (23)
    [Theory]
    [InlineData(1)] // a configuration that was edited
    [InlineData(0)] // a reference that was gone back to
    public void ClassSpace_OfNoHigherGeneration_TakesOverWhenThePresentOneIsSilent(long generation)
    {
        var (old, next) = (Given.Classes(2, generation: 1), Given.Classes(3, generation));
        var refused = new List<(RegisterRefusal Why, long Events)>();
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(_series, 0, events: 1, classes: old)),
            (13, Given.Register(_series, 10, events: 2, classes: old, latestMs: 12)),
            (16, Given.Register(_series, 10, events: 4, partition: 1, classes: next, earliestMs: 15)),
            (23, Given.Register(_series, 20, events: 8, partition: 1, classes: next, earliestMs: 22, latestMs: 22)),
            (31, Given.Register(_series, 20, events: 16, partition: 0, classes: next, earliestMs: 23, latestMs: 23)));
        using var subscription = messages
            .SlideWindows(
                _time.Ticks(10), Given.Plan("30ms/10ms", lateness: 5, slack: 5), 10)
            .Windows(onRefused: (why, events) => refused.Add((why, events)))
            .Subscribe(_windows.Add);
        _time.RunTo(40);
        Assert.Equal([(10, 1), (20, 3), (30, 3), (40, 16)], Emitted());
        Assert.Equal([(RegisterRefusal.OtherClasses, 4), (RegisterRefusal.OtherClasses, 8)], refused);
    }

    [Fact]
    public void Refusals_AreHeardOf_RepeatsAreNone()
    {
        var fitting = Given.Register(_series, 0, events: 1);
        var refused = new List<RegisterRefusal>();
        PaneMessage[] messages =
        [
            fitting,
            fitting,
            fitting with { SourcePartition = 1, Sums = new PaneSums(9, [1], [1]) },
            fitting with { SourcePartition = 1, Classes = new PaneClasses("another", 0, null) },
            fitting with { Series = new SeriesKey("m", "second") },
            new LaneProgress(0, 100, CaughtUp: true, AsOfMs: 0),
            fitting,
        ];
        using var subscription = messages.ToObservable()
            .SlideWindows(Observable.Never<long>(), Short, maxSeries: 1)
            .Windows(onRefused: (why, _) => refused.Add(why))
            .Subscribe();
        Assert.Equal([RegisterRefusal.WrongCells, RegisterRefusal.OtherClasses, RegisterRefusal.SeriesLimit], refused);
    }

    /// <summary>
    /// A new reference over the same classes keeps the windows, and from then on nothing older than it may take them away.
    /// </summary>
    [Fact]
    public void ClassSpace_ThatAHigherGenerationConfirms_KeepsTheWindowsAndTheGeneration()
    {
        var messages = _time.Hot<PaneMessage>(
            (1, Given.Register(_series, 0, events: 1, classes: Given.Classes(2, generation: 1))),
            (2, Given.Register(_series, 0, events: 2, partition: 1, classes: Given.Classes(2, generation: 5))),
            (3, Given.Register(_series, 0, events: 4, partition: 2, classes: Given.Classes(3, generation: 3))));
        Run(10, Short, messages);
        Assert.Equal([(10, 3)], Emitted());
        Assert.Equal(5, _windows[0].Classes.Generation);
    }

    [Fact]
    public void Register_ThatDoesNotFitItsClassSpace_IsIgnored()
    {
        var fitting = Given.Register(_series, 0, events: 1);
        var messages = _time.Hot<PaneMessage>((1, fitting), (2, fitting with { SourcePartition = 1, Sums = new PaneSums(9, [1], [1]) }));
        Run(10, Short, messages);
        Assert.Equal([(10, 1)], Emitted());
    }

    [Fact]
    public void State_IsMadePerSubscription()
    {
        var messages = _time.Hot<PaneMessage>((5, Given.Register(_series, 0, events: 1)), (15, Given.Register(_series, 10, events: 2)));
        var windows = messages.SlideWindows(_time.Ticks(10), Short, 10).Windows();
        var second = new List<LiveWindow>();
        using var first = windows.Subscribe(_windows.Add);
        _time.At(12, () => windows.Subscribe(second.Add));
        _time.RunTo(25);
        Assert.Equal([(10, 1), (20, 3)], Emitted());
        Assert.Equal([2L], second.Select(w => w.Events));
    }

    [Fact]
    public void Disposal_EndsBothSubscriptionsUpstream()
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        var subscription = messages.SlideWindows(ticks, Short, 10).Windows().Subscribe(_windows.Add);
        Assert.True(messages.HasObservers && ticks.HasObservers);
        subscription.Dispose();
        Assert.False(messages.HasObservers || ticks.HasObservers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Errors_OfEitherSource_EndTheSequence(bool ofMessages)
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        var problem = new InvalidOperationException("broken");
        Exception? seen = null;
        using var subscription = messages.SlideWindows(ticks, Short, 10).Subscribe(_ => { }, error => seen = error);
        if (ofMessages)
        {
            messages.OnError(problem);
        }
        else
        {
            ticks.OnError(problem);
        }

        Assert.Same(problem, seen);
        Assert.False(messages.HasObservers || ticks.HasObservers);
    }

    // tick          30   40   50   60   70    then 70 again
    // lane 0 has seen all until 45             82
    // window        30   40   -    -    50    70     held back for two panes at most; then not complete
    [Fact]
    public void Windows_WaitForWhatTheirPartitionHasYetToPublish_ButNotForEver()
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages.SlideWindows(ticks, Short, 10, [0, 1]).Windows().Subscribe(_windows.Add);
        messages.OnNext(Given.Register(_series, 0, events: 1));
        messages.OnNext(Given.Register(_series, 40, events: 1, first: 1));
        messages.OnNext(new LaneProgress(0, LaneProgress.Nothing, CaughtUp: true, AsOfMs: 45));
        messages.OnNext(new LaneProgress(1, LaneProgress.Nothing, CaughtUp: true, AsOfMs: 0)); // does not feed the series
        foreach (var now in new[] { 30, 40, 50, 60, 70 })
        {
            ticks.OnNext(now);
        }

        Assert.Equal([(30L, true), (40, true), (50, false)], _windows.Select(window => (window.ToMs, window.Complete)));
        messages.OnNext(new LaneProgress(0, LaneProgress.Nothing, CaughtUp: true, AsOfMs: 82));
        ticks.OnNext(70);
        Assert.Equal((70, true), (_windows[^1].ToMs, _windows[^1].Complete));
    }

    /// <summary>
    /// A restored series knows which partitions feed it from its settled panes; of panes without that it takes all for its sources.
    /// </summary>
    [Theory]
    [InlineData(new[] { 0 }, true)]
    [InlineData(new[] { 1 }, false)]
    [InlineData(new int[0], false)]
    public void Restored_SeriesIsNotCompleteWhileAPartitionThatFeedsItIsBehind(int[] sources, bool complete)
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages.SlideWindows(ticks, Short, 10, [0, 1]).Windows().Subscribe(_windows.Add);
        var register = Given.Register(_series, 0, events: 1);
        messages.OnNext(
            new Settlement(10, [new SettledPane(_series, 0, 10, register.Classes, 9, 0, register.Sums) { Sources = [.. sources] }]));
        messages.OnNext(new LaneProgress(0, LaneProgress.Nothing, CaughtUp: true, AsOfMs: 100));
        messages.OnNext(new LaneProgress(1, LaneProgress.Nothing, CaughtUp: true, AsOfMs: 5));
        ticks.OnNext(40);
        Assert.Equal(complete, Assert.Single(_windows).Complete);
    }

    /// <summary>A version that knows of no independent classes has settled the panes: the next register says what they are.</summary>
    [Fact]
    public void Restored_SeriesLearnsThatItsClassesAreIndependent()
    {
        var classes = new ModelClasses(ClassSpace.CreateIndependent(["a", "b"]), ModelClasses.Configured);
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages.SlideWindows(ticks, Short, 10).Windows().Subscribe(_windows.Add);
        var register = Given.Register(_series, 0, events: 1, classes: classes);
        register = register with { Classes = register.Classes with { Choices = 2 } };
        messages.OnNext(
            new Settlement(10, [new SettledPane(_series, 0, 10, register.Classes with { Choices = 1 }, 9, 0, register.Sums)]));
        messages.OnNext(register with { PaneStartMs = 10 });
        ticks.OnNext(30);
        Assert.Equal((2, 2), (Assert.Single(_windows).Classes.Choices, _windows[0].Events));
    }

    // ms            0 ... 1000   1010   1020   1030   1040
    // lane 0        own   own    other         own
    // complete      +     +      -      -      -   until the window lies behind 1030
    [Fact]
    public void Complete_NotWhileALaneHasAnotherPlan_NorOverWhatItReadMeanwhile()
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        var refused = new List<(RegisterRefusal, long)>();
        var settled = new List<long>();
        using var subscription = messages
            .SlideWindows(ticks, Short, 10, [0, 1])
            .Windows((why, events) => refused.Add((why, events)), settlement => settled.Add(settlement.BeforeMs))
            .Subscribe(_windows.Add);
        messages.OnNext(Given.Register(_series, 970, events: 1));
        Both(1_000);
        ticks.OnNext(1_000);
        Assert.True(_windows[^1].Complete);
        var settledBefore = settled[^1];

        var other = Given.Register(_series, 1_000, events: 3, first: 7);
        messages.OnNext(new UnreadableLane(0, "other windows", other));
        messages.OnNext(
            new UnreadableLane(0, "other windows", other with { LastOffset = 10, Sums = Given.Register(_series, 1_000, events: 4).Sums }));
        messages.OnNext(new LaneProgress(1, 1_020, CaughtUp: true, AsOfMs: 1_020));
        ticks.OnNext(1_000);
        // though the series is fed by partition 0 only, and that was seen until then: nobody knows which series it feeds now
        Assert.False(_windows[^1].Complete);
        Assert.Equal([(RegisterRefusal.OtherPlan, 3L), (RegisterRefusal.OtherPlan, 1L)], refused);
        Assert.Equal(settledBefore, settled[^1]);

        messages.OnNext(Given.Register(_series, 1_020, events: 1, first: 20));
        Both(1_030);
        foreach (var now in new[] { 1_030, 1_040, 1_050, 1_060 })
        {
            Both(now);
            ticks.OnNext(now);
        }

        Assert.Equal(
            [(1_030L, false), (1_040, false), (1_050, false), (1_060, true)],
            _windows.TakeLast(4).Select(window => (window.ToMs, window.Complete)));

        void Both(long asOfMs)
        {
            messages.OnNext(new LaneProgress(0, asOfMs, CaughtUp: true, asOfMs) { NextOffset = 1 });
            messages.OnNext(new LaneProgress(1, asOfMs, CaughtUp: true, asOfMs));
        }
    }

    /// <summary>Old records through a partition that has been at its end for more than five minutes, while another is busy.</summary>
    [Fact]
    public void Refusals_OfOldRecordsThroughAnIdlePartition_AreAllCountedAsEvents()
    {
        const long Now = 3_600_000;
        var plan = Given.Plan("60s/10s", lateness: 60_000, slack: 10_000);
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        var refused = new Dictionary<RegisterRefusal, long>();
        using var subscription = messages
            .SlideWindows(ticks, plan, 10, [0, 1])
            .Windows((why, events) => refused[why] = refused.GetValueOrDefault(why) + events)
            .Subscribe(_windows.Add);
        var idle = new SourceLane(1, plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited());
        for (var now = Now - 600_000; now <= Now; now += 10_000)
        {
            messages.OnNext(Given.Register(_series, now - 10_000, events: 1, first: now, earliestMs: now - 1, latestMs: now - 1));
            messages.OnNext(new LaneProgress(0, plan.ClosedBefore(now), CaughtUp: true, now) { NextOffset = now + 1 });
            messages.OnNext(idle.Publish(new PublishTick(now, CaughtUp: true)).Progress);
            ticks.OnNext(now);
        }

        var (model, classes) = (Given.Model(), Given.Classes(2));
        for (var i = 0; i < 3_600; i++)
        {
            var at = i * 1_000L; // one a second for an hour
            Assert.Equal(RejectionReason.None, idle.Add(Given.Prediction(model, classes, i, at)));
            if (i % 100 == 99)
            {
                Publish(repeats: 1 + (i % 3)); // registers that grow, and repeats
            }
        }

        Publish(repeats: 2);
        messages.OnNext(new LaneProgress(0, plan.ClosedBefore(Now + 10_000), CaughtUp: true, Now + 10_000));
        messages.OnNext(idle.Publish(new PublishTick(Now + 10_000, CaughtUp: true)).Progress);
        ticks.OnNext(Now + 10_000);
        Assert.Equal(50 + 5, _windows[^1].Events); // with those of the busy partition; the window that ended 10 s before had been given
        Assert.Equal(3_600 - 50, refused.Values.Sum());
        Assert.Equal([RegisterRefusal.Settled, RegisterRefusal.Passed], refused.Keys);

        void Publish(int repeats)
        {
            var publication = idle.Publish(new PublishTick(Now, CaughtUp: true));
            for (var i = 0; i < repeats; i++)
            {
                foreach (var register in publication.Registers)
                {
                    messages.OnNext(register);
                }

                messages.OnNext(publication.Progress);
            }

            ticks.OnNext(Now);
        }
    }

    /// <summary>Windows that leap over what was read at once, after a long outage say, leave it in none.</summary>
    [Fact]
    public void Refusals_CountWhatWindowsLeapOver()
    {
        var refused = new List<(RegisterRefusal, long)>();
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        using var subscription = messages
            .SlideWindows(ticks, Given.Plan("30ms/10ms 60ms/20ms"), 10)
            .Windows((why, events) => refused.Add((why, events)))
            .Subscribe(_windows.Add);
        messages.OnNext(Given.Register(_series, 80, events: 1));
        ticks.OnNext(100);
        foreach (var start in new[] { 90, 100, 110, 120, 130, 140, 150 })
        {
            messages.OnNext(Given.Register(_series, start, events: 1, first: start));
        }

        ticks.OnNext(200); // the longer one begins at 140
        // 100 to 130: the one of 90 came too late for both windows that ended at 100, but would have been in the next
        Assert.Equal([(RegisterRefusal.Passed, 4L)], refused);
        Assert.Equal(2, _windows.Last(window => window.Window.Name == "60ms").Events);
    }

    private sealed record Unknown : PaneMessage;

    [Fact]
    public void Message_OfAnUnknownKind_IsABrokenInvariant()
    {
        Exception? seen = null;
        using var subscription = Observable.Return<PaneMessage>(new Unknown())
            .SlideWindows(Observable.Never<long>(), Short, 10)
            .Subscribe(_ => { }, error => seen = error);
        Assert.Contains("Unknown", Assert.IsType<ArgumentException>(seen).Message, StringComparison.Ordinal);
    }

    // messages   1---|
    // ticks      --|---|--      the tick after the end moves the windows once more, then the sequence ends
    [Fact]
    public void End_ComesWithTheTickAfterTheLastMessage()
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        var ended = false;
        using var subscription = messages.SlideWindows(ticks, Short, 10).Windows().Subscribe(_windows.Add, () => ended = true);
        messages.OnNext(Given.Register(_series, 0, events: 1));
        ticks.OnNext(10);
        messages.OnCompleted();
        Assert.False(ended);
        ticks.OnNext(20);
        Assert.True(ended);
        Assert.False(ticks.HasObservers);
        Assert.Equal([(10, 1), (20, 1)], Emitted());
    }

    [Fact]
    public void End_ComesWithTheEndOfTheTicksToo()
    {
        var ended = false;
        var ticks = new Subject<long>();
        using var messages = new Subject<PaneMessage>();
        using var subscription = new CompositeDisposable(
            ticks, messages.SlideWindows(ticks, Short, 10).Windows().Subscribe(_windows.Add, () => ended = true));
        ticks.OnCompleted();
        Assert.False(ended);
        messages.OnCompleted();
        Assert.True(ended);
    }

    /// <summary>Beyond the memory a new series has no place; who has one keeps it. When the query ends all memory is given back.</summary>
    [Fact]
    public void Memory_RefusesNewSeries_AndIsGivenBack()
    {
        var budget = new MemoryBudget(320);
        var refused = new List<(RegisterRefusal Why, long Events)>();
        var other = new SeriesKey("m", "second");
        var messages = new Subject<PaneMessage>();
        var ticks = new Subject<long>();
        using (messages.SlideWindows(ticks, Short, 10, memory: budget)
            .Windows(onRefused: (why, events) => refused.Add((why, events))).Subscribe(_windows.Add))
        {
            messages.OnNext(Given.Register(_series, 0, events: 2));
            var used = budget.Used;
            Assert.Equal(195, used); // 15 panes of 13: six, the sums' six, and three that are not settled
            messages.OnNext(Given.Register(other, 0, events: 3));
            messages.OnNext(Given.Register(other, 0, events: 3)); // a repeat
            messages.OnNext(Given.Register(_series, 10, events: 4));
            Assert.Equal(used, budget.Used);
            ticks.OnNext(20);
            Assert.Equal(6, _windows.Last().Events);
        }

        Assert.Equal([(RegisterRefusal.MemoryLimit, 3L)], refused);
        Assert.Equal(0, budget.Used);
    }

    /// <summary>
    /// A series that has its place gets what a further source partition needs, and two policies, though others took the rest.
    /// </summary>
    [Fact]
    public void Memory_IsThereForWhoHasAPlace()
    {
        var budget = new MemoryBudget(195);
        var messages = new Subject<PaneMessage>();
        var ticks = new Subject<long>();
        var refused = new List<RegisterRefusal>();
        using var subscription = messages.SlideWindows(ticks, Short, 10, memory: budget)
            .Windows(onRefused: (why, _) => refused.Add(why)).Subscribe(_windows.Add);
        messages.OnNext(Given.Register(_series, 0, events: 2));
        messages.OnNext(Given.Register(_series, 0, events: 3, partition: 1));
        Assert.Equal(234, budget.Used); // three panes more that are not settled
        messages.OnNext(Given.Register(new SeriesKey("m", "second"), 0, events: 5));
        ticks.OnNext(20);
        Assert.Equal([RegisterRefusal.MemoryLimit], refused);
        Assert.Equal(5, _windows.Last().Events);
    }

    /// <summary>Where an existing series lacks a register for want of memory, its windows over that time are not complete.</summary>
    [Fact]
    public void Memory_ThatIsMissingForAPane_LeavesItsWindowsIncomplete()
    {
        var budget = new MemoryBudget(3_000);
        var messages = new Subject<PaneMessage>();
        var ticks = new Subject<long>();
        var refused = new List<RegisterRefusal>();
        using var subscription = messages.SlideWindows(ticks, Short, 10, memory: budget)
            .Windows(onRefused: (why, _) => refused.Add(why)).Subscribe(_windows.Add);
        messages.OnNext(Wide(0, cells: 10));
        messages.OnNext(Wide(10, cells: 1_000));
        messages.OnNext(new LaneProgress(0, 20, CaughtUp: true, AsOfMs: 20) { SeenUntilMs = 20 });
        ticks.OnNext(20);

        Assert.Equal([RegisterRefusal.MemoryLimit], refused);
        Assert.All(_windows, window => Assert.False(window.Complete));

        PaneRegister Wide(long startMs, int cells) => Given.Register(_series, startMs, events: 1, classes: Given.Classes(2_000)) with
        {
            Sums = new PaneSums(
                1, 2_001, [.. Enumerable.Range(0, cells)], [.. Enumerable.Repeat(1UL, cells)], [.. Enumerable.Repeat(1UL, cells)]),
        };
    }
}
