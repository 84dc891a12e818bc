using DriftMonitor.Display;
using DriftMonitor.Worker.Tests.Pages;
using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>Models and segments may be called anything: each page is of the right one, and no name is more than text.</summary>
public sealed class HostileNamesTests(Browser browser)
{
    private static readonly string[] Names =
    [
        .. PageData.HostileNames, "org/model:tag", "%2f..%2f", "a'b\"c`d", "../../etc/passwd", "?model=other#x", " x ",
        "javascript:alert(1)", "</title><script>alert(1)</script>", "{{7*7}}${7*7}@(7*7)",
    ];

    [Fact]
    public async Task Links_lead_to_their_models_and_nothing_of_a_name_runs()
    {
        await using var monitor = await Stage.ChangeableAsync();
        foreach (var name in Names)
        {
            Stage.Drift(monitor, name);
            monitor.Alarms.Note(Stage.Report(name, Stage.Now, segment: $"{name}={name}"));
        }

        await using var tab = await browser.OpenAsync(monitor, Look.Phone);
        var dialogs = new List<string>();
        tab.Page.Dialog += (_, dialog) =>
        {
            dialogs.Add(dialog.Message);
            _ = dialog.DismissAsync();
        };
        foreach (var list in (string[])["/", "/models"])
        {
            await tab.GoAsync(monitor, list);
            Assert.Null(await tab.WhatIsTooWideAsync());
            var links = await tab.Page.Locator(list == "/" ? ".alarm.critical .what a" : "tbody th a").EvaluateAllAsync<string[]>(
                "links => links.flatMap(link => [link.textContent.trim(), link.href])");
            Assert.Equal(
                Names.Select(Shown).Order(StringComparer.Ordinal), links.Chunk(2).Select(link => link[0]).Order(StringComparer.Ordinal));
            foreach (var link in links.Chunk(2))
            {
                Assert.Equal(200, (await tab.Page.GotoAsync(link[1]))!.Status);
                await Assertions.Expect(tab.Page.Locator(".hero h1")).ToHaveTextAsync(link[0]);
                Assert.Null(await tab.WhatIsTooWideAsync());
                await Assertions.Expect(tab.Page.Locator("[data-table] th").First).ToBeAttachedAsync(); // its history was found
            }
        }

        Assert.Empty(dialogs);
        tab.FindsNoFault(monitor.Address);
    }

    /// <summary>As a browser compares texts: without spaces around them.</summary>
    private static string Shown(string name) => DisplayText.Of(name).Trim();
}
