namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>What draws the dashboards can draw all that is in them.</summary>
public sealed class DashboardPageTests(Browser browser)
{
    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var dashboard in Dashboard.Names)
            {
                cases.Add(dashboard, false);
                cases.Add(dashboard, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_panel_is_drawn_from_what_is_in_the_page(string name, bool prometheusKnowsNothing)
    {
        await using var prometheus = await StubPrometheus.StartAsync(prometheusKnowsNothing);
        var dashboard = Dashboard.Read(name);
        var html = await DashboardPage.WriteAsync(
            dashboard, new TimeGrid(From: 1_000_000, To: 1_003_600, Scrape: 15), prometheus.Http, PlottingFiles.Read(),
            "of a stub");
        await using var tab = await browser.OpenAsync(width: 1_600);
        await tab.Page.SetContentAsync(html);
        Assert.Empty(tab.Errors);
        Assert.Empty(tab.Requests);
        Assert.Equal(dashboard.Panels.Count(), await tab.Page.Locator("section.panel .body:not(:empty)").CountAsync());
        Assert.Contains("this is not Grafana", await tab.Page.Locator("header").InnerTextAsync(), StringComparison.Ordinal);
        await tab.Page.Locator("body[data-drawn=true]").WaitForAsync();
        if (prometheusKnowsNothing)
        {
            Assert.DoesNotContain("No data", await tab.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_it_cannot_draw_is_an_error()
    {
        await using var prometheus = await StubPrometheus.StartAsync(knowsNothing: false);
        var dashboard = Dashboard.Read("overview");
        dashboard.Panels.First()["type"] = "piechart";
        var html = await DashboardPage.WriteAsync(
            dashboard, new TimeGrid(From: 1_000_000, To: 1_003_600, Scrape: 15), prometheus.Http, PlottingFiles.Read(), "");
        await using var tab = await browser.OpenAsync();
        await tab.Page.SetContentAsync(html);
        Assert.Contains(tab.Errors, error => error.Contains("panels piechart are not drawn", StringComparison.Ordinal));
    }
}
