using System.Net.Mime;
using System.Text.Json;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Windows;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// <c>/health/live</c>: both stages go round. <c>/health/ready</c>: both are in their groups, if only to own nothing, and the windows are
/// restored.
/// </summary>
internal static class HealthEndpoints
{
    private const string Live = "live";
    private const string Ready = "ready";

    /// <summary>A loop goes round every 50 ms; a long rebalance or evaluation is seconds. Beyond this it hangs.</summary>
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(60);

    public static IServiceCollection AddMonitorHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .Add(Check(Live, "predictions", provider => Alive(provider.GetRequiredService<PredictionConsumer>().SinceLastLoop)))
            .Add(Check(Live, "panes", provider => Alive(provider.GetRequiredService<PaneConsumer>().SinceLastLoop)))
            .Add(Check(Ready, "predictions joined", provider => Member(provider.GetRequiredService<PredictionConsumer>().Group)))
            .Add(Check(Ready, "panes joined", provider => Member(provider.GetRequiredService<PaneConsumer>().Group)))
            .Add(Check(Ready, "windows restored", provider => Is(provider.GetRequiredService<PaneConsumer>().Restored, "reading the panes topic")));
        return services;
    }

    /// <summary>The stages of feedback, where there are any.</summary>
    public static IServiceCollection AddFeedbackHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .Add(Check(Live, "feedback", provider => Alive(provider.GetRequiredService<FeedbackConsumer>().SinceLastLoop)))
            .Add(Check(Live, "feedback panes", provider => Alive(provider.GetRequiredService<FeedbackPaneConsumer>().SinceLastLoop)))
            .Add(Check(Ready, "feedback joined", provider => Member(provider.GetRequiredService<FeedbackConsumer>().Group)))
            .Add(Check(Ready, "feedback panes joined", provider => Member(provider.GetRequiredService<FeedbackPaneConsumer>().Group)))
            .Add(Check(Ready, "feedback store", provider => provider.GetRequiredService<FeedbackConsumer>().Degraded is { } degraded
                ? HealthCheckResult.Degraded(degraded) // answered with 200: drift is monitored
                : HealthCheckResult.Healthy()));
        return services;
    }

    public static void MapMonitorHealth(this IEndpointRouteBuilder app)
    {
        foreach (var tag in new[] { Live, Ready })
        {
            app.MapHealthChecks($"/health/{tag}", new HealthCheckOptions { Predicate = check => check.Tags.Contains(tag), ResponseWriter = WriteAsync });
        }
    }

    private static HealthCheckRegistration Check(string tag, string name, Func<IServiceProvider, HealthCheckResult> check) =>
        new($"{tag}: {name}", provider => new Probe(() => check(provider)), HealthStatus.Unhealthy, [tag]);

    private static HealthCheckResult Alive(TimeSpan sinceLastLoop) =>
        Is(sinceLastLoop < Stalled, FormattableString.Invariant($"no progress for {sinceLastLoop.TotalSeconds:0} s"));

    private static HealthCheckResult Member(GroupMembership group) => Is(group.IsMember, group.Missing ?? "");

    private static HealthCheckResult Is(bool healthy, string otherwise) =>
        healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(otherwise);

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
