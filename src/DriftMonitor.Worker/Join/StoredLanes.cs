using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Join;

/// <summary>The lanes that have a store: begins them in it, and closes those whose store cannot be used.</summary>
/// <remarks>
/// A store that cannot be used costs the labels of its partition until it can, and nothing else. Used by the consumer's thread.
/// </remarks>
internal sealed class StoredLanes(
    FeedbackStores stores,
    WaitingPredictions? predictions,
    CountedLabels counted,
    BrokerQueries<FeedbackRecord> queries,
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
        IFeedbackStore store;
        try
        {
            store = stores.Open(lane.Partition.Partition, lane.Problem);
        }
        catch (Exception problem) when (FeedbackStores.IsProblem(problem))
        {
            Fail(lane, problem);
            return null;
        }

        try
        {
            return Begin(lane, store);
        }
        catch
        {
            store.Dispose(); // else its directory stays locked
            throw;
        }
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
            log.LogError(
                "the feedback store {Directory} cannot be used ({Problem}): the labels of {Partition} are not joined for now, and "
                + "wait in their topic. It is tried again every few seconds; make room, or let this process write there, or delete "
                + "the directory to have it rebuilt from the topics. Drift monitoring is not affected",
                stores.DirectoryOf(lane.Partition.Partition),
                problem.Message,
                lane.Partition);
        }

        if (lane.IsOpen)
        {
            Stop(lane);
        }

        lane.Fail(problem, NowMs);
    }

    /// <summary>Reads no more predictions for a lane.</summary>
    public void Stop(FeedbackLane lane) => predictions?.Remove([lane.Partition.Partition]);

    private Offset Begin(FeedbackLane lane, IFeedbackStore store)
    {
        var (partition, position) = (lane.Partition.Partition, store.Position);
        var start = StartOf(lane.Partition, position.FeedbackNext);
        var join = new FeedbackJoin(_plan, store, metrics.CountUnmatched, metrics.CountMatched, metrics.CountRebuilt)
        {
            CountedBefore = counted.Before(lane.Partition, position.FeedbackNext),
        };
        if (predictions is not null)
        {
            var first = StartOf(new TopicPartition(predictions.Topic, partition), position.PredictionsNext);
            if (position.PredictionsNext < 0 && !first.IsSpecial)
            {
                join.BeginPredictions(_plan.ReadFromMs(NowMs));
            }

            predictions.Add(partition, first, lane);
        }

        lane.Begin(store, join);
        if (predictions is null)
        {
            lane.ReachPredictionsEnd();
        }

        return start;
    }

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
