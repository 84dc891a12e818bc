using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Evaluation;

/// <summary>
/// Streams of ten classes with a known truth, one-hot and independent, 500 events in each base pane of 10 s, through stage 2 in virtual
/// time. The windows are a minute long, so a pane is a sixth of a window: L = 6 panes, 3,000 events. All classes have a tenth; what drifts
/// is a share that leaves them evenly for one of them.
/// </summary>
public sealed class PaceOnStreamsTests
{
    private const int EventsInPane = 500;
    private const int PaneMs = 10_000;
    private const int L = 6;
    private const int Classes = 10;

    private static readonly ClassSpace Space = ClassSpace.Indexed(Classes);
    private static readonly WindowPlan Plan = Given.Plan("1m/10s");

    // one verdict in a thousand may be wrong on each side of m
    [Fact]
    public void Stationary_IsNone()
    {
        var verdicts = Run(panes: 600, _ => 0).Skip(2 * L).ToArray();
        Assert.InRange(verdicts.Count(verdict => verdict != DriftPace.None), 0, 3);
    }

    // pane             0 … 29 | 30 31 32 33 34 35 36 37 38 | 39 40 41 …
    // moved                     all of the way, then less    less than half of it
    [Theory]
    [InlineData(0.1)] // D = 0.034 nats
    [InlineData(0.4)] // D = 0.37 nats
    public void Jump_IsSuddenForOneAndAHalfWindows_ThenGradual(double share)
    {
        var verdicts = Run(panes: 60, pane => pane < 30 ? 0 : share);
        Assert.All(verdicts[(2 * L)..29], verdict => Assert.Equal(DriftPace.None, verdict));
        Assert.All(verdicts[(30 + (L / 2))..(30 + (3 * L / 2) - 1)], verdict => Assert.Equal(DriftPace.Sudden, verdict));
        Assert.All(verdicts[(30 + (3 * L / 2) + 1)..], verdict => Assert.Equal(DriftPace.Gradual, verdict));
    }

    /// <summary>As far in the end as the jump of 0.4, but over 20 windows.</summary>
    [Fact]
    public void Ramp_IsGradual_OnceItIsTwoAndAHalfWindowsOld()
    {
        var verdicts = Run(panes: 180, pane => 0.4 * Math.Clamp((pane - 30) / 120.0, 0, 1));
        var early = verdicts[30..(30 + (5 * L / 2))];
        Assert.DoesNotContain(DriftPace.Gradual, early[..(2 * L)]);
        Assert.All(verdicts[(30 + (3 * L))..], verdict => Assert.Equal(DriftPace.Gradual, verdict));
    }

    [Fact]
    public void StepBeforeTheMonitorStarted_IsUnknown_UntilThereIsATrailingWindow_ThenGradual()
    {
        var verdicts = Run(panes: 60, _ => 0.3);
        Assert.All(verdicts[..((2 * L) - 1)], verdict => Assert.Equal(DriftPace.Unknown, verdict));
        Assert.All(verdicts[((2 * L) - 1)..], verdict => Assert.Equal(DriftPace.Gradual, verdict));
    }

    [Fact]
    public void StepBack_IsNone_ThoughTheWindowBeforeIsFar()
    {
        var verdicts = Run(panes: 60, pane => pane < 30 ? 0.3 : 0);
        Assert.Equal(DriftPace.Gradual, verdicts[29]);
        Assert.All(verdicts[(30 + L)..], verdict => Assert.Equal(DriftPace.None, verdict));
    }

    /// <summary>
    /// What the rule cannot tell: a second jump is a smaller part of the way, a step that takes two windows looks like one that took none.
    /// </summary>
    [Fact]
    public void SecondJumpOfASmallPart_IsGradual_AndASlowStepOfTwoWindows_Sudden()
    {
        var second = Run(panes: 90, pane => pane < 30 ? 0 : pane < 60 ? 0.4 : 0.5);
        Assert.All(second[(60 + (L / 2))..], verdict => Assert.Equal(DriftPace.Gradual, verdict));
        var slow = Run(panes: 60, pane => 0.4 * Math.Clamp((pane - 30) / (2.0 * L), 0, 1));
        Assert.Equal(DriftPace.Sudden, slow[30 + L]);
    }

    /// <summary>The verdict on each window, the first of which ends with pane 0.</summary>
    private static DriftPace[] Run(int panes, Func<int, double> driftedShare)
    {
        var random = new Random(7);
        var series = new SeriesKey("m", SeriesKey.All);
        var classes = new PaneClasses(Space.Id, ModelClasses.Configured, null);
        var reference = Sums(random, 40 * EventsInPane, 0);
        var snapshot = new ReferenceSnapshot(
            "m", 1, DateTimeOffset.UnixEpoch, Space, new Dictionary<string, PaneSums> { [SeriesKey.All] = reference },
            [new ReferenceBlock(0, reference.Events, [.. reference.Mass])]);
        using var messages = new Subject<PaneMessage>();
        var time = new Timeline();
        for (var pane = 0; pane < panes; pane++)
        {
            var start = (long)pane * PaneMs;
            var register = new PaneRegister(
                0, series, start, classes, pane * EventsInPane, ((pane + 1) * EventsInPane) - 1, start, start + PaneMs - 1,
                Sums(random, EventsInPane, driftedShare(pane)));
            time.At(start + PaneMs - 1, () => messages.OnNext(register));
        }

        var verdicts = new List<DriftPace>();
        using var subscription = messages
            .SlideWindows(time.Ticks(PaneMs), Plan, maxSeries: 1)
            .CombineWithReference(
                Observable.Return(ReferenceSet.Latest([snapshot])), new DriftEvaluator(new EvaluationSettings()))
            .Reports()
            .Subscribe(report => verdicts.Add(report.Pace));
        time.RunTo((long)panes * PaneMs);
        Assert.Equal(panes, verdicts.Count);
        return [.. verdicts];
    }

    private static PaneSums Sums(Random random, int events, double driftedShare)
    {
        var counts = new ulong[Classes + 1];
        for (var i = 0; i < events; i++)
        {
            counts[random.NextDouble() < driftedShare ? 1 : random.Next(Classes)]++;
        }

        ulong[] units = [.. counts.Select(count => count << 32)];
        return new PaneSums(events, units, units);
    }
}
