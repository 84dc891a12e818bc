using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The alarms that are on and that somebody has to hear of, as exported: one series for each, gone when it ends.</summary>
/// <remarks>
/// Alarms with the same labels are one series, by the first of them, as long as any is on. Read without locks; written by one thread at a
/// time.
/// </remarks>
internal sealed class ActiveAlarms
{
    private readonly ConcurrentDictionary<SeriesKey, ImmutableArray<Shown>> _shown = new();

    /// <summary>The label sets {basis,kind,model,segment,severity,window}: the window is that by which the alarm began.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>Each alarm that may be shown, and its labels.</summary>
    public IEnumerable<(Alarm Alarm, Tags Labels)> All =>
        _shown.SelectMany(series => series.Value)
            .Where(shown => LabelSets.Shows(shown.LabelNumber))
            .Select(shown => (shown.Alarm, shown.Labels));

    /// <summary>Exports the alarms of a series that are on, and those no longer that are not.</summary>
    public void Show(SeriesKey series, IEnumerable<Alarm> active)
    {
        var before = _shown.GetValueOrDefault(series, []);
        ImmutableArray<Shown> now =
        [
            .. active.Where(alarm => alarm.Pages).GroupBy(KeyOf, (key, same) =>
            {
                var alarm = same.MinBy(each => each.BeganMs)!;
                return before.FirstOrDefault(shown => KeyOf(shown.Alarm) == key) is { } shown
                    ? shown with { Alarm = alarm }
                    : new Shown(alarm, LabelsOf(alarm), LabelSets.Issue());
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
            Show(series, shown.Select(each => each.Alarm).Where(alarm => !gone(series, alarm.Kind)));
        }
    }

    private static (AlarmKind Kind, AlarmSeverity Severity, bool Calibrated, string Window) KeyOf(Alarm alarm) =>
        (alarm.Kind, alarm.Severity, alarm.Calibrated, alarm.FirstWindow.Name);

    private static Tags LabelsOf(Alarm alarm) =>
    [
        new("basis", alarm.Calibrated ? "budget" : "fixed"),
        new("kind", SnakeCaseName.Of(alarm.Kind)),
        new("model", alarm.Series.Model),
        new("segment", alarm.Series.Segment),
        new("severity", SnakeCaseName.Of(alarm.Severity)),
        new("window", alarm.FirstWindow.Name),
    ];

    private sealed record Shown(Alarm Alarm, Tags Labels, long LabelNumber);
}
