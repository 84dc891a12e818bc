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
    /// same end, and again when one of them has changed. Either side may be some slides ahead, as long as a source partition that feeds the
    /// other lags: the latest ends of both are kept. Where none of them is the other's, or the classes are not the same, a comparison that
    /// there was before comes once more, not complete. Everything passes.
    /// </remarks>
    /// <param name="windows">What stage 2 has to say.</param>
    /// <param name="compared">The segments.</param>
    public static IObservable<StageEvent> CompareWithRest(this IObservable<StageEvent> windows, ComparedSegments compared) =>
        compared.IsEmpty
            ? windows
            : Observable.Defer(() =>
            {
                var state = new State(compared);
                return windows.SelectMany(
                    said => said is LiveWindow window && compared.Involves(window.Series) ? state.Take(window).Prepend(said) : [said]);
            });

    private sealed class State(ComparedSegments compared)
    {
        private const int MostEnds = 4; // windows wait for two base panes at most: WindowPlan.PatienceMs

        private readonly Dictionary<(SeriesKey Series, string Window), List<LiveWindow>> _latest = [];
        private readonly HashSet<(SeriesKey Series, string Window)> _shown = [];

        public IEnumerable<StageEvent> Take(LiveWindow window)
        {
            var (series, name) = (window.Series, window.Window.Name);
            SeriesKey[] parts =
            [
                .. series.Segment == SeriesKey.All ? compared.Of(series.Model).Select(part => new SeriesKey(series.Model, part)) : [series],
            ];
            if (window.Retired)
            {
                _latest.Remove((series, name));
                return [
                    .. from part in parts
                       where _shown.Remove((part, name))
                       select window.WithoutPanes() with { Series = part.VersusRest }];
            }

            var isKept = series.Segment != SeriesKey.All || parts.Any(part => Ends(part, name).Count > 0);
            if (!_latest.TryGetValue((series, name), out var ends))
            {
                _latest[(series, name)] = ends = [];
            }

            ends.RemoveAll(end => end.ToMs == window.ToMs || end.Classes.SpaceId != window.Classes.SpaceId || IsPast(end));
            ends.Add(isKept ? window : window.WithoutPanes()); // with nothing to compare its panes are many
            if (ends.Count > MostEnds)
            {
                ends.RemoveAt(0);
            }

            return [.. parts.Select(part => Compare(part, window)).OfType<LiveWindow>()];

            // Whether every other side has come further.
            bool IsPast(LiveWindow end) => series.Segment == SeriesKey.All
                ? parts.Select(part => Ends(part, name)).All(other => other.Count == 0 || other[^1].ToMs > end.ToMs)
                : Ends(series with { Segment = SeriesKey.All }, name) is [.., var last] && last.ToMs > end.ToMs;
        }

        /// <summary>The latest windows of a series, the oldest first.</summary>
        private List<LiveWindow> Ends(SeriesKey series, string window) => _latest.GetValueOrDefault((series, window)) ?? [];

        /// <summary>The comparison at the end of a window of either side; null where the other has not come there, and may yet.</summary>
        private LiveWindow? Compare(SeriesKey part, LiveWindow window)
        {
            var name = window.Window.Name;
            var (own, others) = (Ends(part, name), Ends(part with { Segment = SeriesKey.All }, name));
            if (own.Find(end => end.ToMs == window.ToMs) is { } segment
                && others.Find(end => end.ToMs == window.ToMs) is { } all
                && all.Classes.SpaceId == segment.Classes.SpaceId
                && all.Cells == segment.Cells)
            {
                _shown.Add((part, name));
                return Versus(segment, OtherWindow.Without(all, segment));
            }

            var isLost = own.Count > 0
                && (others.Count == 0
                    || own[0].ToMs > others[^1].ToMs
                    || others[0].ToMs > own[^1].ToMs
                    || own[^1].Classes.SpaceId != others[^1].Classes.SpaceId);
            return isLost && _shown.Contains((part, name))
                ? Versus(own[^1].WithoutPanes() with { Complete = false }, new OtherWindow(0, [], [], Complete: false))
                : null;
        }

        private static LiveWindow Versus(LiveWindow segment, OtherWindow rest) =>
            segment with { Series = segment.Series.VersusRest, Rest = rest, Trailing = null, Policy = null, Entropy = default };
    }
}
