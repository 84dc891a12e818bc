using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.State;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DriftMonitor.Worker.Http;

/// <summary>What a host needs to export the metrics.</summary>
internal static class MonitorMetricsHosting
{
    /// <summary>
    /// Adds <see cref="MonitorMetrics"/>, which wants a <see cref="TimeProvider"/>, <see cref="WatchedModels"/> and what
    /// <see cref="AlarmHosting"/> adds.
    /// </summary>
    /// <param name="topics">Those that are read.</param>
    /// <param name="sharedFor">How old the answer to a scrape may be, for others to have it too.</param>
    public static IServiceCollection AddMonitorMetrics(
        this IServiceCollection services, IReadOnlyCollection<string> topics, TimeSpan sharedFor, ExportedSettings? settings = null)
    {
        services.AddSingleton(provider => new MonitorMetrics(
            provider.GetRequiredService<MonitorState>(),
            provider.GetRequiredService<WatchedModels>(),
            provider.GetRequiredService<TimeProvider>(),
            topics,
            provider.GetRequiredService<ThresholdsInForce>(),
            provider.GetRequiredService<PendingCalibrations>(),
            provider.GetRequiredService<KeptCalibrations>(),
            settings));
        services.TryAddSingleton(provider => new ScrapeBody(
            provider.GetRequiredService<MonitorMetrics>(), provider, sharedFor, provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Answers Prometheus at <c>/metrics</c>.</summary>
    public static IEndpointConventionBuilder MapMonitorMetrics(this IEndpointRouteBuilder endpoints, string path = "/metrics") =>
        endpoints.MapMethods(
            path,
            [HttpMethods.Get, HttpMethods.Head],
            BoundedRequests.Bounded(
                context => context.RequestServices.GetRequiredService<ScrapeBody>().Answer(context),
                ScrapeBody.MaxAtOnce,
                endpoints.ServiceProvider));
}
