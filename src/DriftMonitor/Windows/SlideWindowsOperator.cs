using System.Reactive.Linq;
using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>The operator that turns pane messages and ticks into windows.</summary>
public static class SlideWindowsOperator
{
    /// <summary>Merges pane registers per series and slides every window of the plan over them, for outputs and for labels.</summary>
    /// <remarks>
    /// A tick is the event time to move to, epoch milliseconds; every window that reaches a new multiple of its slide is emitted once, and
    /// again when its completeness changes; one of labels also when its sums change.
    /// State is made per subscription. Messages and ticks may come from different threads: they are taken one at a time. The sequence ends
    /// when the messages have ended and, after that, with the next tick or the ticks' own end.
    /// </remarks>
    /// <param name="messages">Registers and progress of the lanes.</param>
    /// <param name="ticksMs">Times to move the windows to, one shared source for all series.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="maxSeries">The cap on series; registers of further ones are refused.</param>
    /// <param name="sourcePartitions">Partitions waited for before windows are complete or panes settle; others once they publish.</param>
    /// <param name="isExpected">Whether the lane of a partition added since, not among those, is waited for too; null for none.</param>
    /// <param name="labels">How labels are joined; null when there are none.</param>
    /// <param name="memory">What series and their windows may take; null for any amount.</param>
    /// <returns>
    /// <see cref="LiveWindow"/>, <see cref="FeedbackWindow"/>, <see cref="RefusedEvents"/> and <see cref="PanesSettled"/>.
    /// </returns>
    public static IObservable<StageEvent> SlideWindows(
        this IObservable<PaneMessage> messages,
        IObservable<long> ticksMs,
        WindowPlan plan,
        int maxSeries,
        IReadOnlyCollection<int>? sourcePartitions = null,
        Func<int, bool>? isExpected = null,
        FeedbackPlan? labels = null,
        MemoryBudget? memory = null) =>
        Observable.Defer(() =>
        {
            var state = new WindowState(plan, maxSeries, sourcePartitions ?? [], isExpected, labels, memory ?? MemoryBudget.Unlimited());
            var ended = false;
            return messages
                .Do(_ => { }, () => ended = true)
                .Select(message => (Message: (PaneMessage?)message, TickMs: 0L))
                .Merge(ticksMs.TakeUntil(_ => ended).Select(tick => (Message: (PaneMessage?)null, TickMs: tick)))
                .SelectMany(step => step.Message is { } message ? state.Apply(message) : state.Tick(step.TickMs))
                .Finally(state.Release);
        });
}
