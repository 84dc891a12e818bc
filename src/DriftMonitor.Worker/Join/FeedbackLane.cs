using Confluent.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Join;

/// <summary>The join of one partition number: its two logs, its store, and what has been said of it.</summary>
/// <remarks>
/// Without a store that can be used it is closed: its labels wait in their topic, and it begins again from its store as a new run.
/// </remarks>
internal sealed class FeedbackLane(TopicPartition partition) : IDisposable
{
    private const int MaxUncommitted = 20_000;
    private const long CommitEveryMs = 1_000;
    private const long RetryEveryMs = 10_000;

    private IFeedbackStore? _store;
    private FeedbackJoin? _join;
    private bool _predictionsSeen;
    private bool _feedbackSeen;
    private bool _touched;
    private long _committedMs;
    private long _retryMs;
    private long _toldBefore;

    public TopicPartition Partition => partition;

    /// <summary>The join over the store. Only of a lane that is open.</summary>
    public FeedbackJoin Join => _join ?? throw new InvalidOperationException($"{partition} has no store");

    /// <summary>A random number: a lane that takes the partition over later, or begins again, is another run.</summary>
    public ulong RunId { get; private set; }

    /// <summary>Whether there is a store to join labels in.</summary>
    public bool IsOpen => _join is not null;

    /// <summary>Why the store could not be used; null once it has taken a commit again.</summary>
    public Exception? Problem { get; set; }

    public bool IsDegraded => Problem is not null;

    /// <summary>
    /// Where the lane is to begin anew, and which of its logs are others; null once a store has committed that. One that has just been
    /// emptied knows nothing of what was lost.
    /// </summary>
    public (FeedbackPosition Position, bool Labels, bool Predictions)? Owed { get; set; }

    /// <summary>Whether the consumer does not fetch the partition.</summary>
    public bool Paused { get; set; }

    /// <summary>What was published last and waits for its acknowledgement; null when nothing does.</summary>
    public PendingPublication? Pending { get; set; }

    public bool PredictionsAtEnd { get; private set; }

    public bool FeedbackAtEnd { get; private set; }

    /// <summary>Whether both logs were read to their ends since the lane began: before, its values say less than the last lane's.</summary>
    public bool IsRebuilt => _predictionsSeen && _feedbackSeen;

    public void LeavePredictionsEnd() => PredictionsAtEnd = false;

    public void LeaveFeedbackEnd() => FeedbackAtEnd = false;

    public void ReachPredictionsEnd() => PredictionsAtEnd = _predictionsSeen = true;

    public void ReachFeedbackEnd() => FeedbackAtEnd = _feedbackSeen = true;

    /// <summary>Whether a label is read for the first time, true once each: it comes again if its store fails before a commit.</summary>
    public bool IsUntold(long offset)
    {
        var isUntold = offset >= _toldBefore;
        _toldBefore = Math.Max(_toldBefore, offset + 1);
        return isUntold;
    }

    /// <summary>Whether records were rejected since the last commit whose copies may still be on their way.</summary>
    public bool HasDeadLetters { get; set; }

    /// <summary>Whether there is enough work to be made durable, or some for long enough.</summary>
    public bool IsCommitDue(long nowMs) =>
        Join.Uncommitted >= MaxUncommitted || (Join.Uncommitted > 0 && nowMs - _committedMs >= CommitEveryMs);

    /// <summary>Whether a store may be tried again.</summary>
    public bool IsRetryDue(long nowMs) => !IsOpen && nowMs >= _retryMs;

    /// <summary>Begins to join in a store.</summary>
    /// <param name="newLabels">Whether the log of labels is another than before, of which nothing was told.</param>
    public void Begin(IFeedbackStore store, FeedbackJoin join, bool newLabels)
    {
        (_store, _join) = (store, join);
        _toldBefore = newLabels ? 0 : _toldBefore;
        RunId = unchecked((ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue));
        _predictionsSeen = _feedbackSeen = _touched = PredictionsAtEnd = FeedbackAtEnd = false;
    }

    /// <summary>Lets go of a store that cannot be used, with all that it has not committed.</summary>
    public void Fail(Exception problem, long nowMs)
    {
        Problem = problem;
        _retryMs = nowMs + RetryEveryMs;
        Pending = null; // it was committed before
        Dispose();
    }

    /// <summary>Makes the work durable, and gives what is to be published.</summary>
    public List<(FeedbackPaneKey Key, FeedbackSums Sums)> Publish(long nowMs)
    {
        Commit(nowMs);
        if (!_touched)
        {
            Join.TouchAll();
            _touched = true;
        }

        return [.. Join.TakeChanged()];
    }

    /// <summary>Forgets what is over and makes the work durable: also while behind, or what it keeps would grow and slow it down.</summary>
    public void Commit(long nowMs)
    {
        var position = Join.Position;
        Join.ForgetBefore(Math.Min(
            Clock(position.PredictionsClockMs, PredictionsAtEnd, nowMs), Clock(position.FeedbackClockMs, FeedbackAtEnd, nowMs)));
        Join.Commit();
        _committedMs = nowMs;
    }

    public void Dispose()
    {
        _store?.Dispose();
        (_store, _join) = (null, null);
    }

    /// <summary>The clock of an idle log would stand still: what may be on its way to it is waited for, then no more.</summary>
    private static long Clock(long clockMs, bool atEnd, long nowMs) =>
        atEnd ? Math.Max(clockMs, nowMs - WindowPlan.IdlePatienceMs) : clockMs;
}
