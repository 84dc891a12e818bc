using System.Text.Json.Nodes;
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
        this IServiceCollection services, IReadOnlyCollection<string> sources, AccessTokens tokens,
        Func<AccessTokens, EffectiveSettings> settings)
    {
        services.AddAccess(tokens);
        services.AddProblemDetails();
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true); // so that the answer says what is wrong
        services.TryAddSingleton<KnownStatuses>();
        services.AddSingleton(provider => new PeerClient(tokens.Peers, MonitorJson.OfPeers, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ThisReplica(
            provider.GetRequiredService<ReplicaAddress>(), provider.GetRequiredService<MonitorMetrics>().Service, sources,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(settings(tokens));
        services.AddSingleton<ReferenceViews>();
        services.AddSingleton<LocalViews>();
        services.AddSingleton<MonitorViews>(); // with health where there is any
        services.AddSingleton<OwnerViews>(); // with promotions where there are any
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
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    [AccessHandler.Name] = new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.Http,
                        Scheme = "bearer",
                        Description = "A token of Http:Tokens. Changes need one of the role change; reading needs one where any has the "
                            + "role read.",
                    },
                };
                return Task.CompletedTask;
            });
            api.AddSchemaTransformer((schema, context, _) =>
            {
                var type = context.JsonTypeInfo.Type;
                if (type == typeof(double))
                {
                    (schema.Type, schema.Format) = (JsonSchemaType.Number, "double"); // which our own converter writes
                }
                else if (type == typeof(Instant))
                {
                    (schema.Type, schema.Properties, schema.Required) = (JsonSchemaType.String, null, null);
                }
                else if (type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(SnakeName<>))
                {
                    var names = Enum.GetNames(type.GenericTypeArguments[0]);
                    (schema.Type, schema.Properties, schema.Required) = (JsonSchemaType.String, null, null);
                    schema.Enum = [.. names.Select(name => JsonValue.Create(SnakeCaseName.Of(name)))];
                }

                return Task.CompletedTask;
            });
        });
        return services;
    }
}
