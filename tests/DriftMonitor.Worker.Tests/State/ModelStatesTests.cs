using System.Text.Json.Nodes;
using DriftMonitor.Alarms;
using DriftMonitor.Display;
using DriftMonitor.Evaluation;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.State;

/// <summary>Event times are those of <see cref="Reported"/>: five minutes before what the clock shows at first.</summary>
public sealed class ModelStatesTests
{
    [Fact]
    public async Task Exactly_one_state_of_each_model_is_1()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("m") with { Reference = Reported.Reference("m") });
        monitor.Reports.Update(Reported.Of("m", segment: "s"));
        monitor.Reports.Update(Reported.Without("new"));
        Reject(monitor, "rejected");

        var scrape = await monitor.Scrape();

        Assert.Equal(3 * Enum.GetValues<ModelState>().Length, scrape.Of("model_state").Length);
        Assert.Equal(
            [
                """driftmonitor_model_state{model="m",state="guarded"} 1""",
                """driftmonitor_model_state{model="new",state="no_reference"} 1""",
                """driftmonitor_model_state{model="rejected",state="rejected"} 1""",
            ],
            scrape.Of("model_state").Where(line => line.EndsWith(" 1", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(["m", "new"], scrape.Of("last_event_timestamp_seconds").Select(line => line.Split('"')[1]).Order());
    }

    [Fact]
    public async Task States_are_answered_with_the_time_since_when_they_hold()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var began = Now(monitor);
        monitor.Reports.Update(Reported.Without("b"));
        Reject(monitor, "a");
        Assert.Equal([("a", "rejected", began), ("b", "no_reference", began)], await StatesAsync(monitor, ""));

        monitor.Time.Advance(TimeSpan.FromMinutes(1));
        monitor.Reports.Update(Reported.Of("b") with { Reference = Reported.Reference("b") });

        Assert.Equal([("b", "guarded", began + 60_000)], await StatesAsync(monitor, "?search=B&state=guarded"));
    }

    private static async Task<IEnumerable<(string Model, string State, long SinceMs)>> StatesAsync(ScrapedMonitor monitor, string query) =>
        JsonNode.Parse(await monitor.GetAsync($"/api/v1/models{query}"))!["items"]!.AsArray()
            .Select(model => ((string)model!["model"]!, (string)model["state"]!, (long)model["state_since_ms"]!));

    [Fact]
    public async Task A_state_that_a_predecessor_saw_holds_since_then()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var states = monitor.Services.GetRequiredService<ModelStates>();
        states.Restore("m", ModelState.NoReference, 1_000);
        states.Restore("n", ModelState.Guarded, 1_000);
        monitor.Reports.Update(Reported.Without("m"));
        monitor.Reports.Update(Reported.Without("n"));
        states.Refresh();
        Assert.Equal([1_000, Now(monitor)], states.All.Select(model => model.SinceMs));
    }

    [Fact]
    public async Task A_model_that_is_silent_leaves_and_comes_back()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var guarded = Reported.Of("m") with { Reference = Reported.Reference("m") };
        monitor.Reports.Update(guarded);
        Assert.Equal("guarded", await StateAsync(monitor, "m"));
        monitor.Time.Advance(TimeSpan.FromMinutes(10));
        monitor.Reports.Update(MovedTo(guarded, Now(monitor)));
        Assert.Equal("silent", await StateAsync(monitor, "m"));
        monitor.Reports.Update(Reported.Of("m", retired: true));
        Assert.Equal("silent", await StateAsync(monitor, "m"));
        monitor.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("retired", await StateAsync(monitor, "m"));
        Assert.Empty((await monitor.Scrape()).Of("last_event_timestamp_seconds"));

        monitor.Reports.Update(
            guarded with { Window = guarded.Window with { LatestEventMs = Now(monitor) } });
        Assert.Equal("guarded", await StateAsync(monitor, "m"));
    }

    /// <summary>Its windows slide once an hour, and at each slide its latest event was just before.</summary>
    [Fact]
    public async Task Between_two_slides_a_busy_model_is_not_silent()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("m") with { Reference = Reported.Reference("m") });
        monitor.Time.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal("guarded", await StateAsync(monitor, "m"));

        monitor.Reports.Update(MovedTo(Reported.Of("m"), Now(monitor)));
        Assert.Equal("silent", await StateAsync(monitor, "m"));
    }

    [Fact]
    public async Task What_has_retired_is_shown_for_a_day()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("m"));
        monitor.Reports.Update(Reported.Of("m", retired: true));
        monitor.Time.Advance(TimeSpan.FromMinutes(30 - 6) + TimeSpan.FromDays(1)); // its latest event was five minutes before
        Assert.Equal("retired", await StateAsync(monitor, "m"));
        monitor.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Empty((await monitor.Scrape()).Of("model_state"));
        Assert.Equal(0, monitor.Services.GetRequiredService<ModelStates>().LabelSets.Alive);

        Reject(monitor, "m");
        Assert.Equal("rejected", await StateAsync(monitor, "m"));
    }

    /// <summary>Of a model with windows, which others may feed with good records, it rejects the few that it reads itself.</summary>
    [Theory]
    [InlineData(false, "guarded")]
    [InlineData(true, "rejected")]
    public async Task The_owner_of_its_windows_rejects_a_model_only_if_nobody_else_reads_it(bool readsAll, string state)
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Services.GetRequiredService<RecentRecords>().ReadsAll = readsAll;
        monitor.Reports.Update(Reported.Of("m") with { Reference = Reported.Reference("m") });
        Reject(monitor, "m");
        Reject(monitor, "without windows");

        Assert.Equal(state, await StateAsync(monitor, "m"));
        Assert.Equal("rejected", await StateAsync(monitor, "without windows"));
        var scrape = await monitor.Scrape();
        Assert.Equal(0, scrape.Value("""model_recent_records{model="m",outcome="accepted"}"""));
        Assert.Equal(1, scrape.Value("""model_recent_records{model="m",outcome="rejected"}"""));
    }

    [Fact]
    public async Task What_moves_away_is_another_replicas_also_when_it_has_left()
    {
        await using var monitor = await ScrapedMonitor.Start();
        foreach (var model in new[] { "left", "moved", "stays" })
        {
            monitor.Alarms.Note(Reported.Of(model));
        }

        monitor.Alarms.Note(Reported.Of("left", retired: true));
        Assert.Equal("retired", await StateAsync(monitor, "left"));

        monitor.Alarms.Forget(model => model != "stays");
        monitor.Alarms.Tell();

        var states = monitor.Services.GetRequiredService<ModelStates>();
        Assert.Equal(["stays"], states.All.Select(model => model.Model));
        Assert.Equal(1, states.LabelSets.Alive);
    }

    [Fact]
    public async Task Of_those_that_have_left_the_latest_are_remembered()
    {
        await using var monitor = await ScrapedMonitor.Start();
        for (var i = 0; i < ReportStore.MaxLeft + 10; i++)
        {
            var report = Reported.Of($"m{i:D4}", retired: true);
            monitor.Reports.Update(Reported.Of($"m{i:D4}"));
            monitor.Reports.Update(report with { Window = report.Window with { LatestEventMs = i } });
        }

        Assert.Equal(ReportStore.MaxLeft, monitor.Reports.Models.Count());
        Assert.Equal("m0010", monitor.Reports.Models.Select(left => left.Model).Min(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_gaps_of_the_reference_in_use_say_how_long_it_may_be_silent()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.References.Use(Reported.References(Reported.Reference("m", blockMs: 8 * 3_600_000))); // so no event for 16 hours at most
        monitor.Reports.Update(Reported.Of("m"));
        monitor.Reports.Update(Reported.Of("other"));

        var scrape = await monitor.Scrape();

        Assert.Equal(20 * 3_600, scrape.Value("""model_silence_limit_seconds{model="m"}"""));
        Assert.Equal(900, scrape.Value("""model_silence_limit_seconds{model="other"}"""));
    }

    private static DriftReport MovedTo(DriftReport report, long toMs) => report with { Window = report.Window with { ToMs = toMs } };

    private static long Now(ScrapedMonitor monitor) => monitor.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private static void Reject(ScrapedMonitor monitor, string name)
    {
        var records = monitor.Services.GetRequiredService<RecentRecords>();
        records.Move(Now(monitor));
        records.Begin();
        var model = monitor.Models.Add(name);
        records.CountRead(model);
        records.CountRejected(model);
    }

    private static async Task<string> StateAsync(ScrapedMonitor monitor, string name)
    {
        var scrape = await monitor.Scrape();
        return SnakeCaseName.Of(
            Enum.GetValues<ModelState>().Single(
                state => scrape.Value($$"""model_state{model="{{name}}",state="{{SnakeCaseName.Of(state)}}"}""") == 1));
    }
}
