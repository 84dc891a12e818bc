using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>What Grafana would not complain of, and a reader would. The queries are run by <see cref="WatchedModelTests"/>.</summary>
public sealed partial class DashboardTests
{
    public static TheoryData<string> Names => [.. Dashboards.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Can_be_provisioned_as_it_is(string name)
    {
        var dashboard = Dashboards.All[name];
        Assert.Equal($"driftmonitor-{name}", (string?)dashboard["uid"]);
        Assert.Null(dashboard["__inputs"]);
        Assert.Null(dashboard["id"]);
        Assert.Equal("datasource", (string?)dashboard["templating"]!["list"]![0]!["type"]);
        var sources = Dashboards.Panels(dashboard).SelectMany(panel => panel["targets"]!.AsArray().Append(panel))
            .Concat(dashboard["annotations"]!["list"]!.AsArray())
            .Concat(dashboard["templating"]!["list"]!.AsArray().Skip(1));
        Assert.All(sources, part => Assert.Equal("${datasource}", (string?)part!["datasource"]!["uid"]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_panel_says_what_it_shows(string name)
    {
        var panels = Dashboards.Panels(Dashboards.All[name]);
        Assert.All(panels, panel =>
        {
            var defaults = panel["fieldConfig"]!["defaults"]!;
            Assert.False(string.IsNullOrWhiteSpace((string?)panel["title"]));
            Assert.EndsWith(".", (string?)panel["description"], StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace((string?)defaults["unit"]));
            Assert.False(string.IsNullOrWhiteSpace((string?)defaults["noValue"]));
            Assert.All(panel["targets"]!.AsArray(), target => Assert.False(string.IsNullOrWhiteSpace((string?)target!["legendFormat"])));
            Assert.True(
                (string?)panel["type"] is "table" or "stat" || panel["options"]!["legend"] is not null, $"{panel["title"]}: no legend");
        });
        var all = Dashboards.All[name]["panels"]!.AsArray();
        Assert.Equal(all.Count, all.Select(panel => (int)panel!["id"]!).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_two_panels_lie_on_each_other(string name)
    {
        static IEnumerable<(int X, int Y)> Cells(JsonNode place) =>
            from x in Enumerable.Range((int)place["x"]!, (int)place["w"]!)
            from y in Enumerable.Range((int)place["y"]!, (int)place["h"]!)
            select (x, y);
        var cells = Dashboards.All[name]["panels"]!.AsArray().SelectMany(panel => Cells(panel!["gridPos"]!)).ToArray();
        Assert.Equal(cells.Length, cells.Distinct().Count());
        Assert.All(cells, cell => Assert.InRange(cell.X, 0, 23));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_variable_in_a_query_is_one_of_the_dashboard(string name)
    {
        var dashboard = Dashboards.All[name];
        var variables = dashboard["templating"]!["list"]!.AsArray()
            .Select(variable => (string)variable!["name"]!)
            .Append("__rate_interval")
            .ToArray();
        Assert.All(
            Dashboards.Queries(dashboard),
            query => Assert.All(Variable().Matches(query.Query), match => Assert.Contains(match.Groups[1].Value, variables)));
    }

    /// <summary>What is needed first comes first: is the monitor alive, what is on; of a model its alarms, and how far it is.</summary>
    [Theory]
    [InlineData("overview", "Replicas up and restored", "Critical alarms", "Models that nothing guards", "Records rejected")]
    [InlineData("overview", "Critical alarms", "Alarms that are on", "State of the models", "Firing alerts")]
    [InlineData("model", "Alarms", "KL(live‖reference)", "Sudden or gradual", "Contributions per class", "Cross-entropy of labels")]
    [InlineData("model", "Alarms", "A drift that lasts (CUSUM)", "Live against reference", "Events in the window", "Reference in use")]
    [InlineData("pipeline", "Lag", "Rejects by reason", "References in use", "Calibration time")]
    public void Panels_stand_in_the_order_of_need(string name, params string[] titles)
    {
        var places = Dashboards.Panels(Dashboards.All[name]).ToDictionary(
            panel => (string)panel["title"]!, panel => (Y: (int)panel["gridPos"]!["y"]!, X: (int)panel["gridPos"]!["x"]!));
        Assert.Equal(titles, titles.OrderBy(title => places[title]));
    }

    /// <summary>What is unknown, since no monitor answers, is neither green nor 0: only the number of replicas is.</summary>
    [Fact]
    public void A_dead_monitor_is_not_shown_as_a_quiet_one()
    {
        var stats = Dashboards.Panels(Dashboards.All["overview"]).Where(panel => (string?)panel["type"] == "stat").ToArray();
        Assert.All(stats, panel => Assert.Contains(
            (string)panel["fieldConfig"]!["defaults"]!["thresholds"]!["steps"]![0]!["color"]!, (string[])["gray", "red"]));
        Assert.Equal(
            ["Replicas up and restored"],
            stats.Where(panel => ((string)panel["targets"]![0]!["expr"]!).Contains("or vector(0)", StringComparison.Ordinal))
                .Select(panel => (string)panel["title"]!));
    }

    /// <summary>The range of a lasting value that ended with the monitor would show how things were, as if they still were so.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Single_numbers_are_of_the_end_of_the_time_that_is_shown(string name) => Assert.All(
        Dashboards.Panels(Dashboards.All[name]).Where(panel => (string?)panel["type"] is "stat" or "bargauge" or "table" or "barchart"),
        panel => Assert.All(panel["targets"]!.AsArray(), target => Assert.True((bool)target!["instant"]!)));

    /// <summary>It always fires, so it would be on every panel, always.</summary>
    [Fact]
    public void The_watchdog_is_no_alert_of_a_dashboard() => Assert.All(
        Dashboards.All.Values.SelectMany(Dashboards.Queries)
            .Where(query => query.Query.StartsWith("sum by (alertname", StringComparison.Ordinal)
                || query.Query.StartsWith("ALERTS", StringComparison.Ordinal)),
        query => Assert.True(
            !query.Query.Contains("monitor", StringComparison.Ordinal)
            || query.Query.Contains("severity!=\"watchdog\"", StringComparison.Ordinal), query.Query));

    /// <summary>A warning is yellow: red is what somebody gets up for.</summary>
    [Theory]
    [InlineData("overview", "Alerts of the models")]
    [InlineData("model", "Alarms")]
    public void Warnings_are_not_red(string name, string title)
    {
        var shown = Dashboards.Panels(Dashboards.All[name]).Single(panel => (string?)panel["title"] == title);
        var defaults = shown["fieldConfig"]!["defaults"]!;
        string Color(string text)
        {
            var value = defaults["mappings"]!.AsArray().SelectMany(mapping => mapping!["options"]!.AsObject())
                .Single(option => (string?)option.Value!["text"] == text).Key;
            return defaults["thresholds"]!["steps"]!.AsArray()
                .Where(step => step!["value"]?.GetValue<double>().ToString(CultureInfo.InvariantCulture) == value)
                .Select(step => (string)step!["color"]!)
                .Single();
        }

        Assert.Equal(("yellow", "red"), (Color("warning"), Color("critical")));
    }

    /// <summary>Against the types of <c>@grafana/schema</c>, by its compiler: that package ships no JSON schema.</summary>
    [Fact]
    public async Task Grafanas_own_types_have_nothing_against_them()
    {
        Tool.Need("node");
        var directory = Directory.CreateTempSubdirectory("driftmonitor-grafana-");
        try
        {
            foreach (var file
                in Directory.GetFiles(
                    Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Watching", "GrafanaSchema")))
            {
                File.Copy(file, Path.Combine(directory.FullName, Path.GetFileName(file)));
            }

            await Tool.NpmAsync(
                "install", "--prefix", directory.FullName, "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund");
            var (exitCode, output) = await Tool.RunAsync("node", Path.Combine(directory.FullName, "check.mjs"), Dashboards.Directory);
            Assert.True(exitCode == 0, output);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_pages_that_alerts_lead_to_are_there()
    {
        var pages = Page().Matches(AlertRules.Text).Select(match => match.Groups[1].Value).Distinct();
        Assert.All(pages, page => Assert.Contains(Dashboards.All.Values, dashboard => (string)dashboard["uid"]! == page));
        var variables = LinkVariable().Matches(AlertRules.Text).Select(match => match.Groups[1].Value).Distinct();
        Assert.All(
            variables, variable =>
                Assert.Contains(Dashboards.All["model"]["templating"]!["list"]!.AsArray(), known => (string)known!["name"]! == variable));
    }

    [GeneratedRegex(@"\$\{?(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"/d/([\w-]+)")]
    private static partial Regex Page();

    [GeneratedRegex(@"[?&]var-(\w+)=")]
    private static partial Regex LinkVariable();
}
