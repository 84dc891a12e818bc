using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>A token stays in its tab, is sent to its monitor only, and one that is refused is told of in words.</summary>
public sealed class TokenTests(Browser browser)
{
    private const string Kept =
        """
        () => JSON.stringify({ session: Object.values(sessionStorage), local: Object.values(localStorage), cookie: document.cookie,
          address: location.href })
        """;

    [Fact]
    public async Task Token_is_kept_in_the_tab_and_sent_as_a_header_to_this_monitor_alone()
    {
        await using var monitor = await Stage.LockedAsync();
        await using var tab = await browser.OpenAsync(monitor);
        var page = tab.Page;
        var sentTo = new List<(string Authority, string Path)>();
        page.Request += (_, request) =>
        {
            if (request.Headers.ContainsKey("authorization"))
            {
                sentTo.Add((new Uri(request.Url).Authority, new Uri(request.Url).PathAndQuery));
            }
        };
        await tab.GoAsync(monitor, "/", 401);

        await page.Locator("#token").FillAsync("no token of anybody");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("[data-result]")).ToHaveTextAsync("This token is not accepted.");
        Assert.Equal(
            $$"""{"session":[],"local":[],"cookie":"","address":"{{monitor.Address}}"}""", await page.EvaluateAsync<string>(Kept));

        await page.Locator("#token").FillAsync(Stage.Reader);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("critical");
        await page.Locator(".alarm.critical .what a").First.ClickAsync();
        await Assertions.Expect(page.Locator(".hero h1")).ToHaveTextAsync(Stage.Drifting);
        await Assertions.Expect(page.Locator("[data-table] th").First).ToBeAttachedAsync();

        var kept = await page.EvaluateAsync<string>(Kept);
        Assert.StartsWith($$"""{"session":["{{Stage.Reader}}"],"local":[],"cookie":"",""", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("token", new Uri(page.Url).PathAndQuery, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await page.Context.CookiesAsync());
        Assert.NotEmpty(sentTo);
        Assert.All(sentTo, sent => Assert.Equal(monitor.Address.Authority, sent.Authority));
        Assert.DoesNotContain(tab.Requests, address => address.ToString().Contains(Stage.Reader[..8], StringComparison.Ordinal));
        Assert.DoesNotContain(tab.Requests, address => address.Authority != monitor.Address.Authority);

        await page.Locator("[data-forget]").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("A token is needed");
        Assert.Equal(0, await page.EvaluateAsync<int>("() => sessionStorage.length"));
    }

    [Theory]
    [InlineData("no token of anybody", "A token is needed.")]
    [InlineData(Stage.Reader, "This token may only read.")]
    public async Task Refused_change_is_told_in_words(string token, string words)
    {
        await using var monitor = await Stage.LockedAsync();
        await using var tab = await browser.OpenAsync(monitor);
        var page = tab.Page;
        await tab.GoAsync(monitor, "/alarm?model=digits", 401);
        await page.Locator("#token").FillAsync(Stage.Changer);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".hero h1")).ToHaveTextAsync(Stage.Drifting);
        await page.EvaluateAsync("token => sessionStorage.setItem('driftmonitor-token', token)", token);
        await page.Locator("button[data-opens=acknowledge]").ClickAsync();
        await page.Locator("#by").FillAsync("Ann");
        await page.Locator("#why").FillAsync("a new camera");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#acknowledge [data-result]")).ToContainTextAsync(words);
        Assert.All(monitor.Alarms.Of(Stage.Drifting).On, alarm => Assert.Null(alarm.Acknowledged));
    }
}
