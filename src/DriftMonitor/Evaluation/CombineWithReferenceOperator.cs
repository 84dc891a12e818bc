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
    /// <param name="windows">What stage 2 has to say: each <see cref="LiveWindow"/> is evaluated, all else is passed on.</param>
    /// <param name="references">The references in use; each set replaces the one before as a whole.</param>
    /// <param name="evaluator">What compares them.</param>
    /// <returns>
    /// A <see cref="DriftReport"/> for each window; where its evaluation has failed it has no numbers, and follows a
    /// <see cref="FailedEvaluation"/>.
    /// </returns>
    public static IObservable<StageEvent> CombineWithReference(
        this IObservable<StageEvent> windows, IObservable<ReferenceSet> references, DriftEvaluator evaluator) =>
        Observable.Defer(() =>
        {
            var current = ReferenceSet.Empty;
            var last = new Dictionary<(SeriesKey Series, string Window), LiveWindow>();
            IEnumerable<StageEvent> Evaluate(LiveWindow window)
            {
                try
                {
                    return [evaluator.Evaluate(window, current.Of(window.Series.Model))];
                }
#pragma warning disable CA1031 // whatever it is: the other models are still watched
                catch (Exception fault)
                {
                    return [new FailedEvaluation(window, fault), DriftReport.WithoutNumbers(window)];
                }
#pragma warning restore CA1031
            }

            IEnumerable<StageEvent> Slide(LiveWindow window)
            {
                if (window.Retired)
                {
                    last.Remove((window.Series, window.Window.Name));
                }
                else
                {
                    last[(window.Series, window.Window.Name)] = window.WithoutPanes();
                }

                return Evaluate(window);
            }

            IEnumerable<StageEvent> Switch(ReferenceSet next)
            {
                var previous = current;
                current = next;
                return [
                    .. last.Values.Where(
                        window => !ReferenceEquals(previous.Of(window.Series.Model), next.Of(window.Series.Model))).SelectMany(Evaluate)];
            }

            return references
                .Select(set => (Said: (StageEvent?)null, References: (ReferenceSet?)set))
                .Merge(windows.Select(said => (Said: (StageEvent?)said, References: (ReferenceSet?)null)))
                .SelectMany(
                    step => step.Said is LiveWindow window ? Slide(window) : step.Said is { } said ? [said] : Switch(step.References!));
        });
}
