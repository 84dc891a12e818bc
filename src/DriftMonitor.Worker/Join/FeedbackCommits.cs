using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Join;

/// <summary>Makes the work of lanes durable, and publishes it.</summary>
internal sealed class FeedbackCommits(PlanePublisher publisher, DeadLetterPublisher? deadLetters, CountedLabels counted, ILogger log)
{
    public static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(4);

    /// <summary>Commits what is due and, with the beat, publishes what has changed.</summary>
    public void Work(FeedbackLane lane, long nowMs, bool isBeat)
    {
        if (!lane.IsOpen)
        {
            return;
        }

        if (lane.IsCommitDue(nowMs))
        {
            DeliverDeadLetters(lane);
            lane.Commit(nowMs);
            Committed(lane);
        }

        if (lane.Pending?.Failure is { } failure)
        {
            throw failure;
        }

        if (isBeat && lane.IsRebuilt && lane.Pending is null or { IsAcknowledged: true })
        {
            DeliverDeadLetters(lane);
            lane.Pending = Publish(lane, nowMs);
            Committed(lane);
        }
    }

    /// <summary>Commits and publishes a lane that is taken away.</summary>
    public void Finish(FeedbackLane lane, long nowMs)
    {
        DeliverDeadLetters(lane);
        if (lane.IsRebuilt)
        {
            Publish(lane, nowMs);
        }
        else
        {
            lane.Commit(nowMs);
        }

        Committed(lane);
    }

    private PendingPublication Publish(FeedbackLane lane, long nowMs)
    {
        var panes = lane.Publish(nowMs);
        return publisher.Publish(lane.Partition, lane.RunId, lane.Join.Position, panes);
    }

    /// <summary>A store that takes a commit can be used; and Kafka is told, in the background, how far labels were counted.</summary>
    private void Committed(FeedbackLane lane)
    {
        if (lane.IsDegraded)
        {
            lane.Problem = null;
            log.LabelsJoinedAgain(lane.Partition.ToString());
        }

        if (lane.Join.Position.FeedbackNext is var next && next > lane.Join.CountedBefore)
        {
            counted.Commit(lane.Partition, next);
        }
    }

    /// <summary>To be called before a commit: what stands before the position is not read again.</summary>
    private void DeliverDeadLetters(FeedbackLane lane)
    {
        if (lane.HasDeadLetters)
        {
            deadLetters!.Flush(LastFlush);
            lane.HasDeadLetters = false;
        }
    }
}
