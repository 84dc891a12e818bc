namespace DriftMonitor.Browser.Tests;

public sealed class BrowserTests(Browser browser)
{
    [Fact]
    public async Task A_page_is_drawn_and_says_what_went_wrong_in_it()
    {
        await using var tab = await browser.OpenAsync();
        await tab.Page.SetContentAsync("<h1>quiet</h1><script>console.error('planted')</script>");
        Assert.Equal("quiet", await tab.Page.Locator("h1").InnerTextAsync());
        Assert.Equal(["error: planted"], tab.Errors);
        Assert.Empty(tab.Requests);
    }
}
