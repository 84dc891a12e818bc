using System.Reactive.Linq;
using System.Reactive.Subjects;
using CsCheck;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Tests.Join;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>Of the runs of a lane the one that has read most speaks, alone.</summary>
public sealed class LabelWindowsTests : IDisposable
{
    private static readonly FeedbackPlan Plan = new(Given.Plan("40ms/20ms"), TimeSpan.FromMilliseconds(100));
    private static readonly SeriesKey Series = new("m", "_all");

    private readonly Subject<PaneMessage> _messages = new();
    private readonly Subject<long> _ticksMs = new();
    private readonly List<FeedbackWindow> _windows = [];
    private readonly List<RefusedEvents> _refused = [];
    private readonly IDisposable _subscription;

    public LabelWindowsTests() => _subscription = _messages
        .SlideWindows(_ticksMs, Plan.Windows, maxSeries: 2, labels: Plan)
        .Subscribe(said =>
        {
            _windows.AddRange(said is FeedbackWindow window ? [window] : []);
            _refused.AddRange(said is RefusedEvents refused ? [refused] : []);
        });

    public void Dispose()
    {
        _subscription.Dispose();
        _messages.Dispose();
        _ticksMs.Dispose();
    }


    [Fact]
    public void Windows_SumPanesAndSourcePartitions()
    {
        Say(source: 0, run: 1, start: 20, events: 1);
        Say(source: 0, run: 1, start: 40, events: 2);
        Say(source: 1, run: 7, start: 40, events: 4);
        Progress(0, 1, 10, 0);
        Assert.Equal(3, EventsAt(60));
        Progress(1, 7, 10, 0);
        Assert.Equal(7, EventsAt(60));
        Assert.Equal(6, EventsAt(80));
    }

    [Fact]
    public void Successor_SpeaksOnceItHasReadAsMuch_AndItsPredecessorsPanesAreGone()
    {
        Say(0, 1, 20, 5); // the successor will put these elsewhere, and never mention this pane
        Progress(0, 1, 100, 0);
        Say(0, 2, 40, 3);
        Assert.Equal(5, EventsAt(60));
        Progress(0, 2, 90, 0);
        Assert.Equal(5, EventsAt(60));
        Progress(0, 2, 101, 0);
        Assert.Equal(3, EventsAt(60));
    }

    // predictions up to 65 are lost: their labels may come until 165, the horizon later
    [Theory]
    [InlineData(0, 0, 60, 60)]
    [InlineData(65, 0, 120, 120)] // labels: windows of 40 ms that begin at 80 or later
    [InlineData(0, 65, 120, 220)]
    public void Windows_ThatReachIntoALoss_AreNotComplete(
        long labelsLostBefore, long predictionsLostBefore, long byPrediction, long byLabel)
    {
        for (var start = 20; start < 300; start += 20)
        {
            Say(0, 1, start, 1);
        }

        _messages.OnNext(new FeedbackProgress(0, 1, 100, 0)
        {
            LabelsLostBeforeMs = labelsLostBefore,
            PredictionsLostBeforeMs = predictionsLostBefore,
        });
        Progress(0, 1, 100, 0); // it knows of nothing any more

        foreach (var at in Enumerable.Range(3, 12).Select(slide => slide * 20L))
        {
            _ticksMs.OnNext(at);
        }

        long FirstComplete(Attribution attribution) =>
            _windows.First(window => window.Attribution == attribution && window.Complete).ToMs;
        Assert.Equal((byPrediction, byLabel), (FirstComplete(Attribution.PredictionTime), FirstComplete(Attribution.LabelTime)));
    }

    [Fact]
    public void Zombie_DoesNoHarm()
    {
        Say(0, 1, 20, 5);
        Progress(0, 1, 100, 0);
        Say(0, 2, 20, 6);
        Progress(0, 2, 200, 0);
        Say(0, 1, 20, 4); // it wakes up after its successor has spoken
        Progress(0, 1, 150, 0);
        Assert.Equal(6, EventsAt(60));
        Say(0, 2, 40, 1);
        Progress(0, 2, 210, 0);
        Assert.Equal(7, EventsAt(60));
    }

    /// <summary>It had read most of a log that was made anew since, and died: the store that was lost with it knew of that log.</summary>
    [Theory]
    [InlineData(0, 5)]
    [InlineData(WindowPlan.IdlePatienceMs, 5)]
    [InlineData(WindowPlan.IdlePatienceMs + 1, 6)]
    public void Predecessor_IsHeardForAWhile_ThoughItHasReadMore(long silentMs, long events)
    {
        const long died = 1_767_225_600_000;
        Say(0, 1, 20, 5);
        Progress(0, 1, 1_000, died);
        Say(0, 2, 20, 6);
        Progress(0, 2, 10, died - 1);
        Assert.Equal(5, EventsAt(60));
        Progress(0, 2, 11, died + silentMs);
        Assert.Equal(events, EventsAt(60));
        Progress(0, 3, 5, died); // a late word of another that is dead
        Assert.Equal(events, EventsAt(60));
    }

    /// <summary>
    /// It lives beside its successor for a moment, and reads further: neither's panes are gone when the other has read more.
    /// </summary>
    [Fact]
    public void Zombie_ThatIsAheadForAMoment_CostsItsSuccessorNothing()
    {
        Say(0, 1, 20, 5);
        Progress(0, 1, 100, 0);
        Say(0, 2, 20, 6);
        Progress(0, 2, 101, 10);
        Progress(0, 1, 102, 20);
        Assert.Equal(5, EventsAt(60));
        Progress(0, 2, 103, 30);
        Assert.Equal(6, EventsAt(60));
    }

    /// <summary>A replica with other windows has other panes: what ours sum of it is not all.</summary>
    [Fact]
    public void Windows_AreNotCompleteWhileALaneHasOtherPanes()
    {
        Say(0, 1, 0, 5);
        Say(1, 7, 0, 5);
        Progress(0, 1, 100, 0);
        Progress(1, 7, 100, 0);
        Assert.True(Complete());
        Progress(1, 8, 101, 0, readable: false);
        Assert.False(Complete());
        Progress(1, 9, 102, 0);
        Assert.True(Complete());

        bool Complete()
        {
            _ticksMs.OnNext(60);
            return _windows.TakeLast(2).All(window => window.Complete);
        }
    }

    [Fact]
    public void Windows_AreGivenWhenTheyMoveOrChange_AndNotElse()
    {
        Say(0, 1, 20, 5);
        _ticksMs.OnNext(60);
        Assert.Empty(_windows); // nobody has said everything once

        Progress(0, 1, 100, 0);
        Assert.Equal([5, 0], Given(60));
        Assert.Empty(Given(60));
        Assert.Empty(Given(79));
        Say(0, 1, 20, 5); // the same again
        Progress(0, 1, 101, 0);
        Say(0, 2, 20, 4); // by one that does not count
        Assert.Empty(Given(79));
        Say(0, 1, 20, 6);
        Assert.Equal([6], Given(79));
        Assert.Equal([6 - 6, 0], Given(80));
        _messages.OnNext(new LabelsLost(30));
        Assert.Equal([0], Given(80)); // by the time of labels, which may come until 130 for what was lost; the other begins at 40, after it

        IEnumerable<long> Given(long atMs)
        {
            _windows.Clear();
            _ticksMs.OnNext(atMs);
            return _windows.Select(window => window.Measures.Events);
        }
    }

    /// <summary>The label of a late one may reach into windows that were given.</summary>
    [Fact]
    public void Windows_BecomeIncomplete_AndAreGivenAgain()
    {
        Say(0, 1, 0, 5);
        Progress(0, 1, 100, 0);
        _ticksMs.OnNext(60);
        Assert.All(_windows, window => Assert.True(window.Complete));
        _windows.Clear();
        _messages.OnNext(new LabelsLost(21));
        _ticksMs.OnNext(60);
        Assert.Equal([(60, false), (60, false)], _windows.Select(window => (window.ToMs, window.Complete)));
    }

    /// <summary>What is wrong with its lane is said by its progress.</summary>
    [Fact]
    public void Registers_OfOtherPanes_AreIgnored()
    {
        Say(0, 1, 20, 5);
        Say(0, 1, 30, 7); // no multiple of 20
        _messages.OnNext(Register(Series, 0, 1, 0, 9) with { Key = new FeedbackPaneKey(Series, Attribution.LabelTime, 10, 30) });
        Progress(0, 1, 100, 0);
        Assert.Equal(5, EventsAt(60));
    }

    // labels   1
    // silent   ────────── 80 ms ──────────┤ its last windows
    [Fact]
    public void Series_WithoutLabelsForLong_IsGivenUp_AndFreesItsPlace()
    {
        Say(0, 1, 20, 5);
        Progress(0, 1, 100, 0);
        _ticksMs.OnNext(100);
        Assert.DoesNotContain(_windows, window => window.Retired);
        _windows.Clear();
        _ticksMs.OnNext(101);
        Assert.Equal([(0, 100, true, false), (0, 100, true, false)], _windows.Select(Short));
        _windows.Clear();
        _messages.OnNext(Register(new SeriesKey("n", "_all"), 0, 1, 100, 1));
        _messages.OnNext(Register(new SeriesKey("o", "_all"), 0, 1, 100, 2));
        _ticksMs.OnNext(120);
        Assert.Equal(
            [(1, 120, false, false), (0, 120, false, false), (2, 120, false, false), (0, 120, false, false)], _windows.Select(Short));
        Assert.Empty(_refused);

        static (long, long, bool, bool) Short(FeedbackWindow window) =>
            (window.Measures.Events, window.ToMs, window.Retired, window.Complete);
    }

    /// <summary>One with outputs and labels takes one place. Of the many panes of an event one is counted, and each event once.</summary>
    [Fact]
    public void Cap_IsOnSeriesOfOutputsAndLabelsTogether()
    {
        _messages.OnNext(Tests.Given.Register(Series, 0, events: 1));
        Say(0, 1, 0, 5);
        _messages.OnNext(Register(new SeriesKey("n", "_all"), 0, 1, 0, 5));
        Assert.Empty(_refused);

        var third = new SeriesKey("third", "_all");
        _messages.OnNext(Register(third, 0, 1, 0, 5));
        _messages.OnNext(Register(third, 0, 2, 0, 5)); // a successor repeats it
        _messages.OnNext(Register(third, 0, 2, 0, 7));
        _messages.OnNext(Register(third, 0, 2, 0, 7) with { Key = new FeedbackPaneKey(third, Attribution.PredictionTime, 20, 0) });
        _messages.OnNext(Tests.Given.Register(third, 0, events: 3));
        Assert.Equal(
            [(RegisterRefusal.SeriesLimit, 5L), (RegisterRefusal.SeriesLimit, 2), (RegisterRefusal.SeriesLimit, 3)],
            _refused.Select(refused => (refused.Reason, refused.Events)));
    }

    /// <summary>
    /// Several runs of several lanes in any order, slides and leaps: what is shown is, to the bit, what a sum made anew is.
    /// </summary>
    [Fact]
    public void Windows_EqualSumsMadeAnew()
    {
        var plan = new FeedbackPlan(Tests.Given.Plan("40ms/20ms 100ms/20ms 120ms/40ms"), TimeSpan.FromMilliseconds(100));
        var step = Gen.Select(
            Gen.Int[0, 5], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[-3, 8], FeedbackSumsTests.RandomSums, Gen.Int[0, 3],
            (kind, source, run, pane, sums, length) => (kind, source, run, pane, sums, length));
        step.List[0, 80].Sample(
            steps =>
            {
                var model = new LabelModel(plan);
                var shown = new Dictionary<(Attribution, string), FeedbackWindow>();
                var memory = MemoryBudget.Unlimited();
                using var messages = new Subject<PaneMessage>();
                using var ticksMs = new Subject<long>();
                using var subscription = messages
                    .SlideWindows(ticksMs, plan.Windows, maxSeries: 10, labels: plan, memory: memory)
                    .OfType<FeedbackWindow>()
                    .Subscribe(window =>
                    {
                        shown[(window.Attribution, window.Window.Name)] = window;
                        if (window.Retired)
                        {
                            shown.Clear();
                        }
                    });
                var (nowMs, asOfMs) = (200L, 0L);
                foreach (var (kind, source, run, pane, sums, length) in steps)
                {
                    if (kind <= 2)
                    {
                        var slideMs = length == 0 ? 40 : 20;
                        var start = ((nowMs / slideMs) + pane - 4) * slideMs;
                        var key = new FeedbackPaneKey(Series, (Attribution)(length % 2), slideMs, start);
                        Send(new FeedbackRegister(source, (ulong)run, key, sums));
                    }
                    else if (kind == 3)
                    {
                        asOfMs += pane == 8 ? WindowPlan.IdlePatienceMs + 1 : 1;
                        Send(new FeedbackProgress(source, (ulong)run, Records: (length * 10) + run, asOfMs));
                    }
                    else
                    {
                        nowMs += kind == 4 ? 20 : Math.Max(0, pane) * 13;
                    }

                    ticksMs.OnNext(nowMs);
                    Assert.True(memory.Used >= 0);
                    foreach (var (attribution, spec) in from attribution in Enum.GetValues<Attribution>()
                                                        from spec in plan.Windows.Windows
                                                        select (attribution, spec))
                    {
                        var anew = model.Sum(attribution, spec, spec.PaneStart(nowMs));
                        if (shown.TryGetValue((attribution, spec.Name), out var window))
                        {
                            Assert.Equal(spec.PaneStart(nowMs), window.ToMs);
                            Assert.Equal(Numbers(FeedbackMeasures.FromSums(anew)), Numbers(window.Measures));
                        }
                        else
                        {
                            Assert.True(anew.IsEmpty);
                        }
                    }
                }

                void Send(PaneMessage message)
                {
                    messages.OnNext(message);
                    model.Take(message);
                }
            },
            iter: Trials.Of(2_000, 20_000));
    }

    [Fact]
    public void OneWindow_EqualsASumMadeAnew_ToTheBit() =>
        Gen.Select(Gen.Bool, Gen.Int[-3, 12], FeedbackSumsTests.RandomSums).List[0, 60].Sample(
            steps =>
            {
                var window = new LabelWindow(Tests.Given.Window("100ms/20ms"));
                var panes = new Dictionary<long, FeedbackSums>();
                var nowMs = 0L;
                foreach (var (isPane, number, sums) in steps)
                {
                    if (isPane)
                    {
                        var startMs = window.Spec.PaneStart(nowMs) + ((number - 6) * 20);
                        panes[startMs] = sums;
                        window.Put(startMs, sums);
                    }
                    else
                    {
                        window.MoveTo(nowMs += Math.Max(0, number) * 11);
                    }

                    var anew = new FeedbackSums();
                    foreach (var pane in panes.Where(pane => pane.Key < window.ToMs && pane.Key >= window.ToMs - 100))
                    {
                        anew.Add(pane.Value);
                    }

                    Assert.True(anew.IsSame(window.Sums));
                }
            },
            iter: 2_000);

    private static string Numbers(FeedbackMeasures measures) =>
        $"{measures with { Reliability = [] }} {string.Join(' ', measures.Reliability)}";

    private void Progress(int source, ulong run, long records, long asOfMs, bool readable = true) =>
        _messages.OnNext(new FeedbackProgress(source, run, records, asOfMs) { Unreadable = readable ? null : "other panes" });

    private void Say(int source, ulong run, long start, long events) => _messages.OnNext(Register(Series, source, run, start, events));

    private static FeedbackRegister Register(SeriesKey series, int source, ulong run, long start, long events) =>
        new(source, run, new FeedbackPaneKey(series, Attribution.LabelTime, 20, start), new FeedbackSums { Events = events });

    private long EventsAt(long atMs)
    {
        _ticksMs.OnNext(atMs);
        return _windows.FindLast(window => window.Attribution == Attribution.LabelTime)!.Measures.Events;
    }

    [Fact]
    public void Memory_RefusesNewSeries_AndIsGivenBack()
    {
        var budget = new MemoryBudget(1);
        var refused = new List<RefusedEvents>();
        using (_messages.SlideWindows(_ticksMs, Plan.Windows, maxSeries: 2, labels: Plan, memory: budget)
            .OfType<RefusedEvents>().Subscribe(refused.Add))
        {
            _messages.OnNext(Register(Series, 0, 1, 0, 5));
        }

        Assert.Equal([(RegisterRefusal.MemoryLimit, 5L)], refused.Select(each => (each.Reason, each.Events)));
        Assert.Equal(0, budget.Used);
    }

    /// <summary>Its only run is forgotten, and a successor mentions it later.</summary>
    [Fact]
    public void Memory_OfASeriesWithoutRuns_IsGivenBack_AndTakenAgain()
    {
        var budget = new MemoryBudget(10_000);
        using var subscription = _messages.SlideWindows(_ticksMs, Plan.Windows, maxSeries: 2, labels: Plan, memory: budget).Subscribe();
        Say(0, 1, 20, 5);
        Progress(0, 1, 100, 0);
        _ticksMs.OnNext(60);
        var usedByOneRun = budget.Used;
        Assert.True(usedByOneRun > 0);

        Progress(0, 2, 101, WindowPlan.IdlePatienceMs + 1);
        _ticksMs.OnNext(60);
        Assert.Equal(0, budget.Used);
        Say(0, 2, 40, 3);
        Assert.Equal(usedByOneRun, budget.Used);

        _ticksMs.OnNext(200); // the series has been silent for long, and is given up
        Assert.Equal(0, budget.Used);
        _messages.OnNext(Register(new SeriesKey("n", "_all"), 0, 2, 200, 1));
        Assert.Equal(usedByOneRun, budget.Used);
        Assert.Empty(_refused); // also without a limit
    }
}
