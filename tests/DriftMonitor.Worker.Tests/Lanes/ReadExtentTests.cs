using DriftMonitor.Worker.Lanes;

namespace DriftMonitor.Worker.Tests.Lanes;

/// <summary>Up to when a partition has been read, from what librdkafka tells.</summary>
public sealed class ReadExtentTests
{
    private readonly ReadExtent _extent = new();

    [Fact]
    public void An_idle_partition_is_read_to_its_end_as_of_now()
    {
        _extent.Read(9);
        _extent.ReachEnd(10);
        _extent.Look(1_000, 10);
        Assert.Equal(1_000, _extent.SeenUntilMs);
        _extent.Look(2_000, 10);
        Assert.Equal(2_000, _extent.SeenUntilMs);
    }

    /// <summary>
    /// The end was reported, but records that came since wait in the client's queue: a stage that was held up must not say that it has read
    /// them.
    /// </summary>
    [Fact]
    public void The_end_that_was_reported_counts_no_more_once_a_higher_one_is_known()
    {
        _extent.Read(9);
        _extent.ReachEnd(10);
        _extent.Look(1_000, 10);
        _extent.Look(6_000, 12);
        Assert.Equal(1_000, _extent.SeenUntilMs);
        _extent.Read(10);
        _extent.Read(11);
        _extent.Look(6_100, 12);
        Assert.Equal(1_000, _extent.SeenUntilMs); // the end was 12 at some time after 1,000
        _extent.ReachEnd(12);
        _extent.Look(6_200, 12);
        Assert.Equal(6_200, _extent.SeenUntilMs);
    }

    /// <summary>A process that was stopped, and goes on, knows the end of before: others may have read on since.</summary>
    [Fact]
    public void Who_stood_still_does_not_say_that_all_is_read_before_the_brokers_were_asked_again()
    {
        _extent.Read(9);
        _extent.ReachEnd(10);
        _extent.Look(1_000, 10, steadyMs: 500);
        _extent.Look(61_000, 10, steadyMs: 60_500); // a minute in which nothing was heard
        Assert.Equal(1_000, _extent.SeenUntilMs);
        _extent.Look(61_100, 12, steadyMs: 60_600); // an answer from before
        _extent.Read(10);
        _extent.Read(11);
        _extent.ReachEnd(12);
        _extent.Look(61_200, 12, steadyMs: 60_700);
        Assert.Equal(1_000, _extent.SeenUntilMs);
        _extent.Look(62_000, 12, steadyMs: 61_500);
        Assert.Equal(62_000, _extent.SeenUntilMs);
    }

    /// <summary>A partition that was paused is not at its end because nothing was heard of it.</summary>
    [Fact]
    public void An_end_that_was_left_counts_no_more_until_it_is_reported_again()
    {
        _extent.Read(9);
        _extent.ReachEnd(10);
        _extent.Look(1_000, 10);
        _extent.LeaveEnd();
        _extent.Look(16_000, 10); // what the brokers named before the pause
        Assert.Equal(1_000, _extent.SeenUntilMs);
        _extent.ReachEnd(10);
        _extent.Look(16_100, 10);
        Assert.Equal(16_100, _extent.SeenUntilMs);
    }

    /// <summary>A partition that is written to all the time has no end that is reported.</summary>
    [Fact]
    public void A_busy_partition_is_read_up_to_the_look_before_the_one_whose_end_is_reached()
    {
        for (var look = 0; look < 10; look++)
        {
            _extent.Look(1_000 + (100 * look), 50 + (10 * look));
            _extent.Read(49 + (10 * look)); // always a little behind
        }

        // the last look found the end of the one at 1,800 reached, which nobody had named at 1,700
        Assert.Equal(1_700, _extent.SeenUntilMs);
    }

    [Fact]
    public void A_backlog_says_nothing_until_it_is_worked_off()
    {
        for (var look = 0; look < 10; look++)
        {
            _extent.Read(look);
            _extent.Look(1_000 + (100 * look), 1_000_000 + look);
        }

        Assert.Null(_extent.SeenUntilMs);
    }

    [Fact]
    public void An_end_that_the_brokers_have_not_named_says_nothing()
    {
        _extent.ReachEnd(0);
        _extent.Look(1_000, -1_001);
        Assert.Null(_extent.SeenUntilMs);
    }
}
