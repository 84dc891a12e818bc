using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Join;

/// <summary>Of the runs of a lane the one that has read most speaks, alone.</summary>
public sealed class FeedbackRegistersTests
{
    private static readonly FeedbackPlan Plan = new(Given.Plan("40ms/20ms"), TimeSpan.FromMilliseconds(100));
    private static readonly SeriesKey Series = new("m", "_all");

    private readonly FeedbackRegisters _registers = new(Plan);

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

        Progress(0, 1, 100, 0);
        _registers.AddLoss(labelsLostBefore, predictionsLostBefore);
        _registers.AddLoss(0, 0); // a lane that knows of nothing

        long FirstComplete(Attribution attribution) => Enumerable.Range(3, 12).Select(slide => slide * 20L)
            .First(at => _registers.Windows(at).Single(window => window.Attribution == attribution).Complete);
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

        bool Complete() => _registers.Windows(60).All(window => window.Complete);
    }

    private void Progress(int source, ulong run, long records, long asOfMs, bool readable = true) =>
        _registers.Add(new FeedbackProgress(source, run, records, asOfMs) { Unreadable = readable ? null : "other panes" });

    private void Say(int source, ulong run, long start, long events) => _registers.Add(new FeedbackRegister(
        source, run, new FeedbackPaneKey(Series, Attribution.LabelTime, 20, start), new FeedbackSums { Events = events }));

    private long EventsAt(long atMs) =>
        _registers.Windows(atMs).Single(window => window.Attribution == Attribution.LabelTime).Measures.Events;
}
