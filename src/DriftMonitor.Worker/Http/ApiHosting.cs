using System.Text.Json.Serialization;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Views;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;

namespace DriftMonitor.Worker.Http;

/// <summary>What a host needs to show what the monitor knows.</summary>
internal static class ApiHosting
{
    /// <summary>
    /// Adds the views and what serves them. Wants what <see cref="MonitorMetricsHosting"/> and the alarms' hosting add, and a
    /// <see cref="ReplicaAddress"/>.
    /// </summary>
    /// <param name="sources">The topics of predictions and labels.</param>
    public static IServiceCollection AddApi(
        this IServiceCollection services, IReadOnlyCollection<string> sources, AccessTokens tokens, Func<AccessTokens, EffectiveSettings> settings)
    {
        services.AddAccess(tokens);
        services.AddProblemDetails();
        services.TryAddSingleton<KnownStatuses>();
        services.AddSingleton(provider => new PeerClient(tokens.Peers, MonitorJson.Options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ThisReplica(
            provider.GetRequiredService<ReplicaAddress>(), provider.GetRequiredService<MonitorMetrics>().Service, sources,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(settings(tokens));
        services.AddSingleton<ReferenceViews>();
        services.AddSingleton<LocalViews>();
        services.AddSingleton<MonitorViews>(); // promotions and health where there are any
        services.AddSingleton<AlarmChanges>();
        services.ConfigureHttpJsonOptions(json =>
        {
            MonitorJson.Apply(json.SerializerOptions);
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        services.AddOpenApi("v1", api =>
        {
            api.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "DriftMonitor",
                    Version = "v1",
                    Description = "Times are epoch milliseconds, divergences and costs nats, accuracy and error rates ratios. "
                        + "Undefined numbers are null.",
                };
                document.Servers = [];
                return Task.CompletedTask;
            });
            api.AddSchemaTransformer((schema, context, _) =>
            {
                if (context.JsonTypeInfo.Type == typeof(double))
                {
                    schema.Type = JsonSchemaType.Number; // which our own converter writes
                    schema.Format = "double";
                }

                return Task.CompletedTask;
            });
        });
        return services;
    }
}
