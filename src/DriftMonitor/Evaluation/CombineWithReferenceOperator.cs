using System.Reactive.Linq;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Evaluation;

/// <summary>The operator that joins live windows with the latest references.</summary>
public static class CombineWithReferenceOperator
{
    /// <summary>Evaluates each window against its model's latest reference, and a model's last windows anew when that changes.</summary>
    /// <remarks>
    /// State is made per subscription. Windows and references may come from different threads: they are taken one at a time. Windows that
    /// come before the first reference set are evaluated without one; references are subscribed to first. Ends when both have ended.
    /// </remarks>
    /// <param name="windows">The live windows.</param>
    /// <param name="references">The references in use; each set replaces the one before as a whole.</param>
    /// <param name="evaluator">What compares them.</param>
    /// <param name="onFailed">
    /// Called with a window whose evaluation has failed, and the fault; its report then has no numbers, and the other models are still
    /// watched. Without it a fault ends the sequence.
    /// </param>
    public static IObservable<DriftReport> CombineWithReference(
        this IObservable<LiveWindow> windows,
        IObservable<ReferenceSet> references,
        DriftEvaluator evaluator,
        Action<LiveWindow, Exception>? onFailed = null) =>
        Observable.Defer(() =>
        {
            var current = ReferenceSet.Empty;
            var last = new Dictionary<(SeriesKey Series, string Window), LiveWindow>();
            DriftReport Evaluate(LiveWindow window)
            {
                try
                {
                    return evaluator.Evaluate(window, current.Of(window.Series.Model));
                }
                catch (Exception fault) when (onFailed is not null)
                {
                    onFailed(window, fault);
                    return DriftReport.WithoutNumbers(window);
                }
            }

            IEnumerable<DriftReport> Slide(LiveWindow window)
            {
                if (window.Retired)
                {
                    last.Remove((window.Series, window.Window.Name));
                }
                else
                {
                    // many times as large as the rest
                    last[(window.Series, window.Window.Name)] = window.Panes is null ? window : window with { Panes = null };
                }

                return [Evaluate(window)];
            }

            IEnumerable<DriftReport> Switch(ReferenceSet next)
            {
                var previous = current;
                current = next;
                return [
                    .. last.Values.Where(
                        window => !ReferenceEquals(previous.Of(window.Series.Model), next.Of(window.Series.Model))).Select(Evaluate)];
            }

            return references
                .Select(set => (Window: (LiveWindow?)null, References: (ReferenceSet?)set))
                .Merge(windows.Select(window => (Window: (LiveWindow?)window, References: (ReferenceSet?)null)))
                .SelectMany(step => step.Window is { } window ? Slide(window) : Switch(step.References!));
        });
}
