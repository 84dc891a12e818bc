using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Lanes;

/// <summary>Where predictions are read from: what the group committed, else what <c>Kafka:StartFrom</c> says.</summary>
internal sealed class StartOffsets(
    MonitorSettings settings,
    SourcePartitions sources,
    BrokerQueries<PredictionReader> queries,
    Func<List<TopicPartitionOffset>, bool> commit)
{
    /// <summary>
    /// Where each partition is read from. Without a commit at its beginning, also with <c>Kafka:StartFrom=latest</c> when it is new to a
    /// topic that the group reads.
    /// </summary>
    public IEnumerable<TopicPartitionOffset> Of(IReadOnlyList<TopicPartition> assigned)
    {
        var committed = settings.StartFromEarliest ? queries.Committed(assigned) : CommittedOrBegun(assigned);
        return committed.Where(each => assigned.Contains(each.TopicPartition))
            .Select(each => each.Offset == Offset.Unset ? new TopicPartitionOffset(each.TopicPartition, Offset.Beginning) : each);
    }

    /// <summary>
    /// The offsets that the group committed. For topics of which it has committed none, the ends as they are now are committed
    /// first, of all partitions: from then on the group has begun, and neither a restart before the first record nor a member that comes
    /// later begins at another end.
    /// </summary>
    private IReadOnlyList<TopicPartitionOffset> CommittedOrBegun(IReadOnlyList<TopicPartition> assigned)
    {
        var committed = queries.Committed(
            [.. sources.Partitions.Where(partition => settings.Predictions.ContainsKey(partition.Topic)).Union(assigned)]);
        var begun = committed.Where(each => each.Offset != Offset.Unset).Select(each => each.Topic).ToHashSet(StringComparer.Ordinal);
        var ends = committed.Where(each => !begun.Contains(each.Topic))
            .Select(each => new TopicPartitionOffset(each.TopicPartition, queries.End(each.TopicPartition)))
            .ToList();
        if (ends.Count == 0)
        {
            return committed;
        }

        // What another member, begun together with this one, has committed meanwhile stays: it may have read on from there. Should this
        // commit fail, each lane commits with its first publication.
        var meanwhile = queries.Committed([.. ends.Select(each => each.TopicPartition)])
            .Where(each => each.Offset != Offset.Unset)
            .ToDictionary(each => each.TopicPartition);
        ends = [.. ends.Select(each => meanwhile.GetValueOrDefault(each.TopicPartition, each))];
        commit([.. ends.Where(each => !meanwhile.ContainsKey(each.TopicPartition))]);

        return [.. committed.Where(each => begun.Contains(each.Topic)), .. ends];
    }
}
