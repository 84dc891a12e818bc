using System.Reactive.Disposables;
using System.Reactive.Linq;

namespace DriftMonitor.Lanes;

/// <summary>The operator that turns the predictions of one source partition into pane registers.</summary>
public static class AddIntoPanesOperator
{
    /// <summary>Adds each prediction into the open panes of its series and publishes what changed at every tick and at the end.</summary>
    /// <remarks>
    /// The lane is made per subscription. Records and ticks must come one at a time, as from the one thread that reads the partition:
    /// there is no lock here. Each record that is no prediction, late or future, and each duplicate, is told at once. Offsets that go
    /// backwards end the sequence with the error. What is published at the end has no more of a backlog than the last tick had: a
    /// partition that is given up halfway must not look read to its end.
    /// </remarks>
    /// <param name="records">The partition's records, in the order of their offsets; each is used before the next comes.</param>
    /// <param name="publishTicks">When to publish.</param>
    /// <param name="sourcePartition">The partition's number.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="lost">What cannot be read any more, each before the first record after it; null for nothing ever.</param>
    /// <param name="memory">What the open panes of all lanes may take; null for any amount.</param>
    /// <param name="ids">What the ids of their events may take; null for any amount.</param>
    /// <returns><see cref="LanePublication"/>, <see cref="RejectedRecord"/> and <see cref="DuplicateRecord"/>.</returns>
    public static IObservable<StageEvent> AddIntoPanes(
        this IObservable<PredictionRecord> records,
        IObservable<PublishTick> publishTicks,
        int sourcePartition,
        WindowPlan plan,
        IObservable<RecordsLost>? lost = null,
        MemoryBudget? memory = null,
        MemoryBudget? ids = null) =>
        Observable.Create<StageEvent>(observer =>
        {
            var lane = new SourceLane(sourcePartition, plan, memory ?? MemoryBudget.Unlimited(), ids ?? MemoryBudget.Unlimited());
            var last = new PublishTick(0, CaughtUp: true);
            var ticks = publishTicks.Subscribe(
                tick => observer.OnNext(lane.Publish(last = tick)), observer.OnError);
            var gaps = lost?.Subscribe(lane.Lose, observer.OnError) ?? Disposable.Empty;
            var events = records.Subscribe(
                record =>
                {
                    RejectionReason rejection;
                    try
                    {
                        rejection = lane.Add(record);
                    }
                    catch (InvalidOperationException broken)
                    {
                        observer.OnError(broken);
                        return;
                    }

                    if (rejection != RejectionReason.None)
                    {
                        observer.OnNext(new RejectedRecord(record, rejection));
                    }
                    else if (record.IsDuplicate)
                    {
                        observer.OnNext(new DuplicateRecord(record));
                    }
                },
                observer.OnError,
                () =>
                {
                    observer.OnNext(lane.Publish(last));
                    observer.OnCompleted();
                });
            return new CompositeDisposable(ticks, gaps, events, Disposable.Create(lane.Release));
        });
}
