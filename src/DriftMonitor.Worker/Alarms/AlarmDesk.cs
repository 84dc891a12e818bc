using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Events;
using DriftMonitor.Feedback;
using DriftMonitor.Monitoring;
using DriftMonitor.Worker.Prometheus;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Follows the alarms of the series that this replica owns: logs each once when it begins, with all that explains it, and once when it ends.</summary>
/// <remarks>An alarm that goes on while its series moves to another replica begins there anew, in the log too. Thread-safe.</remarks>
internal sealed class AlarmDesk(ThresholdSource thresholds, ReportStore reports, MonitorMetrics metrics, ActiveAlarms shown, ILogger<AlarmDesk> log)
{
    private readonly Lock _noting = new();
    private readonly AlarmWatch _watch = new(thresholds);

    /// <summary>Takes a window's report in, or the alarms of its outputs away when the series has retired.</summary>
    public void Note(DriftReport report)
    {
        if (report.Window.Retired)
        {
            Forget((series, kind) => series == report.Window.Series && kind != AlarmKind.CrossEntropy);
            return;
        }

        lock (_noting)
        {
            Tell(_watch.Note(report));
        }
    }

    /// <summary>Takes a window of labels in.</summary>
    public void Note(FeedbackWindow window)
    {
        lock (_noting)
        {
            Tell(_watch.Note(window));
        }
    }

    /// <summary>Forgets what is no longer this replica's, or has no windows any more: its alarms end unsaid.</summary>
    public void Forget(Func<SeriesKey, AlarmKind, bool> gone)
    {
        lock (_noting)
        {
            _watch.Forget(gone);
            shown.Show(_watch.Active);
        }
    }

    /// <summary>The alarms that are on, explained by what is known now: the critical ones first.</summary>
    public ImmutableArray<AlarmExplanation> Explain()
    {
        ImmutableArray<Alarm> active;
        lock (_noting)
        {
            active = [.. _watch.Active];
        }

        var evidence = Evidence();
        return
        [
            .. active
                .OrderByDescending(alarm => alarm.Severity)
                .ThenBy(alarm => alarm.Series.Model, StringComparer.Ordinal)
                .ThenBy(alarm => alarm.Series.Segment, StringComparer.Ordinal)
                .ThenBy(alarm => alarm.Kind)
                .Select(alarm => AlarmExplanation.Of(alarm, evidence)),
        ];
    }

    private void Tell(ImmutableArray<Alarm> changes)
    {
        if (changes.IsEmpty)
        {
            return;
        }

        shown.Show(_watch.Active);
        foreach (var alarm in changes)
        {
            var (series, explanation) = (alarm.Series, AlarmExplanation.Of(alarm, Evidence()));
            if (alarm.EndedMs is not null)
            {
                log.LogInformation("{Severity} alarm of {Model}, segment {Segment}: {Kind} has ended\n{Explanation}", alarm.Severity, series.Model, series.Segment, alarm.Kind, AlarmText.Of(explanation));
            }
            else
            {
                var level = alarm.Severity == AlarmSeverity.Critical ? LogLevel.Error : LogLevel.Warning;
                log.Log(level, "{Severity} alarm of {Model}, segment {Segment}: {Kind} has begun\n{Explanation}", alarm.Severity, series.Model, series.Segment, alarm.Kind, AlarmText.Of(explanation));
            }
        }
    }

    private AlarmEvidence Evidence() => new(
        reports.Reports, metrics.Feedback.Windows, thresholds.Drift, thresholds.Policy, thresholds.CrossEntropy, thresholds.MinimumEvents);
}
