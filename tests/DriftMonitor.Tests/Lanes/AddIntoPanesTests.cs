using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Lanes;

public sealed class AddIntoPanesTests : IDisposable
{
    private static readonly WindowPlan Plan = Given.Plan("30ms/10ms", lateness: 5);

    private readonly WatchedModel _model = Given.Model();
    private readonly ModelClasses _classes = Given.Classes(2);
    private readonly Subject<PredictionRecord> _records = new();
    private readonly Subject<PublishTick> _ticks = new();
    private readonly List<LanePublication> _publications = [];
    private readonly List<(long Offset, RejectionReason Reason)> _rejected = [];

    private IObservable<LanePublication> Publications => _records
        .AddIntoPanes(_ticks, 7, Plan)
        .Do(said => _rejected.AddRange(said is RejectedRecord rejected ? [(rejected.Record.Offset, rejected.Reason)] : []))
        .OfType<LanePublication>();

    public void Dispose()
    {
        _records.Dispose();
        _ticks.Dispose();
    }

    private PredictionRecord Prediction(long offset, long recordMs, long? eventMs = null) =>
        Given.Prediction(_model, _classes, offset, recordMs, eventMs);

    // records    a b     c
    // ticks          |       |   |
    // published      ab      c   nothing changed
    [Fact]
    public void Ticks_PublishWhatChanged()
    {
        var time = new Timeline();
        var records = time.Hot((1, Prediction(0, 1)), (2, Prediction(1, 2)), (12, Prediction(2, 12)));
        using var subscription = records
            .AddIntoPanes(time.Ticks(10).Select(at => new PublishTick(at, CaughtUp: true)), 7, Plan)
            .OfType<LanePublication>()
            .Subscribe(_publications.Add);
        time.RunTo(30);
        Assert.Equal(["0:2", "10:1", ""], _publications.Select(publication =>
            string.Join(' ', publication.Registers.Select(r => $"{r.PaneStartMs}:{r.Sums.Events}"))));
        Assert.Equal([0L, 0, 0], _publications.Select(publication => publication.SafeOffset));
        Assert.All(_publications, publication => Assert.Equal(7, publication.Progress.SourcePartition));
    }

    [Fact]
    public void Ticks_SayWhetherTheSourceHasCaughtUp()
    {
        using var subscription = Publications.Subscribe(_publications.Add);
        _records.OnNext(Prediction(0, 20));
        _ticks.OnNext(new PublishTick(20, CaughtUp: false));
        _ticks.OnNext(new PublishTick(30, CaughtUp: true));
        Assert.Equal(
            [new LaneProgress(7, 15, false, AsOfMs: 20) { NextOffset = 1 }, new LaneProgress(7, 15, true, AsOfMs: 30) { NextOffset = 1 }],
            _publications.Select(p => p.Progress));
    }

    [Fact]
    public void Rejections_AreHeardOfWithTheirReasons()
    {
        using var subscription = Publications.Subscribe(_publications.Add);
        _records.OnNext(Prediction(0, 20));
        _records.OnNext(Given.Rejected(1, 20, RejectionReason.NotFinite));
        _records.OnNext(Prediction(2, recordMs: 20, eventMs: 14));
        _records.OnNext(Prediction(3, recordMs: 20, eventMs: 21));
        Assert.Equal([(1, RejectionReason.NotFinite), (2, RejectionReason.Late), (3, RejectionReason.Future)], _rejected);
    }

    [Fact]
    public void End_PublishesTheRestAndEndsTheTicks()
    {
        var ended = false;
        using var subscription = Publications.Subscribe(_publications.Add, () => ended = true);
        _records.OnNext(Prediction(0, 5));
        _ticks.OnNext(new PublishTick(30, CaughtUp: true));
        _records.OnNext(Prediction(1, 6));
        _records.OnCompleted();
        Assert.True(ended);
        Assert.Equal([1L, 2], _publications.Select(p => p.Registers.Single().Sums.Events));
        Assert.False(_ticks.HasObservers);
    }

    /// <summary>A partition that another replica takes over in the middle of its backlog ends here, but is not read to its end.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void End_IsNoMoreCaughtUpThanTheLastTick(bool caughtUp)
    {
        using var subscription = Publications.Subscribe(_publications.Add);
        _records.OnNext(Prediction(0, 5));
        _ticks.OnNext(new PublishTick(10, caughtUp));
        _records.OnCompleted();
        Assert.Equal([caughtUp, caughtUp], _publications.Select(p => p.Progress.CaughtUp));
    }

    [Fact]
    public void End_OfTheTicks_LeavesTheRecordsGoing()
    {
        using var subscription = Publications.Subscribe(_publications.Add);
        _ticks.OnCompleted();
        _records.OnNext(Prediction(0, 5));
        _records.OnCompleted();
        Assert.Single(Assert.Single(_publications).Registers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Errors_OfEitherSource_EndTheSequence(bool ofRecords)
    {
        var problem = new InvalidOperationException("broken");
        Exception? seen = null;
        using var subscription = Publications.Subscribe(_publications.Add, error => seen = error);
        _records.OnNext(Prediction(0, 5));
        if (ofRecords)
        {
            _records.OnError(problem);
        }
        else
        {
            _ticks.OnError(problem);
        }

        Assert.Same(problem, seen);
        Assert.Empty(_publications); // nothing half read is published
        Assert.False(_records.HasObservers || _ticks.HasObservers);
    }

    /// <summary>
    /// Whoever listens must hear of it: an exception that only the source saw would leave a lane that is dead and looks idle.
    /// </summary>
    [Fact]
    public void OffsetsThatGoBack_EndTheSequence()
    {
        Exception? seen = null;
        using var subscription = Publications.Subscribe(_publications.Add, error => seen = error);
        _records.OnNext(Prediction(5, 5));
        _records.OnNext(Prediction(4, 6));
        Assert.IsType<InvalidOperationException>(seen);
        Assert.False(_records.HasObservers || _ticks.HasObservers);
    }

    [Fact]
    public void RejectionHandlerThatThrows_EndsTheSequence_AndIsHeardOfByTheSource()
    {
        var problem = new InvalidOperationException("the dead-letter topic is gone");
        using var subscription = _records.AddIntoPanes(_ticks, 7, Plan).Subscribe(_ => throw problem);
        Assert.Same(problem, Assert.Throws<InvalidOperationException>(() => _records.OnNext(Given.Rejected(0, 1))));
        Assert.False(_records.HasObservers || _ticks.HasObservers);
    }

    [Fact]
    public void State_IsMadePerSubscription()
    {
        var publications = Publications;
        var second = new List<LanePublication>();
        using var one = publications.Subscribe(_publications.Add);
        _records.OnNext(Prediction(0, 5));
        using var two = publications.Subscribe(second.Add);
        _records.OnNext(Prediction(1, 6));
        _ticks.OnNext(new PublishTick(30, CaughtUp: true));
        Assert.Equal((0, 2), (_publications[0].SafeOffset, _publications[0].Registers[0].Sums.Events));
        Assert.Equal((1, 1), (second[0].SafeOffset, second[0].Registers[0].Sums.Events));
    }

    [Fact]
    public void Disposal_EndsBothSubscriptionsUpstream()
    {
        var subscription = Publications.Subscribe(_publications.Add);
        Assert.True(_records.HasObservers && _ticks.HasObservers);
        subscription.Dispose();
        Assert.False(_records.HasObservers || _ticks.HasObservers);
    }
}
