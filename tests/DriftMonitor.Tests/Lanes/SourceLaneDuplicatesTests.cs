using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Lanes;

/// <summary>
/// The second of an id. Base panes of 10 ms; 15 ms late, 7 ms ahead and 5 ms of disorder are allowed, so [0, 10) closes when the clock
/// passes 30.
/// </summary>
public sealed class SourceLaneDuplicatesTests
{
    private static readonly WindowPlan Plan = Given.Plan("50ms/10ms", lateness: 15, skew: 7, slack: 5);

    private readonly WatchedModel _model = Given.Model();
    private readonly ModelClasses _classes = Given.Classes(2);
    private readonly SourceLane _lane = new(3, Plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited());
    private long _offset;

    /// <returns>Whether it is a duplicate.</returns>
    private bool Add(string id, long recordMs, long? eventMs = null, WatchedModel? model = null, SourceLane? lane = null)
    {
        var record = Given.Prediction(model ?? _model, _classes, _offset++, recordMs, eventMs);
        record.Id = id;
        Assert.Equal(RejectionReason.None, (lane ?? _lane).Add(record));
        return record.IsDuplicate;
    }

    private static (long StartMs, long Events)[] Counted(LanePublication publication) =>
        [.. publication.Registers.Select(register => (register.PaneStartMs, register.Sums.Events)).Order()];

    private LanePublication Publish() => _lane.Publish(new PublishTick(0, CaughtUp: true));

    [Fact]
    public void Add_TheSecondOfAnId_CountsInNoPane()
    {
        Assert.False(Add("a", 1));
        Assert.True(Add("a", 2, 1));
        Assert.True(Add("a", 12)); // stamped anew, for a pane that has not begun
        Assert.True(Add("a", 3));
        Assert.False(Add("b", 4));
        Assert.False(Add("", 5));
        Assert.False(Add("", 5));
        Assert.False(Add("a", 5, model: Given.Model("other")));
        Assert.Equal([(0, 1), (0, 4)], Counted(Publish()));
    }

    [Fact]
    public void Add_WhereDuplicatesCount_CountsEach()
    {
        for (var times = 0; times < 3; times++)
        {
            var record = new PredictionRecord { KeepsDuplicates = true, Offset = times, RecordTimeMs = 1 };
            record.Begin(_model, _classes)[0] = 1;
            record.Id = "a";
            Assert.Equal(RejectionReason.None, _lane.Add(record));
            Assert.False(record.IsDuplicate);
        }

        Assert.Equal([(0, 3)], Counted(Publish()));
    }

    /// <summary>The pane of an id is that of its latest record, duplicate or not.</summary>
    [Fact]
    public void Add_OnceThePaneOfAnIdHasClosed_CountsItAgain()
    {
        Add("a", 1);
        Add("b", 1);
        Assert.True(Add("b", 11));
        Assert.False(Add("a", 31)); // closes [0, 10) by its own time
        Assert.False(Add("c", 32));
        Assert.True(Add("b", 32));
        Assert.Equal([(0, 2), (30, 2)], Counted(Publish()));
    }

    /// <summary>Else panes would close at other times for whoever does not find the duplicate.</summary>
    [Fact]
    public void Add_ADuplicate_MovesTheClock()
    {
        Add("a", 1);
        Add("b", 25);
        Assert.True(Add("b", 31));
        Assert.Equal(31, _lane.ClockMs);
        Assert.Equal(11, Publish().Progress.ClosedBeforeMs);
    }

    /// <summary>
    /// In the end [10, 20) is the first pane that is open, from offset 2 on, and the record before that had set the clock. Its duplicate at
    /// offset 3 is found by an id of offset 0 alone, of a pane that has closed since: a re-read from offset 1 would count it.
    /// </summary>
    [Fact]
    public void Publish_AfterADuplicateOfAnotherPane_IsSafeFromTheFirstOnward()
    {
        Add("a", 8);
        Add("d", 11, 9);
        Add("b", 12);
        Assert.True(Add("a", 13));
        Add("c", 31);
        var publication = Publish();
        Assert.Equal((11, 0), (publication.Progress.ClosedBeforeMs, publication.SafeOffset));

        var successor = new SourceLane(3, Plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited());
        _offset = 0;
        Assert.Equal(
            [false, false, false, true, false],
            new[] { ("a", 8L, 8L), ("d", 11, 9), ("b", 12, 12), ("a", 13, 13), ("c", 31, 31) }
                .Select(one => Add(one.Item1, one.Item2, one.Item3, lane: successor)));
        var again = successor.Publish(new PublishTick(0, CaughtUp: true));
        Assert.Equal(
            publication.Registers.Select(register => (register.PaneStartMs, register.FirstOffset, register.LastOffset)),
            again.Registers.Select(register => (register.PaneStartMs, register.FirstOffset, register.LastOffset)));
    }

    [Fact]
    public void Add_AnotherLog_KnowsNoIdOfTheOneBefore()
    {
        Add("a", 1);
        Add("a", 2);
        _lane.Lose(new RecordsLost(0, 0));
        _offset = 0;
        Assert.False(Add("a", 3));
    }

    /// <summary>The memory of a burst is there for others once it is over.</summary>
    [Fact]
    public void Add_AfterABurst_GivesMemoryBack()
    {
        var memory = new MemoryBudget(1_000_000);
        var lane = new SourceLane(3, Plan, MemoryBudget.Unlimited(), memory);
        void Burst(int ids, string prefix, long recordMs)
        {
            for (var id = 0; id < ids; id++)
            {
                Add(FormattableString.Invariant($"{prefix}{id}"), recordMs, lane: lane);
            }
        }

        Burst(16_384, "a", 1);
        Assert.Equal(2 * 16_384, memory.Used);
        Burst(1, "b", 100);
        Assert.Equal(2 * 8_192, memory.Used); // it had grown for one more
        Burst(1, "c", 200);
        Assert.Equal(2 * 2_048, memory.Used);
        Assert.True(Add("c0", 201, lane: lane));
    }

    /// <summary>1,024 ids take 2,048 cells; those of panes that have closed make room for others.</summary>
    [Fact]
    public void Add_MoreIdsThanThereIsMemoryFor_CountsWhatItDoesNotCheck()
    {
        var memory = new MemoryBudget(2_048);
        var lane = new SourceLane(3, Plan, MemoryBudget.Unlimited(), memory);
        bool Next(int id, long recordMs) => Add(id.ToString(System.Globalization.CultureInfo.InvariantCulture), recordMs, lane: lane);
        for (var id = 0; id < 1_030; id++)
        {
            Assert.False(Next(id, 1));
        }

        Assert.True(Next(1_023, 2));
        Assert.False(Next(1_024, 2));
        Assert.Equal(7, lane.Publish(new PublishTick(0, CaughtUp: true)).UncheckedIds);
        Assert.Equal(0, lane.Publish(new PublishTick(0, CaughtUp: true)).UncheckedIds);

        Next(-1, 31);
        Assert.False(Next(2_000, 32));
        Assert.True(Next(2_000, 32));
        Assert.Equal(1, lane.Publish(new PublishTick(0, CaughtUp: true)).UncheckedIds); // that of −1: nothing had closed before it
        lane.Release();
        Assert.Equal(0, memory.Used);
    }
}
