using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>What must be so of every page.</summary>
internal static class Look
{
    public static readonly (int Width, int Height) Desk = (1_280, 800);
    public static readonly (int Width, int Height) Phone = (390, 844);

    private static readonly string[] Bad = ["serious", "critical"];

    /// <summary>A tab whose clock shows the monitor's time.</summary>
    public static async Task<Tab> OpenAsync(
        this Browser browser, ScrapedMonitor monitor, (int Width, int Height)? size = null, ColorScheme colors = ColorScheme.Light,
        bool scripts = true, string zone = "UTC")
    {
        var (width, height) = size ?? Desk;
        var tab = await browser.OpenAsync(width, height, colors, scripts, zone);
        tab.Page.SetDefaultTimeout(30_000);
        if (scripts)
        {
            await tab.Page.Clock.InstallAsync(new() { TimeDate = monitor.Time.GetUtcNow().UtcDateTime });
        }

        return tab;
    }

    public static Task ResizeAsync(this Tab tab, (int Width, int Height) size) =>
        tab.Page.SetViewportSizeAsync(size.Width, size.Height);

    public static async Task GoAsync(this Tab tab, ScrapedMonitor monitor, string path, int status = 200)
    {
        var answer = await tab.Page.GotoAsync(new Uri(monitor.Address, path).ToString());
        Assert.Equal(status, answer!.Status);
    }

    /// <summary>Nothing went wrong, and nothing was asked of another host.</summary>
    public static void FindsNoFault(this Tab tab, Uri monitor)
    {
        Assert.Empty(tab.Errors);
        Assert.DoesNotContain(tab.Requests, address => address.Authority != monitor.Authority);
    }

    /// <summary>What makes the page wider than the window; null where nothing does.</summary>
    public static Task<string?> WhatIsTooWideAsync(this Tab tab) => tab.Page.EvaluateAsync<string?>(
        """
        () => document.documentElement.scrollWidth <= innerWidth ? null :
          `${document.documentElement.scrollWidth} > ${innerWidth}: ` + [...document.querySelectorAll('body *')]
            .filter(element => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.scroll'))
            .map(element => `${element.tagName} ${element.className} "${element.textContent.trim().slice(0, 30)}"`).slice(0, 5).join('; ')
        """);

    /// <summary>What axe-core has to say that is serious or critical.</summary>
    public static async Task<IEnumerable<string>> WhatIsInaccessibleAsync(this Tab tab) =>
        (await tab.Page.RunAxe()).Violations.Where(each => Bad.Contains(each.Impact)).Select(Text);

    private static string Text(AxeResultItem item) =>
        $"{item.Impact} {item.Id}: {item.Help}: {string.Join("; ", item.Nodes.Take(4).Select(node => node.Html))}";
}
