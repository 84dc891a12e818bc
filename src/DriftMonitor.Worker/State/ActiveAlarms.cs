using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The alarms that are on, as they are exported: one series for each, gone when it ends.</summary>
/// <remarks>Read without locks; written by one thread at a time.</remarks>
internal sealed class ActiveAlarms
{
    private readonly ConcurrentDictionary<(
        SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity, bool Calibrated), Shown> _shown = new();

    /// <summary>The label sets {basis,kind,model,segment,severity}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The labels of each alarm that may be shown.</summary>
    public IEnumerable<Tags> Labels =>
        _shown.Select(alarm => alarm.Value).Where(alarm => LabelSets.Shows(alarm.LabelNumber)).Select(alarm => alarm.Labels);

    /// <summary>Exports an alarm that has begun, or no longer one that has ended.</summary>
    public void Show(Alarm change)
    {
        var key = (change.Series, change.Kind, change.Severity, change.Calibrated);
        if (change.EndedMs is null)
        {
            _shown[key] = Of(change);
        }
        else
        {
            Remove(key);
        }
    }

    /// <summary>Exports those that are gone no longer.</summary>
    public void Hide(Func<SeriesKey, AlarmKind, bool> gone)
    {
        foreach (var (key, _) in _shown.Where(alarm => gone(alarm.Key.Series, alarm.Key.Kind)))
        {
            Remove(key);
        }
    }

    private void Remove((SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity, bool Calibrated) key)
    {
        if (_shown.TryRemove(key, out _))
        {
            LabelSets.Release();
        }
    }

    private Shown Of(Alarm alarm) => new(
        [
            new("basis", alarm.Calibrated ? "budget" : "fixed"),
            new("kind", SnakeCaseName.Of(alarm.Kind)),
            new("model", alarm.Series.Model),
            new("segment", alarm.Series.Segment),
            new("severity", SnakeCaseName.Of(alarm.Severity)),
        ],
        LabelSets.Issue());

    private sealed record Shown(Tags Labels, long LabelNumber);
}
