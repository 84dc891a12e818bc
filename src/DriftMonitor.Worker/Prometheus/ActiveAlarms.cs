using System.Text.Json;
using DriftMonitor.Alarms;
using DriftMonitor.Events;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.Prometheus;

/// <summary>The alarms that are on, as they are exported: one series for each, gone when it ends.</summary>
/// <remarks>Read without locks; written by one thread at a time.</remarks>
internal sealed class ActiveAlarms
{
    private volatile Dictionary<(SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity, bool Calibrated), Shown> _shown = [];

    /// <summary>The label sets {basis,kind,model,segment,severity}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The labels of each alarm that may be shown.</summary>
    public IEnumerable<Tags> Labels => _shown.Values.Where(alarm => LabelSets.Shows(alarm.LabelNumber)).Select(alarm => alarm.Labels);

    /// <summary>Exports these alarms in the place of those before.</summary>
    public void Show(IEnumerable<Alarm> alarms)
    {
        var before = _shown;
        var now = alarms.ToDictionary(
            alarm => (alarm.Series, alarm.Kind, alarm.Severity, alarm.Calibrated),
            alarm => before.TryGetValue((alarm.Series, alarm.Kind, alarm.Severity, alarm.Calibrated), out var same) ? same : Of(alarm));
        _shown = now;
        LabelSets.Release(before.Keys.Count(key => !now.ContainsKey(key)));
    }

    private Shown Of(Alarm alarm) => new(
        [
            new("basis", alarm.Calibrated ? "budget" : "fixed"),
            new("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(alarm.Kind.ToString())),
            new("model", alarm.Series.Model),
            new("segment", alarm.Series.Segment),
            new("severity", JsonNamingPolicy.SnakeCaseLower.ConvertName(alarm.Severity.ToString())),
        ],
        LabelSets.Issue());

    private sealed record Shown(Tags Labels, long LabelNumber);
}
