namespace DriftMonitor.Worker.Http;

/// <summary>An address of their own for metrics and health: what probes and Prometheus reach need not be what people reach.</summary>
internal static class MetricsListener
{
    private static readonly PathString[] Paths = ["/metrics", "/health"];

    /// <summary>
    /// Has metrics and health served at the address, which the server listens on, and nowhere else; and nothing else there.
    /// </summary>
    /// <param name="url"><c>Http:MetricsUrl</c>; null for none: then they are served beside all else.</param>
    public static void UseMetricsListener(this WebApplication app, string? url)
    {
        if (url is null)
        {
            return;
        }

        var port = new Uri(url).Port;
        app.Use(async (context, next) =>
        {
            // by the port that the request came to: a host in its header is what the asker likes it to be
            if ((context.Connection.LocalPort == port)
                == Array.Exists(Paths, path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase)))
            {
                await next();
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        });
    }
}
