using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Events;
using DriftMonitor.Feedback;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Alarms;

namespace DriftMonitor.Worker.Backtest;

/// <summary>What one setting would have alerted. Used by one thread.</summary>
internal sealed class SettingOutcome(AlarmSetting setting, ThresholdSource thresholds)
{
    private readonly AlarmWatch _watch = new(thresholds);
    private readonly List<FoundAlert> _alerts = [];
    private readonly Dictionary<(SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity), FoundAlert> _on = [];
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window), Trace> _traces = [];

    public AlarmSetting Setting => setting;

    /// <summary>The alerts, in the order in which they began.</summary>
    public IReadOnlyList<FoundAlert> Alerts => _alerts;

    /// <summary>Takes a report in.</summary>
    /// <param name="report">The report.</param>
    /// <param name="labels">What labels that came within the window say; null without any.</param>
    /// <returns>Its divergences beside their thresholds; none when it may raise no alarm.</returns>
    public ImmutableArray<Reading> Note(DriftReport report, FeedbackWindow? labels)
    {
        Follow(_watch.Note(report), report);
        if (labels is not null)
        {
            Follow(_watch.Note(labels), report);
        }

        if (!report.Ready || report.Divergences is null)
        {
            return [];
        }

        var readings = thresholds.Drift(report);
        var key = (report.Window.Series, report.Window.Window);
        if (!_traces.TryGetValue(key, out var trace))
        {
            _traces[key] = trace = new Trace(report.Window.Window.SlideMs);
        }

        trace.Add(TracePoint.Of(report, readings));
        return readings;
    }

    /// <summary>The evaluations of a window over time; null when it was never ready.</summary>
    public Trace? TraceOf(SeriesKey series, WindowSpec window) => _traces.GetValueOrDefault((series, window));

    private void Follow(ImmutableArray<Alarm> changes, DriftReport report)
    {
        foreach (var change in changes)
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

        if (_on.Count == 0)
        {
            return;
        }

        foreach (var alarm in _watch.Active.Where(alarm => alarm.Series == report.Window.Series))
        {
            var alert = _on[(alarm.Series, alarm.Kind, alarm.Severity)];
            alert.Peak = alarm.Peak.Ratio > alert.Alarm.Peak.Ratio ? report : alert.Peak;
            alert.Alarm = alarm;
        }
    }
}
