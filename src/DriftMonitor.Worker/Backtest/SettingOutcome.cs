using DriftMonitor.Alarms;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Backtest;

/// <summary>What one setting would have alerted. Used by one thread.</summary>
internal sealed class SettingOutcome(AlarmSetting setting, DriftReadings source)
{
    private readonly AlarmTracker _tracker = new();
    private readonly List<FoundAlert> _alerts = [];
    private readonly Dictionary<(SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity), FoundAlert> _on = [];
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window), Trace> _traces = [];

    public AlarmSetting Setting => setting;

    /// <summary>The alerts, in the order in which they began.</summary>
    public IReadOnlyList<FoundAlert> Alerts => _alerts;

    /// <summary>Takes a report in.</summary>
    /// <returns>Its values beside their thresholds.</returns>
    public IReadOnlyList<Reading> Note(DriftReport report)
    {
        var readings = source.Of(report);
        Follow(report, AlarmKind.OutputDrift, readings);
        if (report.Ready && report.Divergences is not null)
        {
            var key = (report.Window.Series, report.Window.Window);
            if (!_traces.TryGetValue(key, out var trace))
            {
                _traces[key] = trace = new Trace(report.Window.Window.SlideMs);
            }

            trace.Add(TracePoint.Of(report, readings));
        }

        return readings;
    }

    /// <summary>The evaluations of a window over time; null when it was never ready.</summary>
    public Trace? TraceOf(SeriesKey series, WindowSpec window) => _traces.GetValueOrDefault((series, window));

    private void Follow(DriftReport report, AlarmKind kind, IReadOnlyList<Reading> readings)
    {
        var window = report.Window;
        foreach (var change in _tracker.Note(window.Series, kind, window.Window, window.ToMs, [.. readings]))
        {
            var key = (change.Series, change.Kind, change.Severity);
            if (change.EndedMs is null)
            {
                _alerts.Add(_on[key] = new FoundAlert(change, report));
            }
            else if (_on.Remove(key, out var ended))
            {
                ended.Alarm = change;
            }
        }

        if (!readings.Any(reading => reading.Exceeds))
        {
            return;
        }

        foreach (var alarm in _tracker.Active.Where(alarm => alarm.Series == window.Series && alarm.Kind == kind))
        {
            var alert = _on[(alarm.Series, alarm.Kind, alarm.Severity)];
            alert.Alarm = alarm;
            alert.Peak = alarm.PeakMs == window.ToMs && alarm.PeakWindow == window.Window ? report : alert.Peak;
        }
    }
}
