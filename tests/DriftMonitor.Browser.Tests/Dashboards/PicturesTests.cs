using DriftMonitor.Worker.Tests;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>
/// Draws the pictures of <c>dashboards/pictures</c>: half an hour for a recording, some seconds for the pictures of one that is there.
/// </summary>
public sealed class PicturesTests(Browser browser)
{
    /// <summary>Where to record, or what was recorded; a temporary directory if it is not set.</summary>
    private static readonly string? Kept = Environment.GetEnvironmentVariable("DRIFTMONITOR_RECORDING");

    private static readonly string Pictures = Path.Combine(RepositoryFiles.Root, "dashboards", "pictures");

    [Fact(Explicit = true)]
    public async Task Are_drawn()
    {
        var directory = Kept is null ? Directory.CreateTempSubdirectory("driftmonitor-pictures-") : Directory.CreateDirectory(Kept);
        var recording = await Recording.OfAsync(directory);
        var plotting = await PlottingFiles.FindAsync();
        using var prometheus = await recording.ServeAsync();
        foreach (var (name, moment) in recording.Moments)
        {
            foreach (var dashboard in Dashboard.Names)
            {
                var page = await DashboardPage.WriteAsync(
                    Dashboard.Read(dashboard), moment.Grid, prometheus.Http, plotting, moment.Caption);
                await using var tab = await browser.OpenAsync(width: 1_600, height: 900);
                await tab.Page.SetContentAsync(page);
                Assert.Empty(tab.Errors);
                await File.WriteAllBytesAsync(
                    Path.Combine(Pictures, $"{dashboard}-{name}.png"), await Picture.TakeAsync(tab), TestContext.Current.CancellationToken);
            }
        }
    }
}
