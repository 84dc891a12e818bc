using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>Who has no mouse comes from the first page to an acknowledgement, and always sees where they are.</summary>
public sealed class KeyboardTests(Browser browser)
{
    private const int MostSteps = 40;

    private const string Focused =
        """
        () => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return document.activeElement === document.body || outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
        }
        """;

    [Theory]
    [InlineData(Stage.Drifting)]
    [InlineData(Stage.Bounded)]
    public async Task Alarm_is_acknowledged_by_keys_alone(string model)
    {
        await using var monitor = await Stage.ChangeableAsync();
        Stage.Drift(monitor, model);
        await using var tab = await browser.OpenAsync(monitor);
        var page = tab.Page;
        await tab.GoAsync(monitor, "/");

        await StepToAsync(page, page.Locator(".alarm .what a").First);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".hero h1")).ToHaveTextAsync(model);

        var open = page.Locator("button[data-opens=acknowledge]");
        await StepToAsync(page, open);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#by")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(open).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync("Ann");
        await StepToAsync(page, page.Locator("#why"));
        await page.Keyboard.TypeAsync("a new camera");
        await StepToAsync(page, page.Locator("#acknowledge-token"));
        await page.Keyboard.TypeAsync(Stage.Changer);
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Locator("#acknowledge")).Not.ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("Ann (ops)");
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("a new camera");
        await Assertions.Expect(open).ToBeFocusedAsync();
        Assert.Equal("Ann (ops)", monitor.Alarms.Of(model).On.First(alarm => alarm.Acknowledged is not null).Acknowledged!.By);
        tab.FindsNoFault(monitor.Address);
    }

    private static async Task StepToAsync(IPage page, ILocator wanted)
    {
        for (var step = 0; step < MostSteps; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.True(await page.EvaluateAsync<bool>(Focused), "what has the focus does not show it");
            if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
        }

        Assert.Fail($"{MostSteps} steps do not lead to {wanted}");
    }
}
