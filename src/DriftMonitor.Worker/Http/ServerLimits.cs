using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// What the web server grants to clients: a few small requests from few clients, whose answers are read at a reasonable rate.
/// </summary>
/// <remarks>
/// There are far more connections than requests that are answered at once (<see cref="BoundedRequests"/>), so that health probes
/// get in whatever else is asked for.
/// </remarks>
internal static class ServerLimits
{
    /// <summary>The most bytes of a request's body: an acknowledgement or the range of a promotion.</summary>
    public const int MostBodyBytes = 16 * KiB;

    private const int KiB = 1_024;

    public static void Apply(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        var limits = server.Limits;
        limits.MaxConcurrentConnections = 512;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestBodySize = MostBodyBytes;
        limits.MaxRequestLineSize = 4 * KiB;
        limits.MaxRequestHeadersTotalSize = 16 * KiB;
        limits.MaxRequestBufferSize = 32 * KiB;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(90); // longer than Prometheus waits between two scrapes
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 64 * KiB, gracePeriod: TimeSpan.FromSeconds(5));
    }
}
