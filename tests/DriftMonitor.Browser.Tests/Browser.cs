using DriftMonitor.Browser.Tests;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace DriftMonitor.Browser.Tests;

/// <summary>The machine's own Chromium, one process for all tests of this assembly; a test takes it in its constructor.</summary>
/// <remarks>
/// It is <c>DRIFTMONITOR_TEST_CHROMIUM</c>, or the first on the path of <see cref="Names"/>. Playwright never downloads one.
/// It is started by the first test that opens a tab.
/// </remarks>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly Lazy<Task<IBrowser>> _browser;
    private IPlaywright? _playwright;

    public Browser() => _browser = new Lazy<Task<IBrowser>>(StartAsync);

    /// <summary>Where Chromium is; null if there is none.</summary>
    private static string? Program =>
        Environment.GetEnvironmentVariable("DRIFTMONITOR_TEST_CHROMIUM")
        ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(_ => Names, Path.Combine)
            .FirstOrDefault(File.Exists);

    /// <summary>Opens an empty tab that shares nothing with others; skips the test where there is no Chromium.</summary>
    /// <param name="width">Of the window, CSS pixels.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="colors">Whether pages are to be light or dark.</param>
    /// <param name="scripts">Whether pages may run scripts.</param>
    /// <param name="zone">The time zone of whoever looks.</param>
    public async Task<Tab> OpenAsync(
        int width = 1_280, int height = 800, ColorScheme colors = ColorScheme.Light, bool scripts = true, string zone = "UTC")
    {
        Assert.SkipWhen(Program is null, $"none of {string.Join(", ", Names)} is on the path, and DRIFTMONITOR_TEST_CHROMIUM is not set");
        var browser = await _browser.Value;
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = colors,
            JavaScriptEnabled = scripts,
            TimezoneId = zone,
        });
        return new Tab(await context.NewPageAsync());
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_browser.IsValueCreated)
        {
            await (await _browser.Value).CloseAsync();
        }

        _playwright?.Dispose();
    }

    private async Task<IBrowser> StartAsync()
    {
        _playwright = await Playwright.CreateAsync();
        return await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Arguments });
    }
}
