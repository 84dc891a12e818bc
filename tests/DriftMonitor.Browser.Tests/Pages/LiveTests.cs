using System.Text.RegularExpressions;
using DriftMonitor.Worker.State;
using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>An open page shows what comes, and leaves alone what its reader does meanwhile. Both clocks are ours.</summary>
public sealed class LiveTests(Browser browser)
{
    private const int RefreshMs = 11_000;
    private const int RedrawMs = 16_000;

    private const string DrawnPixels =
        """
        canvas => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let drawn = 0;
          for (let i = 3; i < data.length; i += 4) drawn += data[i] > 0;
          return drawn;
        }
        """;

    [Fact]
    public async Task Refresh_brings_new_alarms_and_keeps_what_the_reader_does()
    {
        await using var monitor = await Stage.ChangeableAsync();
        Stage.Quiet(monitor, "steady");
        await using var tab = await browser.OpenAsync(monitor);
        var page = tab.Page;
        await tab.GoAsync(monitor, "/");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("No alarm is on");
        await page.Locator("#filter summary").ClickAsync();
        await page.Locator("#search").FillAsync("half a wo");

        Stage.Drift(monitor, Stage.Drifting);
        await page.Clock.RunForAsync(RefreshMs);
        await Assertions.Expect(page.Locator(".alarm.critical .what a")).ToHaveTextAsync(Stage.Drifting);
        await Assertions.Expect(page).ToHaveTitleAsync(new Regex("^▲1 .*Alarms · DriftMonitor$"));
        await Assertions.Expect(page.Locator("#filter")).ToHaveAttributeAsync("open", "");
        await Assertions.Expect(page.Locator("#search")).ToHaveValueAsync("half a wo");
        await Assertions.Expect(page.Locator("#search")).ToBeFocusedAsync();
        tab.FindsNoFault(monitor.Address);
    }

    [Fact]
    public async Task Dialog_stays_open_with_what_is_typed_while_the_page_refreshes()
    {
        await using var monitor = await Stage.ChangeableAsync();
        Stage.Drift(monitor, Stage.Drifting);
        await using var tab = await browser.OpenAsync(monitor);
        var page = tab.Page;
        await tab.GoAsync(monitor, $"/alarm?model={Stage.Drifting}");
        await page.Locator("button[data-opens=acknowledge]").ClickAsync();
        await page.Locator("#why").FillAsync("looking at");

        monitor.Time.Advance(TimeSpan.FromMinutes(7));
        await page.Clock.RunForAsync(RefreshMs);
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("23 min ago");
        await Assertions.Expect(page.Locator("#acknowledge")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#why")).ToHaveValueAsync("looking at");
        await Assertions.Expect(page.Locator("#why")).ToBeFocusedAsync();
        tab.FindsNoFault(monitor.Address);
    }

    [Fact]
    public async Task Chart_is_drawn_and_goes_on_with_the_next_slide()
    {
        await using var monitor = await Stage.ChangeableAsync();
        Stage.Drift(monitor, Stage.Drifting);
        await using var tab = await browser.OpenAsync(monitor);
        var page = tab.Page;
        await tab.GoAsync(monitor, $"/model?model={Stage.Drifting}");
        var canvas = page.Locator("[data-plot] canvas");
        await Assertions.Expect(canvas).ToBeVisibleAsync();
        Assert.True(await canvas.EvaluateAsync<int>(DrawnPixels) > 1_000);
        var rows = page.Locator("[data-table] tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(Stage.Now);
        await Assertions.Expect(page.Locator("[data-note]")).ToContainTextAsync("what was before is not kept");

        monitor.Alarms.Note(Stage.Report(Stage.Drifting, Stage.Now + 2));
        await page.Clock.RunForAsync(RedrawMs);
        await Assertions.Expect(rows).ToHaveCountAsync(Stage.Now + 1);
        await Assertions.Expect(rows.First).ToContainTextAsync("01:02:00Z");
        tab.FindsNoFault(monitor.Address);
    }

    [Fact]
    public async Task Chart_says_why_it_is_empty()
    {
        await using var monitor = await Stage.ChangeableAsync();
        monitor.Reports.Update(Stage.Report("taken over", Stage.Now)); // known, and not evaluated here yet
        await using var tab = await browser.OpenAsync(monitor);
        await tab.GoAsync(monitor, "/model?model=taken%20over");
        await Assertions.Expect(tab.Page.Locator("[data-note]")).ToContainTextAsync(
            "No history yet: this replica has just started, or has taken the model over.");
        Assert.Equal(0, await tab.Page.Locator("[data-plot] canvas").CountAsync());
        tab.FindsNoFault(monitor.Address);
    }

    /// <summary>Whose windows are evaluated with every slide, and never bring a point.</summary>
    [Fact]
    public async Task Chart_of_a_model_without_a_reference_says_that_it_lacks_one()
    {
        await using var monitor = await Stage.ChangeableAsync();
        monitor.Alarms.Note(Stage.Report("bare", Stage.Now) with { Divergences = null, Reference = null, Contributions = [] });
        await using var tab = await browser.OpenAsync(monitor);
        await tab.GoAsync(monitor, "/model?model=bare");
        await Assertions.Expect(tab.Page.Locator("[data-note]")).ToContainTextAsync("There is no reference to compare this window with");
        tab.FindsNoFault(monitor.Address);
    }

    /// <summary>Of a ring that is full: what is older is out of the chart, and is no more than was promised.</summary>
    [Fact]
    public async Task Chart_of_all_that_is_kept_has_every_point_in_its_table_in_the_reader_s_time_and_utc()
    {
        await using var monitor = await Stage.ChangeableAsync();
        for (var minute = 1; minute <= EvaluationHistory.Points + 1; minute++)
        {
            monitor.Alarms.Note(Stage.Report(Stage.Drifting, minute));
        }

        await using var tab = await browser.OpenAsync(monitor, zone: "Asia/Tokyo");
        await tab.GoAsync(monitor, $"/model?model={Stage.Drifting}");
        var rows = tab.Page.Locator("[data-table] tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(EvaluationHistory.Points);
        await Assertions.Expect(rows.First).ToContainTextAsync("2026-01-01 13:01:00 GMT+9 (04:01:00Z)");
        await Assertions.Expect(tab.Page.Locator("[data-note]")).ToBeHiddenAsync();
        await tab.Page.Locator("[data-plot] .u-over").HoverAsync();
        await Assertions.Expect(tab.Page.Locator(".u-legend .u-value").First).ToHaveTextAsync(
            new Regex(@"^2026-01-01 1\d:\d\d:\d\d GMT\+9 \(0\d:\d\d:\d\dZ\)$"));
        tab.FindsNoFault(monitor.Address);
    }

    /// <summary>What is shown is not silently old.</summary>
    [Fact]
    public async Task Monitor_that_does_not_answer_is_told_and_what_was_shown_stays()
    {
        await using var monitor = await Stage.ChangeableAsync();
        Stage.Drift(monitor, Stage.Drifting);
        await using var tab = await browser.OpenAsync(monitor);
        await tab.GoAsync(monitor, "/");
        await tab.Page.Context.SetOfflineAsync(true);
        await tab.Page.Clock.RunForAsync(RefreshMs);
        await Assertions.Expect(tab.Page.Locator("#stale")).ToContainTextAsync("the monitor does not answer");
        await Assertions.Expect(tab.Page.Locator("#stale")).ToContainTextAsync("as of 01:00:0");
        await Assertions.Expect(tab.Page.Locator(".alarm.critical .what a")).ToHaveTextAsync(Stage.Drifting);
        await tab.Page.Context.SetOfflineAsync(false);
        await tab.Page.Clock.RunForAsync(RefreshMs);
        await Assertions.Expect(tab.Page.Locator("#stale")).ToBeHiddenAsync();
    }
}
