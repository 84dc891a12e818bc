using System.Net;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Status;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DriftMonitor.Worker.Views;

/// <summary>All that the API and the pages show, of all replicas: lists by the statuses of all models, details by their owners.</summary>
/// <remarks>Of a model that this replica owns it shows what it knows itself, which is newer than the status. Thread-safe.</remarks>
internal sealed class MonitorViews(
    LocalViews local, ReferenceViews references, KnownStatuses statuses, ModelOwners owners, PeerClient peers, ThisReplica replica,
    WatchedModels models, EffectiveSettings settings, Promotions? promotions = null, HealthCheckService? health = null)
{
    private const string Root = "/api/v1";
    private const long LongestGoneMs = 7 * 86_400_000L; // for how long models are shown that nobody has taken over

    /// <summary>Where replicas ask each other for an alarm, a model, a history and what was rejected.</summary>
    private static readonly (string Alarm, string Model, string History, string Rejections, string Promotion) Paths =
        ($"{Root}/alarm", $"{Root}/model", $"{Root}/history", $"{Root}/rejections", $"{Root}/references/promotion");

    /// <summary>What every page needs of this replica. At once, from memory.</summary>
    public SiteView Site() => new(ServiceMetrics.Version, replica.Name, statuses.AreRead, settings.Changes);

    /// <summary>The same, with what is wrong with the replica.</summary>
    public async Task<SiteView> SiteAsync(CancellationToken cancelled)
    {
        var report = health is null ? null : await health.CheckHealthAsync(cancelled);
        var wrong = report?.Entries.Where(check => check.Value.Status == HealthStatus.Unhealthy).ToArray() ?? [];
        return Site() with
        {
            Problem = wrong is [var (name, check), ..] ? $"{name}: {check.Description ?? "not healthy"}" : null,
        };
    }

    /// <summary>The alarms that are asked for: those that are on first, the most urgent first, then the last to end first.</summary>
    public IReadOnlyList<AlarmItem> Alarms(AlarmFilter filter)
    {
        var own = local.Models().Select(model => model.Model).Where(local.Owns).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. own.SelectMany(local.Alarms)
                .Concat(Others(own).SelectMany(
                    status => status.Alarms.Concat(status.Ended)
                        .Select(alarm => AlarmItem.Of(status.Model, alarm, owners.Of(status.Model), status.Owner.Replica))))
                .Where(filter.Matches)
                .Order(AlarmOrder.ByUrgency),
        ];
    }

    /// <summary>The first of the alarms that are asked for, explained by its owner.</summary>
    /// <param name="filter">Which; without a model the most urgent of all.</param>
    /// <param name="here">Whether only this replica is asked, as by another one.</param>
    public async Task<Answer<AlarmDetail>> AlarmAsync(AlarmFilter filter, bool here, CancellationToken cancelled)
    {
        var known = here ? null : Alarms(filter).OrderBy(alarm => alarm.Severity != (filter.Severity ?? alarm.Severity)).FirstOrDefault();
        filter = filter with { Model = filter.Model ?? known?.Model };
        if (filter.Model is null)
        {
            return Answer<AlarmDetail>.Missing;
        }

        if (known?.EndedMs is not null)
        {
            return Answer<AlarmDetail>.Found(new AlarmDetail(known, null, []), known.Replica); // all that is kept of it
        }

        var answer = await AskAsync(
            filter.Model, () => local.Alarm(filter), Paths.Alarm,
            [
                ("segment", filter.Segment), ("window", filter.Window), ("kind", Name(filter.Kind)), ("severity", Name(filter.Severity)),
                ("on", filter.On is { } on ? on ? "true" : "false" : null), ("from", Text(filter.FromMs)), ("to", Text(filter.ToMs)),
                ("began_ms", Text(filter.BeganMs)),
            ],
            here, cancelled);

        // what its owner cannot say, its status has
        return answer.Value is null && known is not null ? answer with { Value = new AlarmDetail(known, null, []) } : answer;
    }

    /// <summary>The models that are asked for, those that need somebody first.</summary>
    public IReadOnlyList<ModelItem> Models(ModelFilter filter)
    {
        var here = local.Models().ToList();
        var own = here.Where(model => local.Owns(model.Model)).ToDictionary(model => model.Model, StringComparer.Ordinal);
        var others = Others(own.Keys).ToDictionary(status => status.Model, StringComparer.Ordinal);
        return
        [
            .. own.Values.Concat(here.Where(model => !own.ContainsKey(model.Model) && !others.ContainsKey(model.Model)))
                .Select(local.Item)
                .Concat(others.Values.Select(Item))
                .Where(filter.Matches)
                .OrderByDescending(model => model.Critical > 0)
                .ThenByDescending(model => model.Warnings > 0)
                .ThenByDescending(model => model.IsOwnerGone)
                .ThenBy(model => model.State)
                .ThenBy(model => model.Model, StringComparer.Ordinal),
        ];
    }

    /// <summary>A model, by its owner.</summary>
    /// <inheritdoc cref="AlarmAsync"/>
    public async Task<Answer<ModelDetail>> ModelAsync(string model, bool here, CancellationToken cancelled)
    {
        var answer = await AskAsync(model, () => local.Model(model), Paths.Model, [], here, cancelled);
        return answer.Value is null && statuses.All.GetValueOrDefault(model) is { } status
            ? answer with
            {
                Value = new ModelDetail(
                    Item(status), [.. Alarms(new(model, On: true))], [.. Alarms(new(model, On: false))], [], 0, [], [], null,
                    references.InUse(model)),
            }
            : answer;
    }

    /// <summary>What a window was evaluated to over the last hours, by its owner.</summary>
    /// <inheritdoc cref="AlarmAsync"/>
    public Task<Answer<HistoryView>> HistoryAsync(
        string model, string segment, string window, bool here, CancellationToken cancelled) => AskAsync(
        model, () => local.History(model, segment, window), Paths.History, [("segment", segment), ("window", window)], here, cancelled);

    /// <summary>The last promotion of a model, by its owner.</summary>
    /// <inheritdoc cref="AlarmAsync"/>
    public Task<Answer<PromotionView>> PromotionAsync(string model, bool here, CancellationToken cancelled) =>
        AskAsync(model, () => promotions?.Latest(model), Paths.Promotion, [], here, cancelled);

    /// <summary>Has a reference built by the owner of its model.</summary>
    /// <param name="by">Who asks for it.</param>
    /// <inheritdoc cref="AlarmAsync"/>
    public async Task<Answer<PromotionView>> PromoteAsync(
        string model, PromotionRequest request, string by, bool here, CancellationToken cancelled)
    {
        try
        {
            var answer = await AskAsync(
                model, () => promotions?.Start(model, request, by), Paths.Promotion, [], here, cancelled, HttpMethod.Put, by, request);
            return answer.Outcome != AnswerOutcome.NotFound ? answer
                : Refused(promotions is null ? "This monitor has no references topic." : "A reference is built for one model at a time.");
        }
        catch (InvalidConfigurationException problem)
        {
            return Refused(string.Join("; ", problem.Problems));
        }

        Answer<PromotionView> Refused(string why) => new(AnswerOutcome.Refused, null, replica.Name, null, why);
    }

    /// <summary>The references of a model, or of all, each model's highest version first.</summary>
    public IReadOnlyList<ReferenceItem> References(string? model) => references.All(model);

    /// <summary>What replicas have rejected, this one first.</summary>
    /// <param name="all">Whether the others are asked.</param>
    public async Task<RejectionsView> RejectionsAsync(bool all, CancellationToken cancelled)
    {
        var others = all ? Replicas().Where(other => !other.IsThis).ToArray() : [];
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

    /// <summary>How the monitor itself is.</summary>
    public async Task<MonitorView> MonitorAsync(CancellationToken cancelled)
    {
        var report = health is null ? null : await health.CheckHealthAsync(cancelled);
        return new(
            ServiceMetrics.Version, replica.Name, replica.Owner.Url, replica.StartedMs, (report?.Status ?? HealthStatus.Healthy).ToString(),
            [
                .. (report?.Entries ?? new Dictionary<string, HealthReportEntry>()).Select(
                    check => new HealthCheckItem(check.Key, check.Value.Status.ToString(), check.Value.Description)),
            ],
            [
                .. replica.Topics.Select(topic => new TopicItem(
                    topic.Topic, topic.AssignedPartitions, topic.PausedPartitions,
                    topic.Lag().ToArray() is { Length: > 0 } lags ? lags.Sum(lag => lag.Records) : null, topic.Consumed)),
            ],
            models.Memory.Whole.Used, models.Memory.Whole.Limit,
            [
                .. Models(new()).GroupBy(model => model.State).OrderBy(state => state.Key)
                    .Select(state => new StateCount(state.Key, state.Count())),
            ],
            Replicas(), statuses.AreRead, peers.CanAsk, settings.Changes, settings.All);
    }

    /// <summary>The replicas that own models, this one first.</summary>
    public ImmutableArray<ReplicaItem> Replicas()
    {
        var nowMs = replica.NowMs;
        var others = Others([]).Where(status => status.Owner != replica.Owner)
            .GroupBy(status => status.Owner)
            .OrderBy(owned => owned.Key.Replica, StringComparer.Ordinal)
            .ThenBy(owned => owned.Key.Url, StringComparer.Ordinal)
            .Select(owned => new ReplicaItem(
                owned.Key.Replica, owned.Key.Url, owned.Count(), owned.Max(status => status.WrittenMs),
                statuses.IsGone(owned.Key, nowMs), IsThis: false));
        return
        [
            new(
                replica.Name, replica.Owner.Url, local.Models().Count(model => local.Owns(model.Model)), WrittenMs: null, IsGone: false,
                IsThis: true),
            .. others,
        ];
    }

    /// <summary>Who owns a model that this replica does not: null where nobody is known to.</summary>
    public StatusOwner? OwnerOf(string model) =>
        !local.Owns(model) && statuses.All.GetValueOrDefault(model) is { } status && status.Owner != replica.Owner ? status.Owner : null;

    private ModelItem Item(ModelStatus status)
    {
        var (owner, paging) = (owners.Of(status.Model), status.Alarms.Where(alarm => alarm.Pages).ToArray());
        return new(
            status.Model, status.State, status.StateSinceMs, status.LatestEventMs,
            paging.Count(alarm => (alarm.PagesAs ?? alarm.Severity) == AlarmSeverity.Critical),
            paging.Count(alarm => (alarm.PagesAs ?? alarm.Severity) != AlarmSeverity.Critical), ViewText.NullIfEmpty(owner.Owner),
            ViewText.NullIfEmpty(owner.Team), status.Reference?.Id, status.Reference?.Version, status.Owner.Replica, status.WrittenMs,
            IsGone(status.Owner));
    }

    /// <summary>The statuses of models that others own, or owned when they were last heard of.</summary>
    private IEnumerable<ModelStatus> Others(IReadOnlyCollection<string> own)
    {
        var nowMs = replica.NowMs;
        return statuses.All.Values.Where(status => !own.Contains(status.Model) && IsShown(status));

        // an owner that writes of its other models only does not know this one any more; of one that is gone, all is as it was
        bool IsShown(ModelStatus status) =>
            nowMs - status.WrittenMs <= KnownStatuses.PatienceMs
            || (IsGone(status.Owner) && status.State != ModelState.Retired && nowMs - status.WrittenMs <= LongestGoneMs);
    }

    private bool IsGone(StatusOwner owner) => owner != replica.Owner && statuses.IsGone(owner, replica.NowMs);

    /// <summary>What is known of a model here, or by its owner.</summary>
    private async Task<Answer<T>> AskAsync<T>(
        string model, Func<T?> own, string path, (string Name, string? Value)[] query, bool here, CancellationToken cancelled,
        HttpMethod? method = null, string by = "", object? body = null)
        where T : class
    {
        if (here || OwnerOf(model) is not { } owner)
        {
            var mayCome = !local.Owns(model) && (here || statuses.All.ContainsKey(model));
            return mayCome && method is not null ? new(AnswerOutcome.Restoring, null, replica.Name)
                : own() is { } known ? Answer<T>.Found(known, replica.Name)
                : mayCome ? new(AnswerOutcome.Restoring, null, replica.Name)
                : Answer<T>.Missing;
        }

        if (IsGone(owner))
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

    private static string? Name<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } known ? SnakeCaseName.Of(known) : null;

    private static string? Text(long? value) => value?.ToString(CultureInfo.InvariantCulture);
}
