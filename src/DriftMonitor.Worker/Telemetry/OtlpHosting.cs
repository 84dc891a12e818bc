using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Metrics;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace DriftMonitor.Worker.Telemetry;

/// <summary>What a host needs to send its telemetry by OTLP. Nothing of it is loaded where nothing is sent.</summary>
internal static class OtlpHosting
{
    private const string ServiceName = "driftmonitor"; // OTEL_SERVICE_NAME overrides it

    /// <summary>Has the exporter write the ids of events, which are no part of the protocol, beside their names, which are.</summary>
    private const string EventIds = "OTEL_DOTNET_EXPERIMENTAL_OTLP_EMIT_EVENT_LOG_ATTRIBUTES";

    /// <summary>To be added before all that logs: what is added first is stopped last.</summary>
    public static void AddOtlp(this WebApplicationBuilder builder, TelemetrySettings telemetry)
    {
        builder.Services.AddHostedService<OtlpExport>();
        builder.Configuration[EventIds] ??= "true";
        if (telemetry.SendsLogs)
        {
            builder.Logging.AddOpenTelemetry(log =>
            {
                log.IncludeFormattedMessage = true;
                log.SetResourceBuilder(Resource());
                log.AddOtlpExporter();
            });
        }

        if (telemetry.SendsMetrics)
        {
            builder.Services.AddSingleton(provider => Metrics(
                provider.GetRequiredService<MonitorMetrics>().Instruments, provider.GetRequiredService<IConfiguration>()));
        }
    }

    /// <summary>What is by model is Prometheus' alone: the SDK keeps every label set that there ever was.</summary>
    private static MeterProvider Metrics(Instruments instruments, IConfiguration configuration) => Sdk.CreateMeterProviderBuilder()
        .ConfigureServices(sdk => sdk.AddSingleton(configuration)) // where the variables are
        .SetResourceBuilder(Resource())
        .AddMeter(instruments.Meter.Name)
        .AddProcess()
        .AddView(instrument =>
            ProcessMetrics.Has(instrument) || (instrument.Meter == instruments.Meter && instruments.IsOfService(instrument))
                ? null
                : MetricStreamConfiguration.Drop)
        .AddOtlpExporter()
        .Build();

    private static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddService(ServiceName, serviceVersion: ServiceMetrics.Version)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();
}
