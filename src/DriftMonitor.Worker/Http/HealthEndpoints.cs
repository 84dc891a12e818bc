using System.Net.Mime;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// <c>/health/live</c>: the stages go round. <c>/health/ready</c>: they are in their groups, if only to own nothing, and the windows are
/// restored.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>Where the service says whether it is alive.</summary>
    public const string LivePath = $"/health/{Live}";

    private const string Live = "live";
    private const string Ready = "ready";

    /// <summary>A loop goes round every 50 ms; a long rebalance or evaluation is seconds. Beyond this it hangs.</summary>
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(60);

    /// <summary>A stage must go round to be alive, and be in its group to be ready, which is when it waits for nothing.</summary>
    public static IServiceCollection AddStageHealth(
        this IServiceCollection services, string stage, Func<IServiceProvider, (TimeSpan SinceLastLoop, string? WaitsFor)> health)
    {
        services.AddHealthChecks()
            .Add(Check(Live, stage, provider => health(provider).SinceLastLoop is var since && since < Stalled
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy(FormattableString.Invariant($"no progress for {since.TotalSeconds:0} s"))));
        return services.AddReadiness($"{stage} joined", provider => health(provider).WaitsFor);
    }

    /// <summary>The service is ready once there is no problem.</summary>
    /// <param name="otherwise">What it is until then: <see cref="HealthStatus.Degraded"/> is answered with 200.</param>
    public static IServiceCollection AddReadiness(
        this IServiceCollection services,
        string what,
        Func<IServiceProvider, string?> problem,
        HealthStatus otherwise = HealthStatus.Unhealthy)
    {
        services.AddHealthChecks()
            .Add(Check(Ready, what, provider => problem(provider) is { } found ? new(otherwise, found) : HealthCheckResult.Healthy()));
        return services;
    }

    /// <summary>Answers before anything is routed: a probe waits for no other address to be made ready.</summary>
    public static void UseMonitorHealth(this IApplicationBuilder app)
    {
        foreach (var tag in new[] { Live, Ready })
        {
            app.UseHealthChecks(
                $"/health/{tag}", new HealthCheckOptions { Predicate = check => check.Tags.Contains(tag), ResponseWriter = WriteAsync });
        }
    }

    private static HealthCheckRegistration Check(string tag, string name, Func<IServiceProvider, HealthCheckResult> check) =>
        new($"{tag}: {name}", provider => new Probe(() => check(provider)), HealthStatus.Unhealthy, [tag]);

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = MediaTypeNames.Application.Json;
        return context.Response.WriteAsync(JsonSerializer.Serialize(new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Description ?? entry.Value.Status.ToString()),
        }));
    }

    private sealed class Probe(Func<HealthCheckResult> check) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(check());
    }
}
