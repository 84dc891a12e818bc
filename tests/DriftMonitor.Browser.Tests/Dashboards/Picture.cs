using System.Text;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>A picture of a whole page, small enough to be kept in the repository.</summary>
internal static class Picture
{
    /// <summary>A PNG of at most 256 colours: the browser itself makes it of its screenshot.</summary>
    public static async Task<byte[]> TakeAsync(Tab tab)
    {
        var png = await tab.Page.ScreenshotAsync(new() { FullPage = true });
        var script = await File.ReadAllTextAsync(DashboardPage.PathOf("palette.js"), Encoding.UTF8);
        await tab.Page.AddScriptTagAsync(new() { Content = script });
        return Convert.FromBase64String(await tab.Page.EvaluateAsync<string>("png => withPalette(png)", Convert.ToBase64String(png)));
    }
}
