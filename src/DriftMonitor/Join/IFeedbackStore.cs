namespace DriftMonitor.Join;

/// <summary>Where one partition's predictions wait for their labels, with the sums over those that were joined.</summary>
/// <remarks>Used by one thread. What was put is found at once, and kept with the offsets from the next <see cref="Commit"/> on.</remarks>
public interface IFeedbackStore : IDisposable
{
    /// <summary>What was committed last.</summary>
    FeedbackPosition Position { get; }

    /// <summary>The prediction as exact as it will be found again: what is added must be what is taken back.</summary>
    JoinedPrediction AsKept(JoinedPrediction prediction);

    /// <summary>The entry, <see cref="JoinEntry.Empty"/> for none.</summary>
    JoinEntry Find(JoinKey key);

    /// <summary>Puts an entry in the place of the one that was found.</summary>
    void Put(JoinKey key, JoinEntry found, JoinEntry entry);

    /// <summary>The sums of a pane, to be changed; new ones when there are none.</summary>
    FeedbackSums Pane(FeedbackPaneKey key);

    /// <summary>All panes there are.</summary>
    IEnumerable<FeedbackPaneKey> Panes();

    /// <summary>Drops the buckets of entries that end by a time.</summary>
    /// <returns>How many labels waited in them, those aside that were read to rebuild the store.</returns>
    long Forget(long beforeMs);

    /// <summary>Drops the panes of a length that start before a time.</summary>
    void ForgetPanes(long lengthMs, long beforeMs);

    /// <summary>Makes what has been put since the last time durable, at once with how far both logs have been read.</summary>
    void Commit(FeedbackPosition position);
}
