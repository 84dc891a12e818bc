using DriftMonitor.Worker.Http;

namespace DriftMonitor.Worker.Pages;

/// <summary><c>GET /runbooks</c> and <c>GET /runbooks/NAME</c>: what to do about each alert, as pages for people.</summary>
/// <remarks>Their links are relative, so that they also work behind a proxy that serves the monitor below a path of its own.</remarks>
internal static class RunbookEndpoints
{
    private const int MaxAtOnce = 8;
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly Page Missing =
        Page.Create("Not found", "<h1>Not found</h1>\n<p>No runbook has this name: <a href=\"../runbooks\">all runbooks</a>.</p>\n");

    public static void MapRunbooks(this IEndpointRouteBuilder app)
    {
        var answer = BoundedRequests.Bounded(AnswerAsync, MaxAtOnce, app.ServiceProvider);
        app.MapMethods("/runbooks", Methods, answer);
        app.MapMethods("/runbooks/{name}", Methods, answer);
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var name = (string?)context.Request.RouteValues["name"];
        if (context.Request.Path.Value!.EndsWith('/'))
        {
            // From here relative links would lead elsewhere.
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Location = $"../{(name is null ? "runbooks" : Uri.EscapeDataString(name))}";
            return Task.CompletedTask;
        }

        return name is null ? Runbooks.List.WriteAsync(context)
            : Runbooks.Find(name) is { } page ? page.WriteAsync(context)
            : Missing.WriteAsync(context, StatusCodes.Status404NotFound);
    }
}
