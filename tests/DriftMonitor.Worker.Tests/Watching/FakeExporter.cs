using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>Stands in for the monitor before a real Prometheus: <c>/metrics</c> is what the test says.</summary>
internal sealed class FakeExporter : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile string _samples = "";

    private FakeExporter(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Exports these samples, and no others, from the next scrape on.</summary>
    public void Export(params IEnumerable<string> samples) => _samples = string.Concat(samples.Select(sample => $"{sample} 1\n"));

    public static async Task<FakeExporter> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        var app = builder.Build();
        var exporter = new FakeExporter(app);
        app.MapGet("/metrics", (RequestDelegate)exporter.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return exporter;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(_samples, context.RequestAborted);
    }
}
