using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Windows;

namespace DriftMonitor.Recorded;

/// <summary>What one setting would have alerted. Used by one thread.</summary>
/// <param name="setting">The setting.</param>
/// <param name="thresholds">What windows must exceed by it.</param>
/// <param name="evaluator">Evaluates what is left of windows.</param>
public sealed class SettingOutcome(BacktestSetting setting, ThresholdsInForce thresholds, DriftEvaluator evaluator)
{
    private readonly LatestWindows _latest = new();
    private readonly AlarmWatch _watch = new(thresholds, evaluator);
    private readonly List<FoundAlert> _alerts = [];
    private readonly Dictionary<long, FoundAlert> _on = []; // by the alarms' numbers
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window), Trace> _traces = [];

    /// <summary>The setting.</summary>
    public BacktestSetting Setting => setting;

    /// <summary>The alerts, in the order in which they began.</summary>
    public IReadOnlyList<FoundAlert> Alerts => _alerts;

    /// <summary>The alarms of a series' divergence from its reference, in the order in which they began.</summary>
    public IEnumerable<Alarm> DriftOf(SeriesKey series) =>
        _alerts.Select(alert => alert.Alarm).Where(alarm => alarm.Series == series && alarm.Kind == AlarmKind.OutputDrift);

    /// <summary>Takes a report in.</summary>
    /// <param name="report">The report.</param>
    /// <param name="labels">What labels say of its window. Those that came in it may raise an alarm; others only confirm one.</param>
    /// <returns>Its divergences beside their thresholds; none when it may raise no alarm.</returns>
    public ImmutableArray<Reading> Note(DriftReport report, IReadOnlyList<FeedbackWindow> labels)
    {
        var judged = thresholds.Judge(report);
        _latest.Note(judged);
        var ofLabels = labels.Select(window => thresholds.Judge(window)).ToList();
        ofLabels.ForEach(_latest.Note);
        Follow(
            report.Window,
            [
                .. _watch.Note(judged),
                .. ofLabels.SelectMany(each => _watch.Note(each)),
            ]);
        if (!report.Ready || report.Divergences is null)
        {
            return [];
        }

        var key = (report.Window.Series, report.Window.Window);
        if (!_traces.TryGetValue(key, out var trace))
        {
            _traces[key] = trace = new Trace(report.Window.Window.SlideMs);
        }

        trace.Add(TracePoint.Of(report, judged.Drift));
        return judged.Drift;
    }

    /// <summary>The evaluations of a window over time; null when it was never ready.</summary>
    public Trace? TraceOf(SeriesKey series, WindowSpec window) => _traces.GetValueOrDefault((series, window));

    private void Follow(LiveWindow window, ImmutableArray<Alarm> changes)
    {
        foreach (var change in changes)
        {
            if (change.EndedMs is null && change.Pages) // of what has been told nobody hears again
            {
                _alerts.Add(_on[change.Number] = new FoundAlert(Explain(change)));
            }
            else if (_on.Remove(change.Number, out var ended))
            {
                ended.Alarm = change;
            }
        }

        if (_on.Count > 0)
        {
            foreach (var alarm in _watch.Active.Where(alarm => alarm.Series == window.Series && alarm.Pages))
            {
                _on[alarm.Number].Follow(alarm, Explain);
            }
        }

        AlarmExplanation Explain(Alarm alarm) => AlarmExplanation.Of(
            alarm,
            new AlarmEvidence(
                _latest.Reports(window.ToMs), _latest.Labels(window.ToMs), thresholds.MinimumEvents, _watch.LeftOut)
            {
                SmallestEffect = thresholds.SmallestEffect,
            });
    }
}
