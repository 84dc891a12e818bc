using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>A registry on loopback that one image can be pulled from, whatever it is asked for.</summary>
internal sealed class ImageRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ImageRegistry(WebApplication app) => _app = app;

    /// <summary>host:port, by the one name of a host that the SDK asks without TLS.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"localhost:{new Uri(_app.Urls.Single()).Port}");

    public static async Task<ImageRegistry> StartAsync(BaseImage image)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var blobs = new[] { image.Configuration, image.Layer }.ToDictionary(BaseImage.Digest);
        app.MapGet("/v2/", () => Results.Ok());
        app.MapMethods("/v2/{**path}", ["GET", "HEAD"], (HttpContext context, string path) =>
        {
            var isManifest = path.Contains("/manifests/", StringComparison.Ordinal);
            if ((isManifest ? image.Manifest : blobs.GetValueOrDefault(path[(path.LastIndexOf('/') + 1)..])) is not { } body)
            {
                return Results.NotFound();
            }

            context.Response.Headers["Docker-Content-Digest"] = BaseImage.Digest(body);
            return Results.Bytes(body, isManifest ? BaseImage.ManifestType : "application/octet-stream");
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ImageRegistry(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
