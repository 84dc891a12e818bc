using System.Runtime.CompilerServices;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>What a service held is free when it has stopped: who runs many in one process, as these tests do, pays for one.</summary>
public sealed class StoppedServiceTests
{
    [Fact]
    public async Task It_is_let_go()
    {
        var metrics = await RunAsync();
        await Task.Yield(); // off the stack of what ran it
        for (var again = 0; again < 3 && metrics.IsAlive; again++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(metrics.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> RunAsync()
    {
        await using var monitor = await ScrapedMonitor.Start("predictions");
        await monitor.Scrape();
        await monitor.GetAsync("/");
        (await monitor.SendAsync(HttpMethod.Delete, path: "/api/v1/references?model=none")).Dispose();
        return new WeakReference(monitor.Metrics);
    }
}
