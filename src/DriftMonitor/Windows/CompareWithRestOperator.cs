using System.Reactive.Linq;

namespace DriftMonitor.Windows;

/// <summary>The operator that sets segments beside the rest of their model's live traffic.</summary>
public static class CompareWithRestOperator
{
    /// <summary>
    /// Adds, after each window of a segment that is to be compared, that of a series of its own (<see cref="SeriesKey.VersusRest"/>): the
    /// segment's sums with those of the rest of the model's traffic over the same time.
    /// </summary>
    /// <remarks>
    /// State is made per subscription. The rest is all traffic less the segment, so a comparison comes when both windows have come to the
    /// same end, and again when one of them has changed; of a class space that only one of them has yet there is none. Everything passes.
    /// </remarks>
    /// <param name="windows">What stage 2 has to say.</param>
    /// <param name="compared">The segments.</param>
    public static IObservable<StageEvent> CompareWithRest(this IObservable<StageEvent> windows, ComparedSegments compared) =>
        compared.IsEmpty
            ? windows
            : Observable.Defer(() =>
            {
                var latest = new Dictionary<(SeriesKey Series, string Window), LiveWindow>();
                var shown = new HashSet<(SeriesKey Series, string Window)>();
                return windows.SelectMany(said => said is LiveWindow window && compared.Involves(window.Series)
                    ? Compare(window, compared.Of(window.Series.Model), latest, shown).Prepend(said)
                    : [said]);
            });

    private static IEnumerable<StageEvent> Compare(
        LiveWindow window, ImmutableArray<string> segments, Dictionary<(SeriesKey, string), LiveWindow> latest,
        HashSet<(SeriesKey, string)> shown)
    {
        var (series, name) = (window.Series, window.Window.Name);
        var parts = series.Segment == SeriesKey.All ? segments : [series.Segment];
        if (window.Retired)
        {
            latest.Remove((series, name));
            return [
                .. from part in parts
                   let of = new SeriesKey(series.Model, part)
                   where shown.Remove((of, name))
                   select window with { Series = of.VersusRest, Panes = null }];
        }

        latest[(series, name)] = window;
        return [.. parts.Select(Compared).OfType<LiveWindow>()];

        LiveWindow? Compared(string segment)
        {
            var of = new SeriesKey(series.Model, segment);
            if (latest.GetValueOrDefault((of with { Segment = SeriesKey.All }, name)) is not { } all
                || latest.GetValueOrDefault((of, name)) is not { } part
                || all.ToMs != part.ToMs
                || all.Classes.SpaceId != part.Classes.SpaceId)
            {
                return null;
            }

            shown.Add((of, name));
            return part with { Series = of.VersusRest, Rest = OtherWindow.Without(all, part), Trailing = null, Policy = null };
        }
    }
}
