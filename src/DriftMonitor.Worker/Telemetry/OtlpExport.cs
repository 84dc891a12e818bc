using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;

namespace DriftMonitor.Worker.Telemetry;

/// <summary>Begins to send telemetry when the service starts, and sends the rest of it when all else has stopped.</summary>
internal sealed class OtlpExport(IServiceProvider services, ILogger<OtlpTroubles> log) : IHostedService, IDisposable
{
    /// <summary>How long the last metrics and log records may take: an endpoint that does not answer must not delay a restart.</summary>
    private const int LastMs = 2_000;

    private OtlpTroubles? _troubles;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _troubles = new OtlpTroubles(log);
        _ = services.GetService<MeterProvider>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(LastMs), CancellationToken.None),
        Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(LastMs), CancellationToken.None));

    public void Dispose() => _troubles?.Dispose();
}
