namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>What somebody who is woken asks, an alarm answers before they scroll.</summary>
public sealed class FirstScreenfulTests(Browser browser, Stages stages)
{
    /// <summary>Where the answer stands, and words that it has.</summary>
    private static readonly (string Question, string Selector, string Words)[] Answers =
    [
        ("which model", ".hero h1", Stage.Drifting),
        ("how urgent", ".hero .severity", "Critical"),
        ("what moved", ".hero .moved .subject", "class 8"),
        ("from what", ".hero .moved .from", "10.1 %"),
        ("to what", ".hero .moved b", "33.5 %"),
        ("how much", ".facts > div:has(dt:text-is('How much'))", "the threshold"),
        ("since when", ".facts > div:has(dt:text-is('Started'))", "ago"),
        ("sudden or gradual", ".facts .line:has-text('sudden')", "sudden"),
        ("all traffic or a segment", ".facts > div:has(dt:text-is('Where'))", "all traffic"),
        ("do labels confirm it", ".facts > div:has(dt:text-is('Labels confirm?'))", "81.2 %"),
        ("whose", ".facts > div:has(dt:text-is('Owner'))", "vision"),
        ("who has taken it", ".facts > div:has(dt:text-is('Being handled by'))", "nobody yet"),
        ("what now", ".actions a.primary", "Open the runbook"),
    ];

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Alarm_answers_everything_without_scrolling(bool phone, bool scripts)
    {
        var scene = Scene.Named("alarm, critical");
        var monitor = await stages.OfAsync(scene);
        var (width, height) = phone ? Look.Phone : Look.Desk;
        await using var tab = await browser.OpenAsync(monitor, (width, height), scripts: scripts);
        await tab.GoAsync(monitor, scene.Path);
        foreach (var (question, selector, words) in Answers)
        {
            var answer = tab.Page.Locator(selector).First;
            Assert.Contains(words, await answer.InnerTextAsync(), StringComparison.Ordinal);
            var box = await answer.BoundingBoxAsync() ?? throw new InvalidOperationException($"{question}: {selector} is not shown");
            Assert.True(
                box.X >= 0 && box.Y >= 0 && box.X + box.Width <= width && box.Y + box.Height <= height,
                $"{question}: {selector} is at {box.X},{box.Y} and {box.Width} × {box.Height}, not within {width} × {height}");
        }
    }
}
