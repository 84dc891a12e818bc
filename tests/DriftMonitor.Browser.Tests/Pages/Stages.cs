using DriftMonitor.Browser.Tests.Pages;
using DriftMonitor.Worker.Tests.Metrics;

[assembly: AssemblyFixture(typeof(Stages))]

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>The monitors of all <see cref="Scene"/>s, one each for all tests: these only look, and no time passes in them.</summary>
public sealed class Stages : IAsyncDisposable
{
    private readonly Dictionary<string, Lazy<Task<ScrapedMonitor>>> _monitors = new()
    {
        [Scene.Empty] = new(Stage.EmptyAsync),
        [Scene.Busy] = new(Stage.BusyAsync),
        [Scene.Locked] = new(Stage.LockedAsync),
        [Scene.CutOff] = new(Stage.CutOffAsync),
    };

    internal Task<ScrapedMonitor> OfAsync(Scene scene) => _monitors[scene.Stage].Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var monitor in _monitors.Values.Where(monitor => monitor.IsValueCreated))
        {
            await (await monitor.Value).DisposeAsync();
        }
    }
}
