using DriftMonitor.Model;

namespace DriftMonitor.Tests.Model;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void Cells_AreTakenUpToTheLimit_AndCanBeGivenBack()
    {
        var budget = new MemoryBudget(10);
        Assert.True(budget.TryTake(7));
        Assert.False(budget.TryTake(4));
        Assert.False(budget.TryTake(long.MaxValue));
        Assert.True(budget.TryTake(3));
        Assert.False(budget.Has(1));
        budget.Release(10);
        Assert.Equal((0, 10), (budget.Used, budget.Limit));
    }

    [Fact]
    public async Task Cells_AreNeverTakenTwice_HoweverManyTake()
    {
        var budget = new MemoryBudget(1_000);
        var taken = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1_000).Count(_ => budget.TryTake(1)))));
        Assert.Equal((1_000, 1_000), (taken.Sum(), budget.Used));
    }

    /// <summary>What comes later always finds the rest.</summary>
    [Fact]
    public void Part_TakesFromTheWhole_AndLeavesTheRest()
    {
        var whole = new MemoryBudget(100);
        var part = whole.Part(4);
        Assert.False(part.TryTake(26));
        Assert.True(part.TryTake(25));
        Assert.False(part.Has(1));
        Assert.True(whole.TryTake(75));
        part.Release(25);
        Assert.Equal((0, 75), (part.Used, whole.Used));
        Assert.True(whole.TryTake(20));
        Assert.False(part.TryTake(6));
        Assert.Equal((0, 95, 100), (part.Used, part.Whole.Used, part.Whole.Limit));
    }

    [Fact]
    public void Share_TakesWhatIsMissing_AndGivesBackWhatIsTooMuch()
    {
        var budget = new MemoryBudget(10);
        var share = new MemoryShare(budget);
        Assert.True(share.TryCover(6));
        Assert.True(share.TryCover(4));
        Assert.False(share.TryCover(11));
        Assert.Equal((6, 6), (share.Cells, budget.Used));
        share.Fit(8);
        share.Fit(1);
        Assert.Equal((1, 1), (share.Cells, budget.Used));
    }

    /// <summary>A model takes memory with its place, its segments and its classes, and gives all of it back when it retires.</summary>
    [Fact]
    public void Models_TakeMemory_UntilTheyRetire()
    {
        var budget = new MemoryBudget(500);
        var models = new WatchedModels(1, 10, acceptUnknown: true, silenceMs: 1_000, budget);
        var first = models.Admit("a", out _, cellsOfClasses: 100)!;
        first.Fix(new ModelClasses(ClassSpace.Indexed(2), ModelClasses.Inferred));
        first.Note(0);
        var before = budget.Used;
        Assert.NotNull(first.Segment("s"));
        Assert.True(budget.Used > before);
        models.Clock.Note(2_000);

        Assert.Null(models.Admit("b", out var reason, cellsOfClasses: 500));
        Assert.Equal(RejectionReason.MemoryLimit, reason);
        Assert.Equal((true, 0, 0), (first.Retired, models.Count, budget.Used));
        Assert.NotNull(models.Admit("b", out _, cellsOfClasses: 100));
    }

    [Fact]
    public void Segment_BeyondTheMemory_IsNone()
    {
        var models = new WatchedModels(10, 10, acceptUnknown: true, memory: new MemoryBudget(0));
        Assert.Null(models.Add("named").Segment("s"));
        Assert.Null(models.Admit("unnamed", out var reason));
        Assert.Equal(RejectionReason.MemoryLimit, reason);
    }
}
