using Microsoft.AspNetCore.Mvc;

namespace DriftMonitor.Worker.Http;

/// <summary>Errors as RFC 9457 has them.</summary>
internal static class Problems
{
    /// <summary>Answers a request with a problem.</summary>
    public static Task WriteAsync(HttpContext context, int status, string title, string? detail = null)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new ProblemDetails { Status = status, Title = title, Detail = detail }, options: null, "application/problem+json",
            context.RequestAborted);
    }
}
