using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Evaluation;

public sealed class CombineWithReferenceTests : IDisposable
{
    private static readonly DriftEvaluator Evaluator = new(new EvaluationSettings());

    private readonly Subject<LiveWindow> _windows = new();
    private readonly Subject<ReferenceSet> _references = new();
    private readonly List<DriftReport> _reports = [];

    private IObservable<DriftReport> Reports => _windows.CombineWithReference(_references, Evaluator).Reports();

    public void Dispose()
    {
        _windows.Dispose();
        _references.Dispose();
    }

    private static LiveWindow Window(string model, long toMs, string window = "30ms/10ms", bool retired = false)
    {
        var classes = Given.Classes(2);
        return new LiveWindow(
            new SeriesKey(model, SeriesKey.All),
            Given.Window(window),
            toMs,
            new PaneClasses(classes.Space.Id, classes.Generation, null),
            Events: 1,
            [1ul << 32, 0, 0],
            Complete: true,
            LatestEventMs: toMs,
            retired);
    }

    private static ReferenceSnapshot Reference(string model, int version)
    {
        var classes = Given.Classes(2);
        var builder = new ReferenceBuilder(model, classes.Space);
        for (var i = 0; i < version; i++)
        {
            builder.Add(Given.Prediction(Given.Model(model), classes, i, i));
        }

        return builder.Build(version, DateTimeOffset.UnixEpoch);
    }

    private IEnumerable<(string Model, long ToMs, int? Version)> Seen() =>
        _reports.Select(report => (report.Window.Series.Model, report.Window.ToMs, report.Reference?.Version));

    // windows      a10           a20
    // references         1             2
    // reports      a10/- a10/1   a20/1 a20/2
    [Fact]
    public void Windows_MeetTheLatestReference_AndMeetTheNextOneAgain()
    {
        var time = new Timeline();
        var windows = time.Hot((10, Window("a", 10)), (20, Window("a", 20)));
        var references = time.Hot(
            (15, ReferenceSet.Latest([Reference("a", 1)])), (25, ReferenceSet.Latest([Reference("a", 2)])));
        using var subscription = windows.CombineWithReference(references, Evaluator).Reports().Subscribe(_reports.Add);
        time.RunTo(30);
        Assert.Equal([("a", 10, null), ("a", 10, 1), ("a", 20, 1), ("a", 20, 2)], Seen());
    }

    [Fact]
    public void Switch_EvaluatesOnlyTheModelsWhoseReferenceChanged()
    {
        var (a, b) = (Reference("a", 1), Reference("b", 1));
        using var subscription = Reports.Subscribe(_reports.Add);
        _references.OnNext(ReferenceSet.Latest([a, b]));
        _windows.OnNext(Window("a", 10));
        _windows.OnNext(Window("b", 10));
        _windows.OnNext(Window("c", 10));
        _reports.Clear();
        _references.OnNext(ReferenceSet.Latest([a, Reference("b", 2)]));
        Assert.Equal([("b", 10, 2)], Seen());
    }

    [Fact]
    public void Switch_EvaluatesEachWindowOfTheModel_LastOnesOnly()
    {
        using var subscription = Reports.Subscribe(_reports.Add);
        _windows.OnNext(Window("a", 10));
        _windows.OnNext(Window("a", 20));
        _windows.OnNext(Window("a", 20, "60ms/20ms"));
        _reports.Clear();
        _references.OnNext(ReferenceSet.Latest([Reference("a", 1)]));
        Assert.Equal([("a", 20, 1), ("a", 20, 1)], Seen());
        Assert.Equal(["30ms", "60ms"], _reports.Select(r => r.Window.Window.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Switch_ToNoReference_IsSaidToo()
    {
        using var subscription = Reports.Subscribe(_reports.Add);
        _references.OnNext(ReferenceSet.Latest([Reference("a", 1)]));
        _windows.OnNext(Window("a", 10));
        _references.OnNext(ReferenceSet.Empty);
        Assert.Equal([("a", 10, 1), ("a", 10, null)], Seen());
    }

    /// <summary>The reports of a switch come together and all see the new set: nobody sees half of a change.</summary>
    [Fact]
    public void Switch_IsAtomic()
    {
        using var subscription = Reports.Subscribe(_reports.Add);
        _references.OnNext(ReferenceSet.Latest([Reference("a", 1), Reference("b", 1)]));
        _windows.OnNext(Window("a", 10));
        _windows.OnNext(Window("b", 10));
        _reports.Clear();
        _references.OnNext(ReferenceSet.Latest([Reference("a", 2), Reference("b", 2)]));
        _windows.OnNext(Window("a", 20));
        Assert.Equal([("a", 10, 2), ("b", 10, 2), ("a", 20, 2)], Seen());
    }

    [Fact]
    public void RetiredWindow_IsReportedOnceAndForgotten()
    {
        using var subscription = Reports.Subscribe(_reports.Add);
        _windows.OnNext(Window("a", 10));
        _windows.OnNext(Window("a", 20, retired: true));
        _references.OnNext(ReferenceSet.Latest([Reference("a", 1)]));
        Assert.Equal([("a", 10, null), ("a", 20, null)], Seen());
    }

    /// <summary>A reference that is there from the start is there for the first window too, also when all windows come at once.</summary>
    [Fact]
    public void Windows_ThatComeAtOnSubscription_MeetTheReferenceThatIsThere()
    {
        var windows = Observable.Return(Window("a", 10));
        var references = Observable.Return(ReferenceSet.Latest([Reference("a", 1)]));
        using var subscription = windows.CombineWithReference(references, Evaluator).Reports().Subscribe(_reports.Add);
        Assert.Equal([("a", 10, 1)], Seen());
    }

    [Fact]
    public void Evaluation_ThatFails_IsToldAndLeavesTheOtherModelsWatched()
    {
        var failed = new List<LiveWindow>();
        using var reports = _windows.CombineWithReference(_references, Evaluator)
            .Do(said => failed.AddRange(said is FailedEvaluation { Fault: not null, Window: var window } ? [window] : []))
            .Reports()
            .Subscribe(_reports.Add);
        _references.OnNext(ReferenceSet.Latest([Reference("broken", 1), Reference("sound", 1)]));

        var broken = Window("broken", 10) with { Mass = [1ul << 32] }; // fewer cells than its class space has
        _windows.OnNext(broken);
        _windows.OnNext(Window("sound", 10));

        Assert.Equal([broken], failed);
        Assert.Equal([Readiness.Failed, Readiness.TooFewEvents], _reports.Select(report => report.Readiness));
        Assert.Equal([false, true], _reports.Select(report => report.Divergences is not null));
    }

    [Fact]
    public void WhatElseStage2Says_IsPassedOn()
    {
        using var stage = new Subject<StageEvent>();
        var said = new List<StageEvent>();
        using var subscription = stage.CombineWithReference(_references, Evaluator).Subscribe(said.Add);
        StageEvent[] others = [new RefusedEvents(RegisterRefusal.Passed, 3), new PanesSettled(new Settlement(10, []))];
        foreach (var other in others)
        {
            stage.OnNext(other);
        }

        Assert.Equal(others, said);
    }

    [Fact]
    public void State_IsMadePerSubscription()
    {
        var reports = Reports;
        var second = new List<DriftReport>();
        using var one = reports.Subscribe(_reports.Add);
        _windows.OnNext(Window("a", 10));
        using var two = reports.Subscribe(second.Add);
        _references.OnNext(ReferenceSet.Latest([Reference("a", 1)]));
        Assert.Equal(2, _reports.Count);
        Assert.Empty(second); // it has seen no window
    }

    [Fact]
    public void Disposal_EndsBothSubscriptionsUpstream()
    {
        var subscription = Reports.Subscribe(_reports.Add);
        Assert.True(_windows.HasObservers && _references.HasObservers);
        subscription.Dispose();
        Assert.False(_windows.HasObservers || _references.HasObservers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Errors_OfEitherSource_EndTheSequence(bool ofWindows)
    {
        var problem = new InvalidOperationException("broken");
        Exception? seen = null;
        using var subscription = Reports.Subscribe(_ => { }, error => seen = error);
        if (ofWindows)
        {
            _windows.OnError(problem);
        }
        else
        {
            _references.OnError(problem);
        }

        Assert.Same(problem, seen);
        Assert.False(_windows.HasObservers || _references.HasObservers);
    }

    [Fact]
    public void End_ComesWhenBothSourcesHaveEnded()
    {
        var ended = false;
        using var subscription = Reports.Subscribe(_ => { }, () => ended = true);
        _windows.OnCompleted();
        Assert.False(ended);
        _references.OnCompleted();
        Assert.True(ended);
    }
}
