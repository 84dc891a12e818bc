using System.Net;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Views;

/// <summary>
/// What the replica that owns a model knows of it, and does for it: this one by itself, another one when it is asked. Thread-safe.
/// </summary>
internal sealed class OwnerViews(
    MonitorViews lists, LocalViews local, KnownStatuses statuses, ReferenceViews references, PeerClient peers, ThisReplica replica,
    Promotions? promotions = null)
{
    /// <summary>The path of the API that replicas ask each other by.</summary>
    public const string Root = "/api/v1";

    /// <summary>Where replicas ask each other for an alarm, a model, a history and what was rejected.</summary>
    private static readonly (
        string Alarm, string Acknowledgement, string Model, string History, string Rejections, string Promotion) Paths =
        (
            $"{Root}/alarm", $"{Root}/alarm/acknowledgement", $"{Root}/model", $"{Root}/history", $"{Root}/rejections",
            $"{Root}/references/promotion");

    /// <summary>The first of the alarms that are asked for, explained by its owner.</summary>
    /// <param name="filter">Which; without a model the most urgent of all.</param>
    /// <param name="onlyLocal">Whether only this replica is asked, as by another one.</param>
    public async Task<Answer<AlarmDetail>> AlarmAsync(AlarmFilter filter, bool onlyLocal, CancellationToken cancelled)
    {
        var known = onlyLocal ? null : filter.First(lists.Alarms(filter));
        filter = known is null ? filter : filter.Only(known); // its owner might choose another one
        if (filter.Model is null)
        {
            return Answer<AlarmDetail>.Missing;
        }

        if (known?.EndedMs is not null)
        {
            return Answer<AlarmDetail>.Found(new AlarmDetail(known, null, []), known.Replica); // all that is kept of it
        }

        var answer = await AskAsync(
            filter.Model, () => local.Alarm(filter), Paths.Alarm, Query(filter), onlyLocal, cancelled);

        // what its owner cannot say, its status has
        return answer.Value is null && known is not null ? answer with { Value = new AlarmDetail(known, null, []) } : answer;
    }

    /// <summary>Says who works on an alarm that is on, or that nobody does any more: the owner of its model is told.</summary>
    /// <param name="which">The alarm, by all that tells it from others; the severity is its own.</param>
    /// <param name="acknowledged">Null to take it back.</param>
    /// <param name="by">Who says so.</param>
    /// <inheritdoc cref="AlarmAsync"/>
    public Task<Answer<AlarmItem>> AcknowledgeAsync(
        AlarmFilter which, Acknowledgement? acknowledged, string by, bool onlyLocal, CancellationToken cancelled) => AskAsync(
        which.Model!, () => local.Acknowledge(which, acknowledged, by), Paths.Acknowledgement, Query(which), onlyLocal, cancelled,
        acknowledged is null ? HttpMethod.Delete : HttpMethod.Put, by,
        acknowledged is null ? null : new AcknowledgementRequest(acknowledged.Why, acknowledged.UntilMs, acknowledged.By));

    /// <summary>A model, by its owner.</summary>
    /// <inheritdoc cref="AlarmAsync"/>
    public async Task<Answer<ModelDetail>> ModelAsync(string model, bool onlyLocal, CancellationToken cancelled)
    {
        var answer = await AskAsync(model, () => local.Model(model), Paths.Model, [], onlyLocal, cancelled);
        return answer.Value is null && lists.Models(new(model)).FirstOrDefault(known => known.Model == model) is { } item
            ? answer with
            {
                Value = new ModelDetail(
                    item, [.. lists.Alarms(new(model, On: true))], [.. lists.Alarms(new(model, On: false))], [], 0, [], [], null,
                    references.InUse(model)),
            }
            : answer;
    }

    /// <summary>What a window was evaluated to over the last hours, by its owner.</summary>
    /// <inheritdoc cref="AlarmAsync"/>
    public Task<Answer<HistoryView>> HistoryAsync(
        string model, string segment, string window, bool onlyLocal, CancellationToken cancelled) => AskAsync(
        model, () => local.History(model, segment, window), Paths.History, [("segment", segment), ("window", window)], onlyLocal,
        cancelled);

    /// <summary>The last promotion of a model, by its owner.</summary>
    /// <inheritdoc cref="AlarmAsync"/>
    public Task<Answer<PromotionView>> PromotionAsync(string model, bool onlyLocal, CancellationToken cancelled) =>
        AskAsync(model, () => promotions?.Latest(model), Paths.Promotion, [], onlyLocal, cancelled);

    /// <summary>Has a reference built by the owner of its model.</summary>
    /// <param name="by">Who asks for it.</param>
    /// <inheritdoc cref="AlarmAsync"/>
    public async Task<Answer<PromotionView>> PromoteAsync(
        string model, PromotionRequest request, string by, bool onlyLocal, CancellationToken cancelled)
    {
        try
        {
            var answer = await AskAsync(
                model, () => promotions?.Start(model, request, by), Paths.Promotion, [], onlyLocal, cancelled, HttpMethod.Put, by, request);
            return answer.Outcome != AnswerOutcome.NotFound ? answer
                : Refused(promotions is null ? "This monitor has no references topic." : "A reference is built for one model at a time.");
        }
        catch (InvalidConfigurationException problem)
        {
            return Refused(string.Join("; ", problem.Problems));
        }

        Answer<PromotionView> Refused(string why) => new(AnswerOutcome.Refused, null, replica.Name, null, why);
    }

    /// <summary>What replicas have rejected, this one first.</summary>
    /// <param name="all">Whether the others are asked.</param>
    public async Task<RejectionsView> RejectionsAsync(bool all, CancellationToken cancelled)
    {
        var others = all ? lists.Replicas().Where(other => !other.IsThis).ToArray() : [];
        var answers = await Task.WhenAll(others.Select(other => AskAsync(other)));
        return new([local.Rejections(), .. answers]);

        async Task<ReplicaRejections> AskAsync(ReplicaItem other)
        {
            if (other.IsGone || !peers.CanAsk)
            {
                return new(other.Replica, other.IsGone ? "it is gone" : "replicas do not ask each other without Http:PeerSecret", []);
            }

            var answer = await peers.AskAsync<RejectionsView>(
                HttpMethod.Get, new StatusOwner(other.Replica, other.Url), Paths.Rejections, "", null, cancelled);
            return answer.Value?.Replicas is [var told, ..] ? told : new(other.Replica, answer.Problem ?? "its answer is empty", []);
        }
    }

    /// <summary>Who owns a model that this replica does not: null where nobody is known to.</summary>
    private StatusOwner? OwnerOf(string model) =>
        !local.Owns(model) && statuses.All.GetValueOrDefault(model) is { } status && status.Owner != replica.Owner ? status.Owner : null;

    /// <summary>What is known of a model here, or by its owner.</summary>
    private async Task<Answer<T>> AskAsync<T>(
        string model, Func<T?> own, string path, (string Name, string? Value)[] query, bool onlyLocal, CancellationToken cancelled,
        HttpMethod? method = null, string by = "", object? body = null)
        where T : class
    {
        if (onlyLocal || OwnerOf(model) is not { } owner)
        {
            var mayCome = !local.Owns(model) && (onlyLocal || statuses.All.ContainsKey(model));
            return mayCome && method is not null ? new(AnswerOutcome.Restoring, null, replica.Name)
                : own() is { } known ? Answer<T>.Found(known, replica.Name)
                : mayCome ? new(AnswerOutcome.Restoring, null, replica.Name)
                : Answer<T>.Missing;
        }

        if (lists.IsGone(owner))
        {
            return new(AnswerOutcome.OwnerGone, null, owner.Replica, owner.Url);
        }

        if (!peers.CanAsk)
        {
            return new(AnswerOutcome.NotForwarded, null, owner.Replica, owner.Url);
        }

        var asked = string.Concat(query.Where(each => each.Value is not null)
            .Select(each => $"&{each.Name}={Uri.EscapeDataString(each.Value!)}"));
        var answer = await peers.AskAsync<T>(
            method ?? HttpMethod.Get, owner, $"{path}?model={Uri.EscapeDataString(model)}{asked}", by, body, cancelled);
        return answer.Value is { } value ? Answer<T>.Found(value, owner.Replica)
            : answer.Status == HttpStatusCode.NotFound ? Answer<T>.Missing with { Replica = owner.Replica }
            : answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests
            ? new(AnswerOutcome.Refused, null, owner.Replica, owner.Url, answer.Problem)
            : new(AnswerOutcome.OwnerUnreachable, null, owner.Replica, owner.Url, answer.Problem);
    }

    private static (string Name, string? Value)[] Query(AlarmFilter filter) =>
    [
        ("segment", filter.Segment), ("window", filter.Window), ("kind", Name(filter.Kind)), ("severity", Name(filter.Severity)),
        ("on", filter.On is { } on ? on ? "true" : "false" : null), ("from", Text(filter.FromMs)), ("to", Text(filter.ToMs)),
        ("began_ms", Text(filter.BeganMs)), ("search", filter.Search),
    ];

    private static string? Name<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } known ? SnakeCaseName.Of(known) : null;

    private static string? Text(long? value) => value?.ToString(CultureInfo.InvariantCulture);
}
