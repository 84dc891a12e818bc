using DriftMonitor.Worker.Tests;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>
/// Draws the pictures of <c>dashboards/pictures</c>: half an hour for what is recorded first, a minute for pictures of what was.
/// </summary>
public sealed class PicturesTests(Browser browser)
{
    /// <summary>Where to record, or what was recorded; a temporary directory if it is not set.</summary>
    private static readonly string? Kept = Environment.GetEnvironmentVariable("DRIFTMONITOR_RECORDING");

    private static readonly string Pictures = Path.Combine(RepositoryFiles.Root, "dashboards", "pictures");

    private static readonly (string Dashboard, string Moment)[] Wanted =
    [
        ("overview", "quiet"), ("model", "quiet"), ("overview", "alarm"), ("model", "alarm"), ("overview", "dead"), ("model", "dead"),
        ("pipeline", "dead"),
    ];

    [Fact(Explicit = true)]
    public async Task Of_a_quiet_day_an_alarm_and_a_dead_monitor()
    {
        var directory = Kept is null ? Directory.CreateTempSubdirectory("driftmonitor-pictures-") : Directory.CreateDirectory(Kept);
        Recording[] recordings =
        [
            await Recording.OfAsync(directory.CreateSubdirectory("day"), QuietDay.RecordAsync),
            await Recording.OfAsync(directory.CreateSubdirectory("live"), LiveRecording.RecordAsync),
        ];
        foreach (var recording in recordings)
        {
            using var prometheus = await Recording.ServeAsync(recording.Directory);
            foreach (var (dashboard, moment) in Wanted.SelectMany(
                wanted => recording.Moments.Where(moment => moment.Name == wanted.Moment).Select(moment => (wanted.Dashboard, moment))))
            {
                var html = await DashboardPage.WriteAsync(
                    Dashboard.Read(dashboard), moment.ToGrid(), prometheus.Http, PlottingFiles.Read(), moment.Caption);
                await using var tab = await browser.OpenAsync(width: 1_600);
                await tab.Page.SetContentAsync(html);
                Assert.Empty(tab.Errors);
                await File.WriteAllBytesAsync(
                    Path.Combine(Pictures, $"{dashboard}-{moment.Name}.png"), await Picture.TakeAsync(tab),
                    TestContext.Current.CancellationToken);
            }
        }

        if (Kept is null)
        {
            directory.Delete(recursive: true);
        }
    }
}
