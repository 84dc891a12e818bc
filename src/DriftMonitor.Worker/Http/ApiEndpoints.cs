using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace DriftMonitor.Worker.Http;

/// <summary><c>/api/v1</c>: what the pages show, as JSON, of all replicas.</summary>
internal static class ApiEndpoints
{
    /// <summary>The version's path.</summary>
    public const string Root = OwnerViews.Root;

    /// <summary>Serves the API, its description, and what the path of the alarms before it leads to.</summary>
    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup(Root).RequireAuthorization(Access.Read).WithTags("Monitor");
        api.MapGet("/alarms", Alarms).WithName("alarms").WithSummary("Alarms, those that are on first, the most urgent first.");
        api.MapGet("/alarm", AlarmAsync).WithName("alarm").WithSummary("The first of the alarms that are asked for, explained.");
        api.MapGet("/models", Models).WithName("models").WithSummary("Models, those that need somebody first.");
        api.MapGet("/model", ModelAsync).WithName("model").WithSummary("All that is known of a model.");
        api.MapGet("/history", HistoryAsync).WithName("history")
            .WithSummary("What a window of a model was evaluated to over the last hours.");
        api.MapGet("/references", References).WithName("references").WithSummary("The versions of references.");
        api.MapGet("/rejections", RejectionsAsync).WithName("rejections")
            .WithSummary("What replicas have read of the sources' topics, and the latest records of each kind that do not count.");
        api.MapGet("/monitor", MonitorAsync).WithName("monitor").WithSummary("How the monitor itself is.");
        api.MapChanges();
        app.MapOpenApi($"{Root}/openapi.json").RequireAuthorization(Access.Read);
        app.MapGet($"{ApiAnswers.Root}/alarms", (HttpRequest request) => TypedResults.Redirect( // relative: a proxy may have its own path
            $"v1/alarms{request.QueryString}", permanent: true, preserveMethod: true)).ExcludeFromDescription();
    }

    private static Ok<ListPage<AlarmItem>> Alarms(
        [AsParameters] AlarmQuery query, MonitorViews views, int? page, [FromQuery(Name = "per_page")] int? perPage) =>
        TypedResults.Ok(ListPage<AlarmItem>.Of(views.Alarms(query.Filter()), page, perPage));

    private static async Task<Results<Ok<AlarmDetail>, ProblemHttpResult>> AlarmAsync(
        [AsParameters] AlarmQuery query, OwnerViews views, HttpContext context) =>
        Of(await views.AlarmAsync(query.Filter(), context.IsPeer(), context.RequestAborted));

    private static Ok<ListPage<ModelItem>> Models(
        string? search, SnakeName<ModelState>? state, string? replica, MonitorViews views, int? page,
        [FromQuery(Name = "per_page")] int? perPage) =>
        TypedResults.Ok(ListPage<ModelItem>.Of(views.Models(new(search, state?.Value, replica)), page, perPage));

    private static async Task<Results<Ok<ModelDetail>, ProblemHttpResult>> ModelAsync(
        string model, OwnerViews views, HttpContext context) =>
        Of(await views.ModelAsync(model, context.IsPeer(), context.RequestAborted));

    private static async Task<Results<Ok<HistoryView>, ProblemHttpResult>> HistoryAsync(
        string model, string? segment, string window, OwnerViews views, HttpContext context) =>
        Of(await views.HistoryAsync(model, segment ?? SeriesKey.All, window, context.IsPeer(), context.RequestAborted));

    private static Ok<ListPage<ReferenceItem>> References(
        string? model, MonitorViews views, int? page, [FromQuery(Name = "per_page")] int? perPage) =>
        TypedResults.Ok(ListPage<ReferenceItem>.Of(views.References(model), page, perPage));

    private static async Task<Ok<RejectionsView>> RejectionsAsync(OwnerViews views, HttpContext context) =>
        TypedResults.Ok(await views.RejectionsAsync(all: !context.IsPeer(), context.RequestAborted));

    private static async Task<Ok<MonitorView>> MonitorAsync(MonitorViews views, HttpContext context) =>
        TypedResults.Ok(await views.MonitorAsync(context.RequestAborted));

    /// <summary>What there is, or why it cannot be had.</summary>
    internal static Results<Ok<T>, ProblemHttpResult> Of<T>(Answer<T> answer)
        where T : class => answer.Outcome == AnswerOutcome.Found ? TypedResults.Ok(answer.Value!) : ProblemOf(answer);

    /// <summary>Why something that one replica owns cannot be had.</summary>
    internal static ProblemHttpResult ProblemOf<T>(Answer<T> answer)
        where T : class
    {
        var (status, title, detail) = answer.Outcome switch
        {
            AnswerOutcome.OwnerGone => (
                StatusCodes.Status503ServiceUnavailable, "The replica that owned it is gone",
                "Another takes it over when the broker notices, within a minute by default."),
            AnswerOutcome.OwnerUnreachable => (
                StatusCodes.Status503ServiceUnavailable, "The replica that owns it does not answer", answer.Problem),
            AnswerOutcome.Restoring => (
                StatusCodes.Status503ServiceUnavailable, "Its replica does not have it yet",
                "It has just started, or has taken it over: ask again in a few seconds."),
            AnswerOutcome.Refused => (StatusCodes.Status409Conflict, "It cannot be done", answer.Problem),
            AnswerOutcome.NotForwarded => (
                StatusCodes.Status503ServiceUnavailable, "Another replica owns it",
                "Ask that one, or give all replicas one secret: Http:PeerSecret:File."),
            _ => (StatusCodes.Status404NotFound, "There is no such thing here", (string?)"No replica knows of it."),
        };
        return TypedResults.Problem(detail, statusCode: status, title: title, extensions: new Dictionary<string, object?>
        {
            ["replica"] = answer.Replica,
            ["url"] = answer.Url,
        });
    }
}
