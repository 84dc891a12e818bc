using System.Net;
using System.Text.Json.Nodes;
using DriftMonitor.Worker.Tests;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>One HTML page that shows a dashboard and loads nothing: data, styles and scripts are in it.</summary>
internal static class DashboardPage
{
    public const string Disclaimer = "Drawn from the dashboard's JSON by tests/DriftMonitor.Browser.Tests; this is not Grafana.";

    private static readonly string Folder =
        Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Browser.Tests", "Dashboards", "page");

    private static readonly string[] Scripts = ["format.js", "frames.js", "series.js", "panels.js", "draw.js"];

    /// <summary>Where a file of the page is.</summary>
    public static string PathOf(string file) => Path.Combine(Folder, file);

    /// <param name="dashboard">Which.</param>
    /// <param name="grid">The time that is shown.</param>
    /// <param name="prometheus">A client with the address of a Prometheus.</param>
    /// <param name="plotting">Where uPlot's script and style sheet are.</param>
    /// <param name="caption">What is seen.</param>
    public static async Task<string> WriteAsync(
        Dashboard dashboard, TimeGrid grid, HttpClient prometheus, PlottingFiles plotting, string caption)
    {
        var questions = new DashboardData(prometheus, dashboard, grid);
        var data = await questions.AskAsync();
        string Page(string file) => File.ReadAllText(PathOf(file));
        var time = $"{TimeText(grid.From)} to {TimeText(grid.To)} UTC";
        return $"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <link rel="icon" href="data:,">
            <title>{Html(dashboard.Title)}</title>
            <style>{plotting.Style}{Page("page.css")}</style>
            <header>
            <p class="not">{Disclaimer}</p>
            <h1>{Html(dashboard.Title)}</h1><p>{Html(questions.Variables)}</p><p>{time}</p><p>{Html(caption)}</p>
            </header>
            <main></main>
            <script type="application/json" id="data">{InScript(data)}</script>
            <script>{plotting.Script}</script>
            {string.Concat(Scripts.Select(script => $"<script>{Page(script)}</script>\n"))}
            </html>
            """;
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    /// <summary>No text of a label ends the script that holds it.</summary>
    private static string InScript(JsonNode data) => data.ToJsonString().Replace("<", @"\u003c", StringComparison.Ordinal);

    private static string TimeText(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
