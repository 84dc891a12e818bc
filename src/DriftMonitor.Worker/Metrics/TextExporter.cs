using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace DriftMonitor.Worker.Metrics;

/// <summary>A provider of the SDK and Prometheus' text of what it collects.</summary>
internal sealed class TextExporter : IDisposable
{
    /// <summary>The one format that is spoken.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterProvider _provider;
    private readonly RequestDelegate _export;

    /// <summary>Begins to listen.</summary>
    /// <param name="meter">The meter; others of its name are ignored.</param>
    /// <param name="services">What the exporter's options come from.</param>
    /// <param name="view">How each of the meter's instruments is collected.</param>
    public TextExporter(Meter meter, IServiceProvider services, Func<Instrument, MetricStreamConfiguration?> view)
    {
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(meter.Name)
            .AddView(instrument => instrument.Meter == meter ? view(instrument) : MetricStreamConfiguration.Drop)
            .AddPrometheusExporter(Configure)
            .Build();
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(_provider, _ => true, null, null, null);
        _export = pipeline.Build();
    }

    /// <summary>Collects, and writes what was collected.</summary>
    /// <exception cref="InvalidOperationException">The exporter failed.</exception>
    public async Task WriteTo(Stream body, IServiceProvider services)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Headers.Accept = ContentType;
        context.Response.Body = body;
        await _export(context);
        if (context.Response.StatusCode != StatusCodes.Status200OK)
        {
            throw new InvalidOperationException($"the metrics cannot be written: the exporter answered {context.Response.StatusCode}");
        }
    }

    public void Dispose() => _provider.Dispose();

    private static void Configure(PrometheusAspNetCoreOptions options)
    {
        options.ScopeInfoEnabled = false;
        options.TargetInfoEnabled = false;
        options.ScrapeResponseCacheDurationMilliseconds = 0; // what is gone is gone from the next answer
        options.TranslationStrategy = PrometheusAspNetCoreTranslationStrategy.UnderscoreEscapingWithoutSuffixes; // names are whole
    }
}
