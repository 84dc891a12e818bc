using DriftMonitor.Model;

namespace DriftMonitor.Tests.Model;

public sealed class WatchedModelsTests
{
    [Fact]
    public void Admit_FindsTheSameModelAgain()
    {
        var models = new WatchedModels(2, 0, acceptUnknown: true);
        var model = models.Admit("a", out var reason);
        Assert.Equal(RejectionReason.None, reason);
        Assert.Same(model, models.Admit("a", out _));
        Assert.Same(model, models.Add("a"));
        Assert.Equal(1, models.Count);
    }

    [Fact]
    public void Admit_RefusesUnknownModelsUnlessTold()
    {
        var models = new WatchedModels(2, 0, acceptUnknown: false);
        Assert.Null(models.Admit("a", out var reason));
        Assert.Equal(RejectionReason.UnknownModel, reason);
        models.Add("a");
        Assert.NotNull(models.Admit("a", out _));
    }

    [Fact]
    public void Admit_StopsAtTheCap_KnownModelsStayAdmitted()
    {
        var models = new WatchedModels(2, 0, acceptUnknown: true);
        models.Add("configured");
        Assert.NotNull(models.Admit("a", out _));
        Assert.Null(models.Admit("b", out var reason));
        Assert.Equal(RejectionReason.ModelLimit, reason);
        Assert.NotNull(models.Admit("a", out reason));
        Assert.Equal(RejectionReason.None, reason);
        Assert.Equal("b", models.Add("b").Name); // people may go beyond the cap
        Assert.NotNull(models.Admit("b", out _));
        Assert.Equal(3, models.Count);
    }

    [Fact]
    public void Admit_HoldsTheCapWhenManyComeAtOnce()
    {
        var models = new WatchedModels(10, 0, acceptUnknown: true);
        Parallel.For(0, 10_000, i => models.Admit($"{i}", out _));
        Assert.Equal(10, models.Count);
    }

    [Fact]
    public void Constructor_RefusesCapsThatAdmitNothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WatchedModels(0, 1, acceptUnknown: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WatchedModels(1, -1, acceptUnknown: true));
        Assert.Throws<ArgumentException>(() => new WatchedModels(1, 1, acceptUnknown: true).Add(""));
    }
}
