using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>A source partition whose topic was deleted and made again while no lane read it. Base panes of 10 ms.</summary>
public sealed class SourceEpochTests
{
    private readonly SeriesKey _series = Given.Model().All;
    private readonly Subject<PaneMessage> _messages = new();
    private readonly Subject<long> _ticks = new();
    private readonly List<StageEvent> _said = [];

    public SourceEpochTests() => _messages.SlideWindows(_ticks, Given.Plan("30ms/10ms"), 10, [0]).Subscribe(_said.Add);

    private IEnumerable<SourceReplaced> Replaced => _said.OfType<SourceReplaced>();

    private bool IsComplete => _said.OfType<LiveWindow>().Last().Complete;

    // ms      0    10   20   30   40   50   60   70   80   90
    // lane    one ─────────────────┤   └ two ──────────────────
    // 30ms                complete     not, while it begins before 51        complete
    [Fact]
    public void Windows_ThatReachBackToTheOtherTopic_AreNotComplete()
    {
        Pass(10, 40, "one");
        Assert.True(IsComplete);
        Pass(50, 70, "two", nextOffset: 1);
        Assert.False(IsComplete);
        Pass(80, 90, "two");
        Assert.True(IsComplete);
        Assert.Equal([new SourceReplaced(0, 51)], Replaced);
    }

    [Fact]
    public void ATopicThatIsNoMore_IsNotHeardAgain()
    {
        Pass(10, 40, "one");
        Pass(50, 90, "two");
        Say(95, "one"); // a zombie
        Pass(100, 100, "two");
        Assert.Single(Replaced);
        Assert.True(IsComplete);
    }

    [Fact]
    public void AnIdThatWasNotKnown_IsNoOtherTopic()
    {
        Pass(10, 20, null);
        Pass(30, 40, "one");
        Pass(50, 60, null);
        Pass(70, 80, "one");
        Assert.Empty(Replaced);
        Assert.True(IsComplete);
    }

    /// <summary>A lane that has noticed knows better what is lost.</summary>
    [Fact]
    public void ALaneThatSaysWhatIsLost_IsBelieved()
    {
        Pass(10, 40, "one");
        Say(50, "two", lostBeforeMs: 22);
        Pass(60, 60, "two");
        Assert.Empty(Replaced);
        Assert.True(IsComplete);
    }

    [Fact]
    public void ASuccessor_KnowsWhichTopicWasRead()
    {
        _messages.OnNext(new Settlement(40, []) { Heard = [new HeardLane(0, 7, 40, "one")] });
        Pass(50, 90, "two");
        Assert.Equal([new SourceReplaced(0, 51)], Replaced);
    }

    /// <summary>What a predecessor had heard before it heard of the other topic is read again when panes of then are not settled.</summary>
    [Fact]
    public void ASuccessor_IsNotLedBackByWhatWasSaidBefore()
    {
        _messages.OnNext(new Settlement(20, []) { Heard = [new HeardLane(0, 1, 60, "two")], LostBeforeMs = 51 });
        Pass(30, 40, "one");
        Pass(50, 90, "two");
        Assert.Empty(Replaced);
        Assert.True(IsComplete);
    }

    /// <summary>An event in each pane, and the lane's word at its end.</summary>
    private void Pass(long fromMs, long toMs, string? epoch, long nextOffset = -1)
    {
        for (var at = fromMs; at <= toMs; at += 10)
        {
            _messages.OnNext(Given.Register(_series, at - 10, events: 1, first: at, earliestMs: at - 10));
            Say(at, epoch, nextOffset: nextOffset < 0 ? at + 1 : nextOffset);
            _ticks.OnNext(at);
        }
    }

    private void Say(long atMs, string? epoch, long lostBeforeMs = LaneProgress.Nothing, long nextOffset = 0) =>
        _messages.OnNext(new LaneProgress(0, atMs - 20, CaughtUp: true, atMs)
        {
            Epoch = epoch,
            NextOffset = nextOffset,
            LostBeforeMs = lostBeforeMs,
        });
}
