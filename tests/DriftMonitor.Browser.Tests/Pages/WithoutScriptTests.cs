namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>Pages read where scripts do not run: all but charts is there, in UTC.</summary>
public sealed class WithoutScriptTests(Browser browser, Stages stages)
{
    [Fact]
    public async Task Every_screen_reads()
    {
        foreach (var stage in Scene.All.GroupBy(scene => scene.Stage))
        {
            var monitor = await stages.OfAsync(stage.First());
            await using var tab = await browser.OpenAsync(monitor, scripts: false, zone: "America/New_York");
            foreach (var scene in stage)
            {
                await tab.GoAsync(monitor, scene.Path, scene.Status);
                Assert.Contains(scene.Words, await tab.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
                Assert.Equal(0, await tab.Page.Locator(".script:visible").CountAsync());
                var times = await tab.Page.Locator("time:visible").AllInnerTextsAsync();
                Assert.All(times, time => Assert.EndsWith("Z", time, StringComparison.Ordinal));
            }

            Assert.DoesNotContain(tab.Requests, address => address.Authority != monitor.Address.Authority);
        }
    }

    [Fact]
    public async Task With_scripts_times_are_local_with_UTC_beside_them()
    {
        var scene = Scene.Named("alarm, critical");
        var monitor = await stages.OfAsync(scene);
        await using var tab = await browser.OpenAsync(monitor, zone: "America/New_York");
        await tab.GoAsync(monitor, scene.Path);
        Assert.Equal("19:44:00 EST (2026-01-01 00:44:00Z)", await tab.Page.Locator(".facts time").First.InnerTextAsync());
    }
}
