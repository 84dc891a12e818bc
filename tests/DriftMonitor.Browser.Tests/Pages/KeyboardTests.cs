using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>Who has no mouse comes from the first page to an acknowledgement and back, and always sees where they are.</summary>
public sealed class KeyboardTests(Browser browser)
{
    [Theory]
    [InlineData(Stage.Drifting)]
    [InlineData(Stage.Bounded)]
    public async Task Alarm_is_acknowledged_and_given_back_by_keys_alone(string model)
    {
        await using var monitor = await Stage.ChangeableAsync();
        Stage.Drift(monitor, model);
        await using var tab = await browser.OpenAsync(monitor);
        var page = tab.Page;
        await tab.GoAsync(monitor, "/");

        await page.PressAsync(page.Locator(".alarm .what a").First);
        await Assertions.Expect(page.Locator(".hero h1")).ToHaveTextAsync(model);

        var open = page.Locator("button[data-opens=acknowledge]");
        await page.PressAsync(open);
        await Assertions.Expect(page.Locator("#by")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(open).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync("Ann");
        await page.StepToAsync(page.Locator("#why"));
        await page.Keyboard.TypeAsync("a new camera");
        await page.StepToAsync(page.Locator("#acknowledge-token"));
        await page.Keyboard.TypeAsync(Stage.Changer);
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Locator("#acknowledge")).Not.ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("Ann (ops)");
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("a new camera");
        await Assertions.Expect(open).ToBeFocusedAsync();
        Assert.Equal("Ann (ops)", monitor.Alarms.Of(model).On.First(alarm => alarm.Acknowledged is not null).Acknowledged!.By);

        await page.Keyboard.PressAsync("Enter"); // the token is held by now
        await page.PressAsync(page.Locator("#acknowledge button[name=withdraw]"));
        await Assertions.Expect(page.Locator("#acknowledge")).Not.ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("nobody yet");
        await Assertions.Expect(open).ToBeFocusedAsync();
        Assert.All(monitor.Alarms.Of(model).On, alarm => Assert.Null(alarm.Acknowledged));
        tab.FindsNoFault(monitor.Address);
    }
}
