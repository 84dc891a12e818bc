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

    /// <summary>OpenTelemetry's variables are about what is sent; what Prometheus reads stays as it is.</summary>
    private static readonly IConfiguration NoVariables = new ConfigurationBuilder().Build();

    private readonly MeterProvider _provider;
    private readonly RequestDelegate _export;

    /// <summary>Begins to listen.</summary>
    /// <param name="meters">Adds the meters.</param>
    /// <param name="services">What the exporter's options come from.</param>
    /// <param name="view">How each of the meters' instruments is collected.</param>
    public TextExporter(
        Action<MeterProviderBuilder> meters, IServiceProvider services, Func<Instrument, MetricStreamConfiguration?> view)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(sdk => sdk.AddSingleton(NoVariables))
            .AddView(view)
            .AddPrometheusExporter(Configure);
        meters(builder);
        _provider = builder.Build();
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
