using System.Threading.RateLimiting;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Http;

/// <summary>Answers a bounded number of requests at once, and asks the others to come back. A reader that goes away is no error.</summary>
internal static class BoundedRequests
{
    private const string RetryAfterSeconds = "5"; // by then the server has dropped readers that do not read

    public static RequestDelegate Bounded(this RequestDelegate answer, int atOnce, IServiceProvider services)
    {
        var places = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = atOnce, QueueLimit = 0 });
        var metrics = services.GetRequiredService<MonitorMetrics>().Service;
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(BoundedRequests));
        return async context =>
        {
            using var place = places.AttemptAcquire();
            if (!place.IsAcquired)
            {
                metrics.CountRefusedRequest();
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
                context.Response.Headers.Connection = "close"; // else many of them would keep health probes out
                return;
            }

            try
            {
                await answer(context);
            }
            catch (Exception gone) when (context.RequestAborted.IsCancellationRequested)
            {
                log.ReaderLeft(gone, context.Request.Path.ToString());
            }
        };
    }
}
