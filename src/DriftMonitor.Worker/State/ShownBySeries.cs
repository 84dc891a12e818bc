using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>What is exported of each series while it lasts, with labels that are made once.</summary>
/// <remarks>Read without locks; written by one thread at a time.</remarks>
internal abstract class ShownBySeries<T>
    where T : class
{
    private readonly ConcurrentDictionary<SeriesKey, ImmutableArray<Shown>> _shown = new();

    /// <summary>The label sets.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>Each that may be shown, and its labels, in no order.</summary>
    public IEnumerable<(T Value, Tags Labels)> All =>
        _shown.SelectMany(series => series.Value)
            .Where(shown => LabelSets.Shows(shown.LabelNumber))
            .Select(shown => (shown.Value, shown.Labels));

    /// <summary>Exports these of a series, and those no longer that are not among them.</summary>
    public void Show(SeriesKey series, IEnumerable<T> values)
    {
        var before = _shown.GetValueOrDefault(series, []);
        ImmutableArray<T> all = [.. values]; // looked at once: what it comes from may be slow, or another the second time
        if (before.IsEmpty && all.IsEmpty)
        {
            return; // as of nearly every window
        }

        ImmutableArray<Shown> now =
        [
            .. all.Where(IsShown).GroupBy(KeyOf, (key, same) =>
            {
                var value = Together([.. same]);
                return before.FirstOrDefault(shown => KeyOf(shown.Value) == key) is { } shown
                    ? shown with { Value = value }
                    : new Shown(value, LabelsOf(value), LabelSets.Issue());
            }),
        ];
        LabelSets.Release(before.Count(shown => !now.Any(other => other.LabelNumber == shown.LabelNumber)));
        if (now.IsEmpty)
        {
            _shown.TryRemove(series, out _);
        }
        else
        {
            _shown[series] = now;
        }
    }

    /// <summary>Exports those that are gone no longer.</summary>
    public void Hide(Func<SeriesKey, AlarmKind, bool> gone)
    {
        foreach (var (series, shown) in _shown)
        {
            Show(series, shown.Select(each => each.Value).Where(value => !gone(series, KeyOf(value).Kind)));
        }
    }

    /// <summary>Whether it is exported at all.</summary>
    protected virtual bool IsShown(T value) => true;

    /// <summary>What tells its labels apart within its series.</summary>
    protected abstract (AlarmKind Kind, AlarmSeverity Severity, bool Calibrated, string Window) KeyOf(T value);

    /// <summary>What is shown of several with the same labels, at least one.</summary>
    protected abstract T Together(T[] same);

    /// <summary>Its labels, in the order of their names.</summary>
    protected abstract Tags LabelsOf(T value);

    private sealed record Shown(T Value, Tags Labels, long LabelNumber);
}
