using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DriftMonitor.Worker.Http;

/// <summary>Changes what is said of an alarm, by the replica that decides it.</summary>
internal sealed class AlarmChanges(AlarmDesk desk, MonitorViews views, PeerClient peers, ModelOwners owners, ThisReplica replica)
{
    /// <param name="request">What is sent on to the owner; null for a withdrawal.</param>
    /// <param name="acknowledged">What is taken in; likewise.</param>
    public async Task<Results<Ok<AlarmItem>, ProblemHttpResult>> AcknowledgeAsync(
        AlarmKey key, AcknowledgementRequest? request, Acknowledgement? acknowledged, HttpContext context)
    {
        if (!context.IsPeer() && views.OwnerOf(key.Model) is { } owner)
        {
            var path = $"{ApiEndpoints.Root}/alarm/acknowledgement{key.Query()}";
            var answer = await peers.AskAsync<AlarmItem>(
                request is null ? HttpMethod.Delete : HttpMethod.Put, owner, path, context.User.Identity!.Name!,
                request is null ? null : request with { By = acknowledged!.By }, context.RequestAborted);
            return answer.Value is { } told ? TypedResults.Ok(told)
                : answer.Status == System.Net.HttpStatusCode.NotFound ? Ended()
                : answer.Status is System.Net.HttpStatusCode.BadRequest or System.Net.HttpStatusCode.TooManyRequests
                ? ApiEndpoints.ProblemOf(new Answer<AlarmItem>(AnswerOutcome.Refused, null, owner.Replica, owner.Url, answer.Problem))
                : ApiEndpoints.ProblemOf(new Answer<AlarmItem>(
                    peers.CanAsk ? AnswerOutcome.OwnerUnreachable : AnswerOutcome.NotForwarded, null, owner.Replica, owner.Url,
                    answer.Problem));
        }

        var which = desk.Of(key.Model).On.FirstOrDefault(
            alarm => key.IsOf(AlarmItem.Of(key.Model, alarm, ModelOwner.Nobody, null)));
        var isSaid = acknowledged is not null && which?.Acknowledged is { } before
            && before with { AtMs = acknowledged.AtMs } == acknowledged;
        var now = which is null || isSaid ? which
            : desk.Acknowledge(key.Model, which, acknowledged, context.User.Identity!.Name!);
        return now is null ? Ended() : TypedResults.Ok(AlarmItem.Of(key.Model, now, owners.Of(key.Model), replica.Name));

        static ProblemHttpResult Ended() => TypedResults.Problem(
            "It has ended, or never was.", statusCode: StatusCodes.Status404NotFound, title: "No such alarm is on");
    }
}
