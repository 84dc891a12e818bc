using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Pages.Screens;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages;

/// <summary>
/// The pages for people: <c>GET /</c> is the alarms, and each other screen stands one level deep, so that relative links also work behind
/// a proxy that serves the monitor below a path of its own.
/// </summary>
internal static class PageEndpoints
{
    private const int MaxAtOnce = 32; // a few people, each with a few tabs that are refreshed

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapPages(this IEndpointRouteBuilder app)
    {
        Map("/", (reader, query, cancelled) => reader.AlarmsAsync(query, cancelled));
        Map("/alarm", (reader, query, cancelled) => reader.AlarmAsync(query, cancelled));
        Map("/models", (reader, query, cancelled) => reader.ModelsAsync(query, cancelled));
        Map("/model", (reader, query, cancelled) => reader.ModelAsync(query, cancelled));
        Map("/references", (reader, query, cancelled) => reader.ReferencesAsync(query, cancelled));
        Map("/rejected", (reader, query, cancelled) => reader.RejectedAsync(query, cancelled));
        Map("/monitor", (reader, query, cancelled) => reader.MonitorAsync(query, cancelled));
        app.MapRunbooks();
        app.MapAssets();

        void Map(string path, Func<PageReader, PageQuery, CancellationToken, Task<Page>> read) => app.MapPage(
            path,
            context => read(
                context.RequestServices.GetRequiredService<PageReader>(), new PageQuery(context.Request.Query), context.RequestAborted),
            MaxAtOnce);
    }

    /// <summary>A page at a path. One that cannot be made is a page that says so; why stands in the log only.</summary>
    /// <param name="read">What is on it; null where the answer has been given already.</param>
    public static void MapPage(this IEndpointRouteBuilder app, string path, Func<HttpContext, Task<Page>> read, int atOnce)
    {
        var log = app.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PageEndpoints));
        app.MapMethods(path, Methods, BoundedRequests.Bounded(AnswerAsync, atOnce, app.ServiceProvider));

        async Task AnswerAsync(HttpContext context)
        {
            if (context.Request.Path.Value is [_, .., '/'] below)
            {
                // From here relative links would lead elsewhere.
                context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
                context.Response.Headers.Location = $"../{Uri.EscapeDataString(below.Split('/')[^2])}{context.Request.QueryString}";
                return;
            }

            if (!context.MayRead())
            {
                await context.AskForTokenAsync();
                return;
            }

            var (page, site) = (Failed, (SiteView?)null);
            try
            {
                page = await read(context);
                site = await context.RequestServices.GetRequiredService<MonitorViews>().SiteAsync(context.RequestAborted);
            }
            catch (Exception problem) when (!context.RequestAborted.IsCancellationRequested)
            {
                log.PageFailed(problem, context.Request.Path.ToString());
                page = Failed;
            }

            await context.RequestServices.GetRequiredService<PageWriter>().WriteAsync(context, page, site);
        }
    }

    /// <summary>Answers with the page that asks for a token.</summary>
    public static Task AskForTokenAsync(this HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return context.RequestServices.GetRequiredService<PageWriter>().WriteAsync(context, TokenNeeded, site: null);
    }

    private static Page Failed { get; } =
        new("Cannot be shown", ProblemScreen.Of(
            "This page cannot be shown",
            ["The monitor failed to make it, which is a fault of the monitor; its log says why. Alarms are decided all the same."]))
        {
            Status = StatusCodes.Status500InternalServerError,
        };

    private static Page TokenNeeded { get; } = new("A token is needed", TokenScreen.Of()) { Status = StatusCodes.Status401Unauthorized };
}
