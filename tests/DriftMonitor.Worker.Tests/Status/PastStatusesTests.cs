using System.Text;
using System.Text.Json;
using DriftMonitor.Alarms;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Status;

public sealed class PastStatusesTests
{
    private const long NowMs = 1_000_000;

    private readonly PastStatuses _past = new();

    [Fact]
    public void Decided_is_what_was_decided_of_every_model_that_is_still_said()
    {
        Assert.Null(_past.DecidedToMs(NowMs));
        Add("gone", NowMs - 60_001);
        Add("said a while ago", NowMs - 29_000);
        Add("said last", NowMs);
        Assert.Equal(NowMs - 29_000, _past.DecidedToMs(NowMs));
    }

    [Fact]
    public void What_a_clock_ahead_has_decided_is_not_gone_on_from_but_its_epoch_is_known()
    {
        Add("m", NowMs - 1_000);
        Add("ahead", NowMs + 60_001, epoch: 2 * NowMs);
        Assert.Equal(["m"], _past.Current(NowMs).Select(status => status.Model));
        Assert.Equal((NowMs - 1_000, (2 * NowMs) + 1), (_past.DecidedToMs(NowMs), _past.NextEpoch(NowMs)));
    }

    [Theory]
    [InlineData("""{"version":1}""")]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"model":"a","model":"b"}""")]
    public void What_is_no_status_is_counted(string text)
    {
        _past.Add(Encoding.UTF8.GetBytes(text));
        Assert.Equal((1, 0), (_past.Unreadable, _past.All.Count));
    }

    /// <summary>A newer version that ran for a while leaves its records until the topic is compacted.</summary>
    [Fact]
    public void The_last_record_of_a_model_tells_whether_it_can_be_gone_on_from()
    {
        Add("rolled back", NowMs);
        Add("taken over by a newer version", NowMs);
        _past.Add("""{"version":2,"model":"rolled back"}"""u8.ToArray());
        _past.Add("""{"version":2,"model":"taken over by a newer version"}"""u8.ToArray());
        Add("rolled back", NowMs);
        Assert.Equal(1, _past.Unreadable);
        Assert.Equal("rolled back", Assert.Single(_past.All).Model);
    }

    /// <summary>A replica that follows the topic for months keeps no name that it does not show any more.</summary>
    [Fact]
    public async Task What_pages_would_not_show_any_more_is_forgotten()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var statuses = monitor.Services.GetRequiredService<KnownStatuses>();
        var startMs = monitor.Time.GetUtcNow().ToUnixTimeMilliseconds();
        statuses.Add(Status("left", startMs, writtenMs: startMs).ToJson());
        monitor.Time.Advance(TimeSpan.FromDays(7));
        statuses.Show(areRead: true);
        Assert.Equal(["left"], statuses.All.Keys);

        monitor.Time.Advance(TimeSpan.FromMilliseconds(1));
        var nowMs = monitor.Time.GetUtcNow().ToUnixTimeMilliseconds();
        statuses.Add(Status("stays", nowMs, writtenMs: nowMs).ToJson());
        statuses.Show(areRead: true);
        Assert.Equal(["stays"], statuses.All.Keys);
    }

    /// <summary>However long ago it was decided: a successor goes on from there.</summary>
    [Fact]
    public void A_successor_forgets_nothing()
    {
        Add("m", NowMs);
        Assert.Equal("m", Assert.Single(_past.Current(NowMs + (365 * 86_400_000L))).Model);
    }

    private void Add(string model, long decidedToMs, long epoch = 1) => _past.Add(Status(model, decidedToMs, epoch).ToJson());

    private static ModelStatus Status(string model, long decidedToMs, long epoch = 1, long writtenMs = NowMs) => new(
        ModelStatus.CurrentVersion, model, epoch, decidedToMs, writtenMs, new StatusOwner("a", null), ModelState.Guarded, 900, 950, null,
        [], [], [], JsonDocument.Parse("{}").RootElement);
}
