using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DriftMonitor.Worker.Http;

/// <summary>What changes anything: who works on an alarm, and which reference is in use. Each may be sent again.</summary>
internal static class ChangeEndpoints
{
    private const int LongestText = 500;
    private static readonly long LastMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
    private static readonly TimeSpan LongestAcknowledgement = TimeSpan.FromDays(30);

    public static void MapChanges(this RouteGroupBuilder api)
    {
        var changes = api.MapGroup("").RequireAuthorization(Access.Change).WithTags("Changes");
        changes.MapPut("/alarm/acknowledgement", AcknowledgeAsync).WithName("acknowledge")
            .WithSummary("Says who works on an alarm. It silences nothing: that is Alertmanager's.");
        changes.MapDelete("/alarm/acknowledgement", WithdrawAsync).WithName("withdraw_acknowledgement")
            .WithSummary("Says that nobody works on an alarm any more.");
        changes.MapPut("/references/promotion", PromoteAsync).WithName("promote")
            .WithSummary("Builds a model's reference from its traffic of a time when it was good, and puts it into use.");
        changes.MapDelete("/references", UndoAsync).WithName("undo")
            .WithSummary("Takes a model's latest reference back, so that the one before is in use again.");
        api.MapGet("/references/promotion", PromotionAsync).WithName("promotion")
            .WithSummary("How far the last promotion of a model is.").WithTags("Changes");
    }

    private static Task<Results<Ok<AlarmItem>, ProblemHttpResult>> AcknowledgeAsync(
        [AsParameters] AlarmKey key, AcknowledgementRequest request, OwnerViews views, TimeProvider time, HttpContext context)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var by = context.IsPeer() ? request.By ?? ""
            : request.By is { Length: > 0 } said ? $"{said} ({ByOf(context)})"
            : ByOf(context);
        return request.Why is not { Length: > 0 and <= LongestText } || by.Length > LongestText
            ? Refuse<Ok<AlarmItem>>("why must be a text of 1 to 500 characters, and by no longer")
            : request.UntilMs <= nowMs || request.UntilMs > nowMs + (long)LongestAcknowledgement.TotalMilliseconds
            ? Refuse<Ok<AlarmItem>>("until_ms must be a time from now on, within 30 days")
            : SetAsync(key, new Acknowledgement(by, request.Why, nowMs, request.UntilMs), views, context);
    }

    private static Task<Results<Ok<AlarmItem>, ProblemHttpResult>> WithdrawAsync(
        [AsParameters] AlarmKey key, OwnerViews views, HttpContext context) => SetAsync(key, null, views, context);

    private static async Task<Results<Ok<AlarmItem>, ProblemHttpResult>> SetAsync(
        AlarmKey key, Acknowledgement? acknowledged, OwnerViews views, HttpContext context)
    {
        var answer = await views.AcknowledgeAsync(
            key.Filter(), acknowledged, ByOf(context), context.IsPeer(), context.RequestAborted);
        return answer.Outcome == AnswerOutcome.NotFound
            ? TypedResults.Problem(
                "It has ended, or never was.", statusCode: StatusCodes.Status404NotFound, title: "No such alarm is on")
            : ApiEndpoints.Of(answer);
    }

    private static async Task<Results<Ok<PromotionView>, ProblemHttpResult>> PromotionAsync(
        string model, OwnerViews views, HttpContext context) =>
        ApiEndpoints.Of(await views.PromotionAsync(model, context.IsPeer(), context.RequestAborted));

    private static async Task<Results<Accepted<PromotionView>, ProblemHttpResult>> PromoteAsync(
        string model, PromotionRequest request, OwnerViews views, HttpContext context)
    {
        if (request.FromMs < 0 || request.ToMs <= request.FromMs || request.ToMs > LastMs)
        {
            return await Refuse<Accepted<PromotionView>>("from_ms and to_ms must be times since 1970, to_ms the later one");
        }

        var answer = await views.PromoteAsync(model, request, ByOf(context), context.IsPeer(), context.RequestAborted);
        return answer.Value is { } begun ? TypedResults.Accepted((string?)null, begun) : ApiEndpoints.ProblemOf(answer);
    }

    private static async Task<Results<Ok<UndoneReference>, ProblemHttpResult>> UndoAsync(
        string model, int version, IServiceProvider services, HttpContext context)
    {
        if (services.GetService<Promotions>() is not { } promotions)
        {
            return await Refuse<Ok<UndoneReference>>("this monitor has no references topic");
        }

        try
        {
            return await promotions.UndoAsync(model, version, ByOf(context)) is { } inUse
                ? TypedResults.Ok(new UndoneReference(model, version, inUse))
                : TypedResults.Problem(
                    "Only the latest version in the references topic that is not undone can be taken back.",
                    statusCode: StatusCodes.Status409Conflict, title: "It is not the latest version");
        }
        catch (Exception problem) when (problem is KafkaException or InvalidConfigurationException)
        {
            return TypedResults.Problem(
                ErrorText.Of(problem), statusCode: StatusCodes.Status503ServiceUnavailable, title: "The brokers do not take it");
        }
    }

    private static string ByOf(HttpContext context) => context.User.Identity!.Name!;

    private static Task<Results<T, ProblemHttpResult>> Refuse<T>(string detail)
        where T : IResult => Task.FromResult<Results<T, ProblemHttpResult>>(
            TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "The request cannot be done"));
}
