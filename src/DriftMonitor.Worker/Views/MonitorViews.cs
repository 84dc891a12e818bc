using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Status;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DriftMonitor.Worker.Views;

/// <summary>
/// The lists that the API and the pages show, of all replicas, by the statuses of all models; <see cref="OwnerViews"/> has details.
/// </summary>
/// <remarks>Of a model that this replica owns it shows what it knows itself, which is newer than the status. Thread-safe.</remarks>
internal sealed class MonitorViews(
    LocalViews local, ReferenceViews references, KnownStatuses statuses, ModelOwners owners, PeerClient peers, ThisReplica replica,
    WatchedModels models, EffectiveSettings settings, HealthCheckService? health = null)
{
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
                    status => Items(status, status.Alarms.Concat(status.Ended))))
                .Where(filter.Matches)
                .Order(AlarmOrder.ByUrgency),
        ];
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

    /// <summary>The references of a model, or of all, each model's highest version first.</summary>
    public IReadOnlyList<ReferenceItem> References(string? model) => references.All(model);

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

    private IEnumerable<AlarmItem> Items(ModelStatus status, IEnumerable<StatusAlarm> alarms) => alarms.Select(
        alarm => AlarmItem.Of(status.Model, alarm, owners.Of(status.Model), status.Owner.Replica) with
        {
            IsOwnerGone = IsGone(status.Owner),
        });

    private ModelItem Item(ModelStatus status)
    {
        var owner = owners.Of(status.Model);
        var (critical, warnings) = Incidents.Count([.. Items(status, status.Alarms)]);
        return new(
            status.Model, status.State, status.StateSinceMs, status.LatestEventMs, critical, warnings, ViewText.NullIfEmpty(owner.Owner),
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
            || (IsGone(status.Owner) && status.State != ModelState.Retired && nowMs - status.WrittenMs <= KnownStatuses.LongestGoneMs);
    }

    /// <summary>Whether a replica has said nothing for too long; this one never is.</summary>
    public bool IsGone(StatusOwner owner) => owner != replica.Owner && statuses.IsGone(owner, replica.NowMs);
}
