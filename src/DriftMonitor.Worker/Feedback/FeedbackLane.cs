using Confluent.Kafka;
using DriftMonitor.Feedback;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Feedback;

/// <summary>The join of one partition number: its two logs, its store, and what has been said of it.</summary>
/// <param name="partition">The partition of the feedback topic.</param>
/// <param name="store">Where predictions wait.</param>
/// <param name="join">The join over it.</param>
/// <param name="incarnation">A number of its own: a lane that takes the partition over later is another.</param>
internal sealed class FeedbackLane(TopicPartition partition, IFeedbackStore store, FeedbackJoin join, ulong incarnation) : IDisposable
{
    private const int MaxUncommitted = 20_000;
    private const long CommitEveryMs = 1_000;

    private bool _predictionsSeen;
    private bool _feedbackSeen;
    private bool _touched;
    private long _committedMs;

    public TopicPartition Partition => partition;

    public FeedbackJoin Join => join;

    public ulong Incarnation => incarnation;

    /// <summary>What was published last and waits for its acknowledgement; null when nothing does.</summary>
    public PendingPublication? Pending { get; set; }

    public bool PredictionsAtEnd { get; private set; }

    public bool FeedbackAtEnd { get; private set; }

    /// <summary>Whether both logs have been read to their ends since the lane began: before that its values would say less than its predecessor's.</summary>
    public bool IsRebuilt => _predictionsSeen && _feedbackSeen;

    public void ReadPrediction() => PredictionsAtEnd = false;

    public void ReadFeedback() => FeedbackAtEnd = false;

    public void ReachPredictionsEnd() => PredictionsAtEnd = _predictionsSeen = true;

    public void ReachFeedbackEnd() => FeedbackAtEnd = _feedbackSeen = true;

    /// <summary>Whether records were rejected since the last commit whose copies may still be on their way.</summary>
    public bool HasDeadLetters { get; set; }

    /// <summary>Whether there is enough work to be made durable, or some for long enough.</summary>
    public bool IsCommitDue(long nowMs) => join.Uncommitted >= MaxUncommitted || (join.Uncommitted > 0 && nowMs - _committedMs >= CommitEveryMs);

    /// <summary>Forgets what is over, makes the work durable, and gives what is to be published.</summary>
    public List<(FeedbackPaneKey Key, FeedbackSums Sums)> Publish(long nowMs)
    {
        var position = join.Position;
        join.ForgetBefore(Math.Min(
            Clock(position.PredictionsClockMs, PredictionsAtEnd, nowMs), Clock(position.FeedbackClockMs, FeedbackAtEnd, nowMs)));
        Commit(nowMs);
        if (!_touched)
        {
            join.TouchAll();
            _touched = true;
        }

        return [.. join.TakeChanged()];
    }

    public void Commit(long nowMs)
    {
        join.Commit();
        _committedMs = nowMs;
    }

    public void Dispose() => store.Dispose();

    /// <summary>The clock of an idle log would stand still: what may be on its way to it is waited for, then no more.</summary>
    private static long Clock(long clockMs, bool atEnd, long nowMs) => atEnd ? Math.Max(clockMs, nowMs - WindowPlan.IdlePatienceMs) : clockMs;
}
