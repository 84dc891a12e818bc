using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Evaluation;

/// <summary>The one query of stage 2: pane messages and ticks in, drift reports out.</summary>
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
    /// <param name="onRefused">Called with why events count in no window, and how many.</param>
    /// <param name="onSettled">Called with the panes that have become final: what a successor needs of the past.</param>
    /// <param name="onFailed">Called with each window whose evaluation failed, and the fault; without it a fault ends the sequence.</param>
    /// <param name="isExpected">Whether the lane of a partition added since, not among those, is waited for too; null for none.</param>
    public static IObservable<DriftReport> MonitorDrift(
        this IObservable<PaneMessage> messages,
        IObservable<long> ticksMs,
        IObservable<ReferenceSet> references,
        WindowPlan plan,
        int maxSeries,
        DriftEvaluator evaluator,
        IReadOnlyCollection<int>? sourcePartitions = null,
        Action<RegisterRefusal, long>? onRefused = null,
        Action<Settlement>? onSettled = null,
        Action<LiveWindow, Exception>? onFailed = null,
        Func<int, bool>? isExpected = null) =>
        messages
            .SlideWindows(ticksMs, plan, maxSeries, sourcePartitions, onRefused, onSettled, isExpected)
            .CombineWithReference(references, evaluator, onFailed);
}
