using System.Text.RegularExpressions;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// Metrics, rules, dashboards, runbooks and their README know of each other, in both directions. (Metrics against their table:
/// ReadmeTests. Links: DocumentTests.)
/// </summary>
public sealed partial class CatalogueTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "dashboards", "README.md"));
    private static readonly string Runbooks = Path.Combine(RepositoryFiles.Root, "dashboards", "runbooks");

    /// <summary>Every metric of the golden scrape, and the series that a histogram has.</summary>
    private static readonly HashSet<string> Exported = ExportedMetrics();

    private static readonly HashSet<string> Recorded = [.. Record().Matches(AlertRules.Text).Select(match => match.Groups[1].Value)];

    [Fact]
    public void Rules_use_what_is_exported() =>
        Assert.Empty(Used(WithoutRecordNames(AlertRules.Text)).Except(Exported).Except(Recorded));

    [Fact]
    public void Dashboards_use_what_is_exported() => Assert.Empty(Used(DashboardQueries()).Except(Exported).Except(Recorded));

    [Fact]
    public void Runbooks_use_what_is_exported() => Assert.Empty(Used(RunbookTexts()).Except(Exported).Except(Recorded));

    [Fact]
    public void What_is_recorded_is_used() =>
        Assert.Empty(Recorded.Except(Used(WithoutRecordNames(AlertRules.Text)).Concat(Used(DashboardQueries()))));

    [Fact]
    public void What_is_exported_is_shown_or_watched()
    {
        var used = Used(AlertRules.Text + DashboardQueries())
            .Select(name => HistogramSeries().Replace(name, ""))
            .ToHashSet(StringComparer.Ordinal);
        var unused = Help().Matches(Golden()).Select(match => match.Groups[1].Value).Where(metric => !used.Contains(metric));
        Assert.Empty(unused);
    }

    [Fact]
    public void Every_alert_has_its_runbook_and_every_runbook_its_alert()
    {
        var pages = Directory.GetFiles(Runbooks, "*.md")
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Where(name => name is not ("README" or "Reasons"));
        Assert.Equal(AlertRules.Names.Order(), pages.Order());
        Assert.All(
            AlertRules.Names,
            alert => Assert.All(AlertRules.Of(alert), rule => Assert.Matches($"/runbooks/{alert}({{{{ end }}}})?'", rule)));
    }

    [Fact]
    public void Every_alert_stands_in_the_readme_and_no_other() =>
        Assert.Equal(
            AlertRules.Names.Order(),
            AlertRow().Matches(Readme).Select(match => match.Groups[1].Value).Order());

    [Fact]
    public void Every_runbook_can_be_followed_by_a_sleepy_person() => Assert.All(AlertRules.Names, alert =>
    {
        var text = File.ReadAllText(Path.Combine(Runbooks, $"{alert}.md"));
        Assert.StartsWith($"# {alert}\n", text, StringComparison.Ordinal);
        Assert.All(
            ["## What it means\n", "## Look at this first\n", "## What to do\n", "## Silence it\n", $"alertname={alert} "],
            part => Assert.Contains(part, text, StringComparison.Ordinal));
        if (alert.StartsWith("Model", StringComparison.Ordinal))
        {
            Assert.Contains("## Drift, noise or broken logging?\n", text, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void Every_alert_has_what_a_page_needs() => Assert.All(AlertRules.Names, alert => Assert.All(
        ["for:", "keep_firing_for:", "severity:", "subject:", "summary:", "description:", "runbook_url:"],
        part => Assert.All(AlertRules.Of(alert), rule => Assert.Contains(part, rule, StringComparison.Ordinal))));

    private static string Golden() =>
        File.ReadAllText(Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Metrics", "Scrape.golden.txt"));

    private static HashSet<string> ExportedMetrics() =>
    [
        .. Help().Matches(Golden()).Select(match => match.Groups[1].Value),
        .. new Scrape(Golden()).Samples.Select(sample => sample.Split('{', ' ')[0]),
    ];

    private static string DashboardQueries() =>
        string.Join('\n', Dashboards.All.Values.SelectMany(Dashboards.Queries).Select(query => query.Query));

    private static string RunbookTexts() => string.Concat(Directory.GetFiles(Runbooks, "*.md").Select(File.ReadAllText));

    private static string WithoutRecordNames(string rules) => Record().Replace(rules, "");

    private static IEnumerable<string> Used(string text) => Metric().Matches(text).Select(match => match.Value).Distinct();

    [GeneratedRegex(@"\bdriftmonitor[_:]\w[\w:]*\b")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^# HELP (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex(@"record: (\S+)")]
    private static partial Regex Record();

    [GeneratedRegex(@"_(bucket|sum|count)$")]
    private static partial Regex HistogramSeries();

    [GeneratedRegex(@"^\| \[`(\w+)`\]\(runbooks/\1\.md\) \|", RegexOptions.Multiline)]
    private static partial Regex AlertRow();
}
