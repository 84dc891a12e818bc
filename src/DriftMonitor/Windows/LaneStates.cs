namespace DriftMonitor.Windows;

/// <summary>What stage 2 knows of the lanes of all source partitions.</summary>
/// <param name="plan">The windows.</param>
/// <param name="sourcePartitions">The source partitions whose lanes are waited for from the start.</param>
/// <param name="isExpected">Whether the lane of any other partition is waited for once it has published; null for none.</param>
internal sealed class LaneStates(WindowPlan plan, IReadOnlyCollection<int> sourcePartitions, Func<int, bool>? isExpected)
{
    private readonly Dictionary<int, LaneState> _lanes = sourcePartitions.ToDictionary(
        partition => partition, _ => new LaneState(plan, expected: true));

    /// <summary>Whether every expected lane has published what can be merged here.</summary>
    public bool AreUsable => _lanes.Values.All(lane => lane.IsUsable);

    /// <summary>The event time before which panes get nothing more from any lane, as of the newest progress.</summary>
    public long SettledBeforeMs
    {
        get
        {
            var newestMs = _lanes.Values.Max(lane => lane.AsOfMs);
            return _lanes.Values.Where(lane => lane.IsExpected || !lane.IsSilent(newestMs)).Min(lane => lane.SettledBeforeMs);
        }
    }

    /// <summary>How much has been heard of each.</summary>
    public ImmutableArray<HeardLane> Heard =>
        [.. _lanes.Where(lane => lane.Value.NextOffset >= 0)
            .Select(lane => new HeardLane(lane.Key, lane.Value.NextOffset, lane.Value.HeardUntilMs, lane.Value.Epoch))];

    /// <summary>The lane of a source partition, null when nothing is known of it.</summary>
    public LaneState? Find(int sourcePartition) => _lanes.GetValueOrDefault(sourcePartition);

    /// <summary>The lane of a source partition, which is known from now on.</summary>
    public LaneState this[int sourcePartition]
    {
        get
        {
            if (!_lanes.TryGetValue(sourcePartition, out var lane))
            {
                _lanes.Add(sourcePartition, lane = new LaneState(plan, isExpected?.Invoke(sourcePartition) ?? false));
            }

            return lane;
        }
    }

    /// <summary>
    /// The event time that windows may move to: now, or what has been seen of the lane that lags most while lanes work off a backlog.
    /// </summary>
    public long BacklogMs(long nowMs) =>
        _lanes.Values.Where(lane => lane.IsBehind(nowMs)).Select(lane => lane.SeenUntilMs).Append(nowMs).Min();

    /// <summary>Up to when every event is known of the source partitions that feed a series; of all, if it is unknown which do.</summary>
    public long SeenUntil(ImmutableArray<int> sources, long nowMs)
    {
        var seenUntilMs = long.MaxValue;
        if (sources.IsEmpty)
        {
            foreach (var lane in _lanes.Values)
            {
                seenUntilMs = Math.Min(seenUntilMs, SeenUntil(lane, nowMs));
            }
        }

        foreach (var source in sources)
        {
            seenUntilMs = _lanes.TryGetValue(source, out var lane) ? Math.Min(seenUntilMs, SeenUntil(lane, nowMs)) : seenUntilMs;
        }

        return seenUntilMs;
    }

    /// <summary>Windows do not wait for a lane yet to publish, nor for a silent one that nobody expects: its partition is gone.</summary>
    private static long SeenUntil(LaneState lane, long nowMs) =>
        lane.HasPublished && (lane.IsExpected || !lane.IsSilent(nowMs)) ? lane.SeenUntilMs : long.MaxValue;
}
