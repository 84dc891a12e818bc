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
    public void A_silent_model_gives_its_place_to_a_new_one_by_the_time_of_records_and_one_that_was_named_never_does()
    {
        var models = new WatchedModels(3, 0, acceptUnknown: true, silenceMs: 1_000);
        var named = models.Add("named");
        var (busy, silent) = (models.Admit("busy", out _)!, models.Admit("silent", out _)!);
        silent.Note(500);
        busy.Note(1_499);
        Assert.Null(models.Admit("new", out var reason));
        Assert.Equal(RejectionReason.ModelLimit, reason);
        Assert.Equal(RejectionReason.ModelLimit, models.RefusalOfNew);

        busy.Note(1_500);
        Assert.Equal(RejectionReason.None, models.RefusalOfNew);
        Assert.NotNull(models.Admit("new", out _));

        Assert.True(silent.Retired);
        Assert.Null(models.Find("silent"));
        Assert.Same(busy, models.Find("busy"));
        Assert.Same(named, models.Find("named"));
        Assert.Null(models.Admit("silent", out _)); // new has its place, and as long as any other
        Assert.Equal(3, models.Count);
    }

    /// <summary>The place of whoever took a free one becomes free likewise, also where nobody else had been left to fall silent.</summary>
    [Fact]
    public void Places_become_free_again_and_again()
    {
        var models = new WatchedModels(2, 0, acceptUnknown: true, silenceMs: 1_000);
        var named = models.Add("named");
        for (var i = 0; i < 10; i++)
        {
            named.Note(i * 2_000);
            Assert.NotNull(models.Admit($"{i}", out var reason));
            Assert.Equal(RejectionReason.None, reason);
        }
    }

    [Fact]
    public void A_model_is_not_silent_while_nobody_counts_a_record()
    {
        var models = new WatchedModels(1, 0, acceptUnknown: true, silenceMs: 1_000);
        Assert.NotNull(models.Admit("first", out _));
        Assert.Null(models.Admit("second", out _));
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
