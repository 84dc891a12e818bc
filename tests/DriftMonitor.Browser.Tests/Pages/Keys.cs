using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>What somebody without a mouse does, who must always see where they are.</summary>
internal static class Keys
{
    private const int MostSteps = 60;

    private const string Focused =
        """
        () => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return document.activeElement === document.body || outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
        }
        """;

    /// <summary>Goes on to a part of the page with the tabulator.</summary>
    public static async Task StepToAsync(this IPage page, ILocator wanted)
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

    /// <summary>Goes there, and presses it.</summary>
    public static async Task PressAsync(this IPage page, ILocator wanted)
    {
        await page.StepToAsync(wanted);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Goes to a field for a time, and types its parts: month, day, year, hour, minute, and which half of the day.</summary>
    public static async Task TypeTimeAsync(this IPage page, ILocator field, DateTimeOffset time)
    {
        await page.StepToAsync(field);
        foreach (var part in (string[])["MM", "dd", "yyyy", "hh", "mm", "tt"])
        {
            await page.Keyboard.TypeAsync(time.ToString(part, System.Globalization.CultureInfo.InvariantCulture));
            if (part == "yyyy")
            {
                await page.Keyboard.PressAsync("ArrowRight"); // a year may have six digits
            }
        }

        await Assertions.Expect(field).ToHaveValueAsync(
            time.ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture));
    }
}
