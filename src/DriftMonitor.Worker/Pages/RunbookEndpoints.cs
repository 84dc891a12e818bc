using DriftMonitor.Worker.Pages.Screens;

namespace DriftMonitor.Worker.Pages;

/// <summary><c>GET /runbooks</c> and <c>GET /runbooks/NAME</c>: what to do about each alert, as pages for people.</summary>
/// <remarks>Their links are relative, so that they also work behind a proxy that serves the monitor below a path of its own.</remarks>
internal static class RunbookEndpoints
{
    private const int MaxAtOnce = 8;

    private static readonly Page Missing = new("Not found", RunbookScreen.Of(
        "<h1>Not found</h1>\n<p>No runbook has this name: <a href=\"../runbooks\">all runbooks</a>.</p>\n"))
    {
        Room = PageRoom.Runbooks,
        Root = "../",
        Status = StatusCodes.Status404NotFound,
    };

    public static void MapRunbooks(this IEndpointRouteBuilder app)
    {
        app.MapPage("/runbooks", _ => Task.FromResult(Runbooks.List), MaxAtOnce);
        app.MapPage("/runbooks/{name}", context => Task.FromResult(Find((string)context.Request.RouteValues["name"]!)), MaxAtOnce);
    }

    private static Page Find(string name) => Runbooks.Find(name) ?? Missing;
}
