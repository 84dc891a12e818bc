using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>Draws the pictures of <c>src/DriftMonitor.Worker/Pages/pictures</c>, into <c>DRIFTMONITOR_PICTURES</c>.</summary>
public sealed class PagePicturesTests(Browser browser, Stages stages)
{
    [Theory(Explicit = true)]
    [InlineData("alarm", "alarm, critical", false)]
    [InlineData("alarm-phone", "alarm, critical", true)]
    [InlineData("alarms", "alarms", false)]
    [InlineData("model", "model, alarm", false)]
    public async Task Of_a_screen(string picture, string name, bool phone)
    {
        Assert.SkipWhen(Walk.Pictures is null, "DRIFTMONITOR_PICTURES is not set");
        var scene = Scene.Named(name);
        var monitor = await stages.OfAsync(scene);
        await using var tab = await browser.OpenAsync(monitor, phone ? Look.Phone : Look.Desk);
        await tab.GoAsync(monitor, scene.Path);
        await tab.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await Walk.KeepAsync(tab.Page, picture);
    }
}
