using DriftMonitor.Join;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Evaluation;

/// <summary>The one query of stage 2: pane messages and ticks in, drift reports and windows of labels out.</summary>
public static class DriftQuery
{
    /// <summary>Merges registers, slides windows, and evaluates each against the latest reference.</summary>
    /// <param name="messages">What the lanes of stage 1 published.</param>
    /// <param name="ticksMs">Times to move the windows to, epoch milliseconds, one shared source for all series.</param>
    /// <param name="references">The references in use.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="maxSeries">The cap on series.</param>
    /// <param name="evaluator">What compares windows with references.</param>
    /// <param name="sourcePartitions">The source partitions that are waited for before any window is complete or pane settled.</param>
    /// <param name="isExpected">Whether the lane of a partition added since, not among those, is waited for too; null for none.</param>
    /// <param name="labels">How labels are joined; null when there are none.</param>
    /// <returns>What stage 2 has to say, <see cref="DriftReport"/> in the place of <see cref="LiveWindow"/>.</returns>
    public static IObservable<StageEvent> MonitorDrift(
        this IObservable<PaneMessage> messages,
        IObservable<long> ticksMs,
        IObservable<ReferenceSet> references,
        WindowPlan plan,
        int maxSeries,
        DriftEvaluator evaluator,
        IReadOnlyCollection<int>? sourcePartitions = null,
        Func<int, bool>? isExpected = null,
        FeedbackPlan? labels = null) =>
        messages
            .SlideWindows(ticksMs, plan, maxSeries, sourcePartitions, isExpected, labels)
            .CombineWithReference(references, evaluator);
}
