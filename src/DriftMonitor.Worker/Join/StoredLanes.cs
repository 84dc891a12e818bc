using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Join;

/// <summary>The lanes that have a store: begins them in it, and closes those whose store cannot be used.</summary>
/// <remarks>
/// A store that cannot be used costs the labels of its partition until it can, and nothing else. Used by the consumer's thread.
/// </remarks>
internal sealed class StoredLanes(
    FeedbackStores stores,
    WaitingPredictions? predictions,
    CountedLabels labelsCounted,
    JoinedLogs logs,
    BrokerQueries<IReadOnlyList<FeedbackRecord>> queries,
    UnmatchedLabels unmatched,
    FeedbackMetrics metrics,
    TimeProvider time,
    ILogger log)
{
    private readonly FeedbackPlan _plan = stores.Feedback.Plan;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens the lane's store and reads the predictions from where it left off.</summary>
    /// <returns>Where labels are to be read from; null when the store cannot be used.</returns>
    public Offset? Begin(FeedbackLane lane)
    {
        return BeginIn(() => stores.Open(lane.Partition.Partition, lane.Problem), lane, store =>
        {
            var position = store.Position;
            var labels = logs.AreOther(lane.Partition, position.FeedbackNext, position.LabelsStampMs, position.LabelsEpoch);
            var waited = predictions is not null && logs.AreOther(
                PredictionsOf(lane), position.PredictionsNext, position.PredictionsStampMs, position.PredictionsEpoch);
            return labels || waited
                ? (Lost(position, labels, waited, _plan.Windows.LostBefore(NowMs)), labels, waited)
                : (position, false, false);
        });
    }

    /// <summary>Works on a lane. What its store does costs the lane its labels when it fails, not the process.</summary>
    public void Attempt(FeedbackLane lane, Action work)
    {
        try
        {
            work();
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            Fail(lane, problem);
        }
    }

    /// <summary>Closes a lane whose store cannot be used.</summary>
    public void Fail(FeedbackLane lane, Exception problem)
    {
        if (!lane.IsDegraded)
        {
            log.StoreUnusable(stores.DirectoryOf(lane.Partition.Partition), problem.Message, lane.Partition.ToString());
        }

        if (lane.IsOpen)
        {
            Stop(lane);
        }

        lane.Fail(problem, NowMs);
    }

    /// <summary>Reads no more predictions for a lane.</summary>
    public void Stop(FeedbackLane lane) => predictions?.Remove([lane.Partition.Partition]);

    /// <summary>Begins a lane anew from the topics: one of its logs is another than the one that its store is made from.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="labels">Whether the log of labels is another.</param>
    /// <param name="beforeMs">The event time before which events of the former log may be missing, epoch milliseconds.</param>
    /// <returns>Where labels are to be read from; null when the store cannot be used.</returns>
    public Offset? BeginAnew(FeedbackLane lane, bool labels, long beforeMs)
    {
        lane.Owed = (Lost(lane.Join.Position, labels, !labels, beforeMs), labels, !labels);
        Stop(lane);
        lane.Dispose();
        return BeginIn(() => stores.OpenAnew(lane.Partition.Partition), lane, _ => lane.Owed.Value);
    }

    /// <summary>
    /// Begins a lane in a store, and in an empty one in its place when a log is another. What fails leaves no store open.
    /// </summary>
    private Offset? BeginIn(
        Func<IFeedbackStore> open, FeedbackLane lane, Func<IFeedbackStore, (FeedbackPosition Position, bool Labels, bool Predictions)> from)
    {
        IFeedbackStore? store = null;
        try
        {
            store = open();
            var (position, labels, waited) = lane.Owed ?? from(store);
            if ((labels || waited) && store.Position.Progress > 0)
            {
                lane.Owed = (position, labels, waited);
                store.Dispose();
                store = null;
                store = stores.OpenAnew(lane.Partition.Partition);
            }

            return Begin(lane, store, position, labels, waited);
        }
        catch (Exception problem)
        {
            store?.Dispose(); // else its directory stays locked
            if (!FeedbackStores.IsProblem(problem))
            {
                throw;
            }

            Fail(lane, problem);
            return null;
        }
    }

    private static FeedbackPosition Lost(FeedbackPosition former, bool labels, bool predictions, long beforeMs) => former.Anew() with
    {
        LabelsLostBeforeMs = labels ? beforeMs : former.LabelsLostBeforeMs,
        PredictionsLostBeforeMs = predictions ? beforeMs : former.PredictionsLostBeforeMs,
    };

    private Offset Begin(FeedbackLane lane, IFeedbackStore store, FeedbackPosition position, bool newLabels, bool newPredictions)
    {
        var join = new FeedbackJoin(_plan, store, unmatched.Count, metrics.CountMatched, metrics.CountRebuilt);
        var counted = labelsCounted.Before(lane.Partition, position.FeedbackNext);
        join.CountedBefore = newLabels ? 0 : counted; // of a log made anew nothing was counted
        var labels = newLabels ? Offset.Beginning : StartOf(lane.Partition, position.FeedbackNext);
        var first = predictions is null ? Offset.Unset
            : newPredictions ? Offset.Beginning
            : StartOf(PredictionsOf(lane), position.PredictionsNext);
        join.BeginAt(position with
        {
            LabelsEpoch = logs.EpochOf(lane.Partition.Topic) ?? position.LabelsEpoch,
            PredictionsEpoch = (predictions is null ? null : logs.EpochOf(predictions.Topic)) ?? position.PredictionsEpoch,
            PredictionsFromMs = position.PredictionsNext < 0 && !first.IsSpecial ? _plan.ReadFromMs(NowMs) : position.PredictionsFromMs,
        });
        if (newLabels || newPredictions)
        {
            join.Commit(); // what was lost, too: a store that fails now must not forget it
        }

        lane.Owed = null;
        lane.Begin(store, join, newLabels); // last, since from here on the store is the lane's
        if (predictions is null)
        {
            lane.ReachPredictionsEnd();
        }
        else
        {
            predictions.Add(lane.Partition.Partition, first, lane);
        }

        return labels;
    }

    private TopicPartition PredictionsOf(FeedbackLane lane) => new(predictions!.Topic, lane.Partition.Partition);

    /// <summary>Where the store left off; on an empty disk, where what a window can depend on begins.</summary>
    private Offset StartOf(TopicPartition partition, long next)
    {
        if (next >= 0)
        {
            return next;
        }

        var offset = queries.FirstSince(partition, Math.Max(0, _plan.ReadFromMs(NowMs)));
        return offset.IsSpecial ? Offset.Beginning : offset; // the end, when nothing is that young: or the broker does not know
    }
}
