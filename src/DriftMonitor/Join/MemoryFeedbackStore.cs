namespace DriftMonitor.Join;

/// <summary>A store in memory: for replay, the demo, and services that rebuild from the topics at every start.</summary>
/// <param name="bucketMs">How many milliseconds of event time are dropped at once.</param>
public sealed class MemoryFeedbackStore(long bucketMs) : IFeedbackStore
{
    private readonly SortedDictionary<long, Dictionary<JoinKey, JoinEntry>> _buckets = [];
    private readonly Dictionary<FeedbackPaneKey, FeedbackSums> _panes = [];

    /// <inheritdoc/>
    public FeedbackPosition Position { get; private set; } = FeedbackPosition.Start;

    /// <inheritdoc/>
    public JoinedPrediction AsKept(JoinedPrediction prediction) => prediction;

    /// <inheritdoc/>
    public JoinEntry Find(JoinKey key)
    {
        foreach (var bucket in _buckets.Values)
        {
            if (bucket.TryGetValue(key, out var entry))
            {
                return entry;
            }
        }

        return JoinEntry.Empty;
    }

    /// <inheritdoc/>
    public void Put(JoinKey key, JoinEntry found, JoinEntry entry)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(entry);
        if (!ReferenceEquals(found, JoinEntry.Empty) && BucketOf(found) != BucketOf(entry))
        {
            _buckets[BucketOf(found)].Remove(key);
        }

        if (!_buckets.TryGetValue(BucketOf(entry), out var bucket))
        {
            _buckets[BucketOf(entry)] = bucket = [];
        }

        bucket[key] = entry;
    }

    /// <summary>All entries there are.</summary>
    public IEnumerable<KeyValuePair<JoinKey, JoinEntry>> Entries() => _buckets.Values.SelectMany(bucket => bucket);

    /// <inheritdoc/>
    public FeedbackSums Pane(FeedbackPaneKey key)
    {
        if (!_panes.TryGetValue(key, out var sums))
        {
            _panes[key] = sums = new FeedbackSums();
        }

        return sums;
    }

    /// <inheritdoc/>
    public IEnumerable<FeedbackPaneKey> Panes() => _panes.Keys;

    /// <inheritdoc/>
    public long Forget(long beforeMs)
    {
        var waiting = 0L;
        foreach (var start in _buckets.Keys.TakeWhile(start => start + bucketMs <= beforeMs).ToList())
        {
            waiting += _buckets[start].Values.Sum(entry => (long)entry.Waiting);
            _buckets.Remove(start);
        }

        return waiting;
    }

    /// <inheritdoc/>
    public void ForgetPanes(long lengthMs, long beforeMs)
    {
        foreach (var key in _panes.Keys.Where(key => key.LengthMs == lengthMs && key.StartMs < beforeMs))
        {
            _panes.Remove(key);
        }
    }

    /// <inheritdoc/>
    public void Commit(FeedbackPosition position) => Position = position;

    /// <inheritdoc/>
    public void Dispose()
    {
        // nothing to let go of
    }

    private long BucketOf(JoinEntry entry) => entry.TimeMs / bucketMs * bucketMs;
}
