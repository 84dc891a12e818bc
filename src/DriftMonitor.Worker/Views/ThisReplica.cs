using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Views;

/// <summary>Who this replica is, and what it reads.</summary>
/// <param name="address">Its name and address.</param>
/// <param name="sources">The topics of predictions and labels.</param>
internal sealed class ThisReplica(ReplicaAddress address, ServiceMetrics metrics, IReadOnlyCollection<string> sources, TimeProvider time)
{
    /// <summary>As it says in statuses. Names alone may be those of several: replicas on one machine have different addresses.</summary>
    public StatusOwner Owner => address.Owner;

    /// <summary>Its name.</summary>
    public string Name => Owner.Replica;

    /// <summary>When it was started, epoch milliseconds.</summary>
    public long StartedMs { get; } = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Now, by its clock.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>All topics that it reads.</summary>
    public IReadOnlyList<TopicMetrics> Topics => metrics.Topics;

    /// <summary>Those of them that predictions and labels come from.</summary>
    public IEnumerable<TopicMetrics> SourceTopics => sources.Select(metrics.Topic);
}
