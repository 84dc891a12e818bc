using System.Runtime.CompilerServices;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Lanes;

/// <summary>
/// Base panes of 10 ms; 15 ms late, 7 ms ahead and 5 ms of disorder are allowed, so [0, 10) closes when the clock passes 30.
/// </summary>
public sealed class SourceLaneTests
{
    private readonly WatchedModel _model = Given.Model();
    private readonly ModelClasses _classes = Given.Classes(2);
    private readonly SourceLane _lane = NewLane();
    private long _offset;

    private RejectionReason Add(long recordMs, long? eventMs = null, string? segment = null) =>
        _lane.Add(Given.Prediction(_model, _classes, _offset++, recordMs, eventMs, segment));

    private static SourceLane NewLane(MemoryBudget? ids = null) => new(
        3, Given.Plan("50ms/10ms", lateness: 15, skew: 7, slack: 5), MemoryBudget.Unlimited(), ids ?? MemoryBudget.Unlimited());

    private LanePublication Publish() => _lane.Publish(new PublishTick(0, CaughtUp: true));

    [Fact]
    public void Publish_BeforeAnyRecord_SaysNothing()
    {
        var publication = Publish();
        Assert.Equal(3, publication.Progress.SourcePartition);
        Assert.Empty(publication.Registers);
        Assert.Equal(LaneProgress.Nothing, publication.Progress.ClosedBeforeMs);
        Assert.Null(publication.SafeOffset);
        Assert.Null(_lane.ClockMs);
    }

    [Fact]
    public void Add_CountsAnEventInItsPane()
    {
        _offset = 42;
        Assert.Equal(RejectionReason.None, Add(recordMs: 12, eventMs: 9));
        Assert.Equal(RejectionReason.None, Add(recordMs: 13, eventMs: 2));
        Assert.Equal(RejectionReason.None, Add(recordMs: 14));

        var registers = Publish().Registers;
        Assert.Equal([(0L, 42L, 43L, 2L, 9L, 2L), (10, 44, 44, 14, 14, 1)], registers.Select(r =>
            (r.PaneStartMs, r.FirstOffset, r.LastOffset, r.EarliestEventMs, r.LatestEventMs, r.Sums.Events)));
        Assert.All(registers, r => Assert.Equal((3, _model.All, _classes.Space.Id), (r.SourcePartition, r.Series, r.Classes.SpaceId)));
    }

    /// <summary>All rows of a record have its offset; a re-read from the safe offset decides on each of them alike.</summary>
    [Fact]
    public void Add_CountsEachRowOfARecord()
    {
        RejectionReason Row(SourceLane lane, long offset, int row, long recordMs, long eventMs)
        {
            var record = Given.Prediction(_model, _classes, offset, recordMs, eventMs);
            record.Row = row;
            return lane.Add(record);
        }

        (long Offset, int Row, long RecordMs, long EventMs)[] rows =
            [(5, 0, 40, 40), (6, 0, 50, 36), (6, 1, 50, 56), (6, 2, 50, 34), (7, 0, 45, 31), (7, 1, 45, 44)];
        RejectionReason[] Read(SourceLane lane, long start) =>
            [.. rows.Where(row => row.Offset >= start).Select(row => Row(lane, row.Offset, row.Row, row.RecordMs, row.EventMs))];

        var first = Read(_lane, 0);
        Assert.Equal([RejectionReason.None, RejectionReason.None, RejectionReason.None, RejectionReason.Late], first[..4]);
        var publication = Publish();
        Assert.Equal(5, publication.Registers.Sum(register => register.Sums.Events));

        var successor = NewLane();
        Assert.Equal(first[^2..], Read(successor, publication.SafeOffset!.Value)[^2..]);
        Assert.Throws<InvalidOperationException>(() => Row(_lane, 6, 1, 50, 50));
        Assert.Throws<InvalidOperationException>(() => Row(_lane, 7, 0, 50, 50));
    }

    [Fact]
    public void Add_IgnoredRecord_OnlyMovesTheOffset()
    {
        var record = Given.Prediction(_model, _classes, 41, 12);
        record.Ignore();
        Assert.Equal(RejectionReason.None, _lane.Add(record));
        var publication = Publish();
        Assert.Empty(publication.Registers);
        Assert.Equal((42, 42), (publication.Progress.NextOffset, publication.SafeOffset));
        Assert.Null(_lane.ClockMs);
    }

    [Fact]
    public void Add_CountsASegmentInBothSeries()
    {
        Add(1, segment: "a");
        Add(2, segment: "b");
        Add(3);
        var events = Publish().Registers.ToDictionary(r => r.Series.Segment, r => (r.Sums.Events, r.FirstOffset, r.LastOffset));
        Assert.Equal((3, 0, 2), events[SeriesKey.All]);
        Assert.Equal((1, 0, 0), events["a"]);
        Assert.Equal((1, 1, 1), events["b"]);
    }

    [Fact]
    public void A_model_that_was_retired_and_admitted_anew_goes_on_in_the_panes_that_are_open()
    {
        Add(1);
        _lane.Add(Given.Prediction(Given.Model(), _classes, _offset++, 2));
        Assert.Equal(2, Assert.Single(Publish().Registers).Sums.Events);
    }

    [Fact]
    public void So_does_a_segment_or_a_version()
    {
        Add(1, segment: "s");
        _lane.Add(Given.Prediction(Given.Model(), _classes, _offset++, 2, null, "s", "1"));
        _lane.Add(Given.Prediction(Given.Model(), _classes, _offset++, 3, null, "s", "1"));
        Assert.Equal(
            ["_all:3", "s:3", "version=1:2"],
            Publish().Registers.Select(register => $"{register.Series.Segment}:{register.Sums.Events}").Order(StringComparer.Ordinal));
    }

    /// <summary>A payload that names the segment <c>_all</c> must not make a second register of the same name.</summary>
    [Fact]
    public void Add_SegmentNamedAsTheWhole_CountsOnce()
    {
        Add(1, segment: SeriesKey.All);
        Add(2);
        Add(3, segment: SeriesKey.All);
        Assert.Equal(3, Assert.Single(Publish().Registers).Sums.Events);
    }

    [Theory]
    [InlineData(85, RejectionReason.None)] // 15 ms late
    [InlineData(84, RejectionReason.Late)]
    [InlineData(107, RejectionReason.None)] // 7 ms ahead
    [InlineData(108, RejectionReason.Future)]
    public void Add_JudgesAnEventByItsOwnRecord(long eventMs, RejectionReason expected) =>
        Assert.Equal(expected, Add(recordMs: 100, eventMs));

    // clock           30        31
    // [0, 10)   open  |  closed |
    [Fact]
    public void Add_TakesEventsUntilTheClockPassesTheirPane()
    {
        Add(30);
        Assert.Equal(RejectionReason.None, Add(recordMs: 20, eventMs: 9));
        Add(31);
        Assert.Equal(RejectionReason.Late, Add(recordMs: 20, eventMs: 9));
        Assert.Equal(RejectionReason.None, Add(recordMs: 20, eventMs: 10)); // the next pane is open
    }

    [Fact]
    public void Add_ClosesAPaneAtOnce_AndPublishesItOnceMore()
    {
        Add(9);
        Assert.Equal([0], Publish().Registers.Select(r => r.PaneStartMs));
        Add(8);
        Add(31);
        var registers = Publish().Registers;
        Assert.Equal([(0L, 2L), (30, 1)], registers.Select(r => (r.PaneStartMs, r.Sums.Events)));
        Assert.Empty(Publish().Registers);
    }

    [Fact]
    public void Publish_GivesChangedPanesWholeAndUntouchedOnesNot()
    {
        Add(1);
        Add(11);
        var before = Publish().Registers;
        Assert.Equal([0, 10], before.Select(r => r.PaneStartMs));
        Add(12);
        var after = Assert.Single(Publish().Registers);
        Assert.Equal((10L, 1L, 2L, 2L), (after.PaneStartMs, after.FirstOffset, after.LastOffset, after.Sums.Events));
        Assert.Equal([1L, 1L], before.Select(r => r.Sums.Events)); // a register does not change after it was given away
    }

    [Fact]
    public void Clock_IsTheHighestRecordTimeAmongAcceptedEvents()
    {
        Add(recordMs: 20, eventMs: 27);
        Assert.Equal(20, _lane.ClockMs); // not the event's time
        Add(recordMs: 18, eventMs: 18);
        Assert.Equal(20, _lane.ClockMs); // out of order
        Add(recordMs: 900, eventMs: 20);
        Assert.Equal(20, _lane.ClockMs); // late by its own record
        Add(recordMs: 21, eventMs: 90);
        Assert.Equal(20, _lane.ClockMs); // future
        _lane.Add(Given.Rejected(_offset++, recordMs: 900));
        Assert.Equal(20, _lane.ClockMs);
        Add(recordMs: 25, eventMs: 11);
        Assert.Equal(25, _lane.ClockMs);
        Assert.Equal(
            new LaneProgress(3, 5, CaughtUp: false, AsOfMs: 0) { NextOffset = _offset },
            _lane.Publish(new PublishTick(0, CaughtUp: false)).Progress);
    }

    [Fact]
    public void Add_RefusesOffsetsThatGoBack()
    {
        _offset = 7;
        Add(1);
        Assert.Throws<InvalidOperationException>(() => _lane.Add(Given.Prediction(_model, _classes, 7, 2)));
        Assert.Throws<InvalidOperationException>(() => _lane.Add(Given.Rejected(6, 2)));
        _offset = 1_000; // compaction and transaction markers leave gaps
        Assert.Equal(RejectionReason.None, Add(2));
    }

    [Fact]
    public void Add_PassesTheDecodersRejectionOn()
    {
        Assert.Equal(RejectionReason.SumNotOne, _lane.Add(Given.Rejected(0, 1, RejectionReason.SumNotOne)));
        Assert.Empty(Publish().Registers);
    }

    [Fact]
    public void SafeOffset_PassesRejectedRecords()
    {
        _lane.Add(Given.Rejected(10, 1));
        Assert.Equal(11, Publish().SafeOffset);
        _lane.Add(Given.Rejected(14, 1));
        Assert.Equal(15, Publish().SafeOffset);
        Assert.Equal(LaneProgress.Nothing, Publish().Progress.ClosedBeforeMs);
    }

    [Fact]
    public void SafeOffset_IsTheFirstOfTheOldestOpenPane()
    {
        _offset = 10;
        Add(5);
        Add(15);
        Add(25);
        Assert.Equal(10, Publish().SafeOffset);
    }

    // offset            0   1   2   3   4
    // record time       1  26  12  32  48       event times the same; 2 is out of order
    // [0, 10)           0 ................ closed by 3
    // [10, 20)                  2 ........ closed by 4
    // [20, 30)              1
    // first open pane   0   0   0   1   1
    // clock before it   -   -   -   0   0
    [Fact]
    public void SafeOffset_KeepsTheRecordThatHadSetTheClock()
    {
        var safe = new List<long?>();
        foreach (var recordMs in new[] { 1, 26, 12, 32, 48 })
        {
            Add(recordMs);
            safe.Add(Publish().SafeOffset);
        }

        Assert.Equal([0L, 0, 0, 0, 0], safe);

        // offset 5 closes [20, 30) and [30, 40): the oldest open pane is that of offset 4, and offset 3 had set the clock before it
        Add(61);
        Assert.Equal(3, Publish().SafeOffset);
        Add(200);
        Assert.Equal(5, Publish().SafeOffset);
    }

    [Fact]
    public void SafeOffset_KeepsTheClockSetterFarBehindTheFirstOpenPane()
    {
        Add(100);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(RejectionReason.Late, Add(recordMs: 100, eventMs: 84));
        }

        Assert.Equal(RejectionReason.None, Add(99)); // in the pane before that of offset 0
        Add(122); // closes [90, 100), not [100, 110)
        Assert.Equal(0, Publish().SafeOffset);
        Add(131); // closes [100, 110): the oldest open pane is that of offset 12, before which offset 0 had set the clock
        Assert.Equal(0, Publish().SafeOffset);
    }

    [Fact]
    public void ClassSpace_ThatSwitchesInThePane_GetsAPaneOfItsOwn()
    {
        var next = Given.Classes(3, generation: 99);
        Add(1);
        _lane.Add(Given.Prediction(_model, next, _offset++, 2));
        Add(3);
        var registers = Publish().Registers;
        Assert.Equal(
            [(0L, _classes.Space.Id, 1L, 0L, 2L, 2L), (0, next.Space.Id, 99, 1, 1, 1)],
            registers.Select(r => (r.PaneStartMs, r.Classes.SpaceId, r.Classes.Generation, r.FirstOffset, r.LastOffset, r.Sums.Events)));
    }

    [Fact]
    public void ClassSpace_TravelsOnlyWhenItWasInferred()
    {
        var inferred = new ModelClasses(ClassSpace.Create(["x", "y"]), ModelClasses.Inferred);
        Add(1);
        _lane.Add(Given.Prediction(_model, inferred, _offset++, 2));
        var registers = Publish().Registers;
        Assert.Null(registers[0].Classes.Inferred);
        Assert.Same(inferred.Space, registers[1].Classes.Inferred);
    }

    [Fact]
    public void Memory_HoldsNoClosedPane()
    {
        var series = AddSeriesOfAnotherModel();
        Add(1_000);
        Publish();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(series.IsAlive);
        GC.KeepAlive(_lane);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference AddSeriesOfAnotherModel()
    {
        var model = Given.Model("passing");
        _lane.Add(Given.Prediction(model, _classes, _offset++, 1));
        Assert.Same(model.All, Publish().Registers[0].Series);
        return new WeakReference(model.All);
    }

    // offset     0    1         4
    // clock      10   20  lost  40        the open pane [10, 20) began at 1, which is no use to a successor
    [Fact]
    public void Lose_IsToldWithASafeOffsetBehindTheGap()
    {
        Add(10);
        Add(20);
        Assert.Equal((0L, LaneProgress.Nothing), (Publish().SafeOffset, Publish().Progress.LostBeforeMs));

        _lane.Lose(new RecordsLost(NextOffset: 4, BeforeMs: 53));
        _offset = 4;
        Add(40);

        var publication = Publish();
        Assert.Equal((4L, 53), (publication.SafeOffset, publication.Progress.LostBeforeMs));
        Assert.Equal([(40L, 4L)], publication.Registers.Select(r => (r.PaneStartMs, r.FirstOffset)));
    }

    /// <summary>Nothing was left: a successor that began before the gap would tell it anew, and that at every start.</summary>
    [Fact]
    public void Lose_BeforeAnyRecord_MovesTheSafeOffset()
    {
        _lane.Lose(new RecordsLost(NextOffset: 4, BeforeMs: 53));
        Assert.Equal((4L, 53), (Publish().SafeOffset, Publish().Progress.LostBeforeMs));
    }

    [Fact]
    public void Lose_NeverLess()
    {
        _lane.Lose(new RecordsLost(NextOffset: 4, BeforeMs: 53));
        _lane.Lose(new RecordsLost(NextOffset: 6, BeforeMs: 30));
        Assert.Equal((6L, 53), (Publish().SafeOffset, Publish().Progress.LostBeforeMs));
    }

    /// <summary>The topic was truncated or made again. What was read of the old one is published, and nothing is added to it.</summary>
    [Fact]
    public void Lose_OffsetsThatBeginAnew_AreAnotherLog()
    {
        _offset = 100;
        Add(12);
        _lane.Lose(new RecordsLost(NextOffset: 0, BeforeMs: 30));
        _offset = 0;
        Add(13);

        var publication = Publish();
        Assert.Equal((0L, 30), (publication.SafeOffset, publication.Progress.LostBeforeMs));
        Assert.Equal([(100L, 100L, 1L), (0, 0, 1)], publication.Registers.Select(r => (r.FirstOffset, r.LastOffset, r.Sums.Events)));
    }

    /// <summary>Who has a place keeps it, between panes too, until it has been silent for long.</summary>
    [Fact]
    public void Add_BeyondTheMemory_RefusesNewSeriesOnly()
    {
        var budget = new MemoryBudget(100); // for one series of three cells: 7 panes of 12
        var lane = new SourceLane(3, Given.Plan("50ms/10ms", lateness: 15, skew: 7, slack: 5), budget, budget);
        var other = Given.Model("other");
        Assert.Equal(RejectionReason.None, Add(_model, 0));
        Assert.Equal(RejectionReason.MemoryLimit, Add(other, 1));
        Assert.Equal(RejectionReason.MemoryLimit, Add(_model, 2, "segment"));
        Assert.Equal(RejectionReason.None, Add(_model, 60)); // all panes of before have closed
        Assert.Equal(RejectionReason.MemoryLimit, Add(other, 61));
        Assert.Equal([1, 1], lane.Publish(new PublishTick(0, CaughtUp: true)).Registers.Select(register => register.Sums.Events));

        lane.Release();
        Assert.Equal(0, budget.Used);
        Assert.Equal(RejectionReason.None, Add(other, 62));

        RejectionReason Add(WatchedModel model, long recordMs, string? segment = null) =>
            lane.Add(Given.Prediction(model, _classes, _offset++, recordMs, segment: segment));
    }

    /// <summary>Over many cells memory is that of the cells seen.</summary>
    [Fact]
    public void Add_BeyondTheMemory_RefusesCellsNotSeenYet()
    {
        var classes = Given.Classes(2_000);
        var lane = new SourceLane(3, Given.Plan("50ms/10ms"), new MemoryBudget(62), MemoryBudget.Unlimited());
        Assert.Equal(RejectionReason.None, lane.Add(Few(0, 10)));
        Assert.Equal(RejectionReason.MemoryLimit, lane.Add(Few(0, 30)));
        Assert.Equal(RejectionReason.None, lane.Add(Few(0, 10)));

        PredictionRecord Few(int first, int count)
        {
            var record = new PredictionRecord { Offset = _offset++, RecordTimeMs = 1 };
            record.BeginFew(_model, classes);
            for (var cell = first; cell < first + count; cell++)
            {
                record.AddTo(cell, 1.0 / count);
            }

            return record;
        }
    }
}
