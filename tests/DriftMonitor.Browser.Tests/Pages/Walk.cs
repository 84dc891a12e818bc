using System.Diagnostics;
using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>What somebody does on pages, counted, with a picture after each step where pictures are kept.</summary>
internal sealed class Walk(IPage page)
{
    /// <summary>Where pictures go: <c>DRIFTMONITOR_PICTURES</c>.</summary>
    public static readonly string? Pictures = Environment.GetEnvironmentVariable("DRIFTMONITOR_PICTURES");

    private const int MostBytes = 250_000;

    private readonly List<string> _steps = [];
    private readonly Stopwatch _watch = new();

    /// <summary>What was done, a line each.</summary>
    public IReadOnlyList<string> Steps => _steps;

    /// <summary>How long it takes the browser and the monitor since the link was opened: who walks it reads and types, too.</summary>
    public TimeSpan Elapsed => _watch.Elapsed;

    public async Task OpenAsync(Uri address)
    {
        _steps.Add("opens the link");
        _watch.Start();
        Assert.Equal(200, (await page.GotoAsync(address.ToString()))!.Status);
    }

    public async Task PressAsync(string name)
    {
        _steps.Add($"presses '{name}'");
        var open = page.Locator("dialog[open]");
        var place = await open.CountAsync() > 0 ? open : page.Locator("body");
        await place.Locator($"button:text-is('{name}'):visible, a:text-is('{name}'):visible").First.ClickAsync();
    }

    public async Task TypeAsync(string label, string text)
    {
        _steps.Add($"types '{label}'");
        await page.GetByLabel(label, new() { Exact = false }).And(page.Locator(":visible")).FillAsync(text);
    }

    /// <summary>Sees words, and keeps what is seen with them.</summary>
    public async Task SeeAsync(string picture, string selector, params string[] words)
    {
        foreach (var text in words)
        {
            await Assertions.Expect(page.Locator(selector).First).ToContainTextAsync(text, new() { Timeout = 30_000 });
        }

        await KeepAsync(page, $"walk-{picture}");
    }

    /// <summary>What the window shows, as a PNG.</summary>
    public static async Task KeepAsync(IPage page, string name)
    {
        if (Pictures is not null)
        {
            var picture = await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"{name}.png") });
            Assert.InRange(picture.Length, 1, MostBytes);
        }
    }
}
