namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>A picture of a whole page, small enough to be kept in the repository.</summary>
internal static class Picture
{
    private const int MostBytes = 240_000;

    /// <summary>A PNG with a palette, which the browser itself makes of its screenshot: of fewer colours if it is too large.</summary>
    public static async Task<byte[]> TakeAsync(Tab tab)
    {
        var screenshot = Convert.ToBase64String(await tab.Page.ScreenshotAsync(new() { FullPage = true }));
        await tab.Page.AddScriptTagAsync(new() { Content = await File.ReadAllTextAsync(DashboardPage.PathOf("palette.js")) });
        byte[] picture = [];
        foreach (var colors in (int[])[256, 128, 64, 32])
        {
            picture = Convert.FromBase64String(
                await tab.Page.EvaluateAsync<string>("([png, colors]) => withPalette(png, colors)", new object[] { screenshot, colors }));
            if (picture.Length <= MostBytes)
            {
                break;
            }
        }

        return picture;
    }
}
