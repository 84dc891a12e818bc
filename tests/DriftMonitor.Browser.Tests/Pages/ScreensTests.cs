using DriftMonitor.Tests;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>Each screen in each state, as somebody with a desk or a phone sees it, by day and by night, with and without scripts.</summary>
/// <remarks>
/// With every run a diagonal of that: each scene at both sizes, with one of the other combinations. All of them when
/// <c>DRIFTMONITOR_TRIALS=full</c>. <c>DRIFTMONITOR_SCREENSHOTS=DIRECTORY</c> keeps what was seen.
/// </remarks>
public sealed class ScreensTests(Browser browser, Stages stages)
{
    private static readonly string? Kept = Environment.GetEnvironmentVariable("DRIFTMONITOR_SCREENSHOTS");

    /// <summary>Which scenes of four, on a phone, in which colours, with scripts.</summary>
    public static TheoryData<int?, bool, ColorScheme, bool> Looks()
    {
        var looks = new TheoryData<int?, bool, ColorScheme, bool>
        {
            { 0, false, ColorScheme.Light, true },
            { 1, true, ColorScheme.Light, true },
            { 2, false, ColorScheme.Dark, true },
            { 3, true, ColorScheme.Dark, true },
        };
        if (Trials.AreFull)
        {
            looks.Add(null, false, ColorScheme.Light, false);
            looks.Add(null, true, ColorScheme.Dark, false);
        }

        return looks;
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Screens_fit_and_have_no_fault(int? diagonal, bool phone, ColorScheme colors, bool scripts)
    {
        var faults = new List<string>();
        foreach (var stage in Scene.All.Where((_, number) => Trials.AreFull || number % 4 == diagonal).GroupBy(scene => scene.Stage))
        {
            var monitor = await stages.OfAsync(stage.First());
            await using var tab = await browser.OpenAsync(monitor, phone ? Look.Phone : Look.Desk, colors, scripts);
            foreach (var scene in stage)
            {
                faults.AddRange((await FaultsAsync(tab, monitor, scene, phone, scripts)).Select(fault => $"{scene.Name}: {fault}"));
            }

            // a page's own status is no fault
            faults.AddRange(tab.Errors.Where(error => !stage.Any(scene => scene.Status != 200 && error.StartsWith(
                $"error: Failed to load resource: the server responded with a status of {scene.Status} ", StringComparison.Ordinal))));
            Assert.DoesNotContain(tab.Requests, address => address.Authority != monitor.Address.Authority);
        }

        Assert.Empty(faults);
    }

    private static async Task<List<string>> FaultsAsync(Tab tab, ScrapedMonitor monitor, Scene scene, bool phone, bool scripts)
    {
        var (size, other) = phone ? (Look.Phone, Look.Desk) : (Look.Desk, Look.Phone);
        await tab.ResizeAsync(size);
        await tab.GoAsync(monitor, scene.Path, scene.Status);
        if (scripts && await tab.Page.Locator("[data-history]").CountAsync() > 0)
        {
            await Assertions.Expect(tab.Page.Locator("[data-table] th").First).ToBeAttachedAsync();
        }

        if (Kept is not null)
        {
            var name = $"{scene.Name}{(phone ? ", phone" : "")}{(scripts ? "" : ", without scripts")}.png";
            await tab.Page.ScreenshotAsync(new() { Path = Path.Combine(Kept, name), FullPage = true });
        }

        var faults = new List<string>();
        if (!(await tab.Page.Locator("main").InnerTextAsync()).Contains(scene.Words, StringComparison.Ordinal))
        {
            faults.Add($"it does not say '{scene.Words}'");
        }

        if (scripts)
        {
            faults.AddRange(await tab.WhatIsInaccessibleAsync());
        }

        faults.AddRange(await tab.WhatIsTooWideAsync() is { } wide ? [wide] : []);
        await tab.ResizeAsync(other);
        faults.AddRange(await tab.WhatIsTooWideAsync() is { } otherwise ? [otherwise] : []);
        return faults;
    }
}
