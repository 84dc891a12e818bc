using System.Collections.Immutable;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;

namespace DriftMonitor.Alarms;

/// <summary>How every window of a model stands to its threshold, for one alarm.</summary>
internal static class WindowStates
{
    /// <summary>The states of what the alarm is about, of all of its model's series and windows, in no order.</summary>
    public static IEnumerable<WindowState> Of(Alarm alarm, AlarmEvidence evidence) => alarm.Kind switch
    {
        AlarmKind.CrossEntropy =>
            from labels in evidence.Feedback
            where labels.Series.Model == alarm.Series.Model
            let ready = labels.Measures.Events >= evidence.MinimumEvents
            select Of(
                alarm, labels.Series, labels.Window, labels.ToMs, ready, labels.Measures.Events, evidence.CrossEntropy(labels), (MeasureNames.Of(labels.Attribution), labels.Measures.CrossEntropyNats)),
        AlarmKind.PolicyKl =>
            from report in Reports(alarm, evidence)
            where !report.Policy.IsEmpty
            let events = report.Window.Policy!.Events
            let readings = evidence.Policy(report)
            select Of(alarm, report.Window, report.Ready && events >= evidence.MinimumEvents, events, readings, PolicyOf(alarm.Peak.Measure, report)),
        _ =>
            from report in Reports(alarm, evidence)
            let readings = evidence.Drift(report)
            select Of(alarm, report.Window, report.Ready, report.Window.Events, readings, DriftOf(alarm.Peak.Measure, report)) with { Pace = report.Pace },
    };

    private static IEnumerable<DriftReport> Reports(Alarm alarm, AlarmEvidence evidence) =>
        evidence.Reports.Where(report => report.Window.Series.Model == alarm.Series.Model);

    private static WindowState Of(Alarm alarm, LiveWindow window, bool ready, long events, ImmutableArray<Reading> readings, (string Measure, double? Nats) otherwise) =>
        Of(alarm, window.Series, window.Window, window.ToMs, ready, events, readings, otherwise);

    private static WindowState Of(
        Alarm alarm, SeriesKey series, WindowSpec window, long toMs, bool ready, long events, ImmutableArray<Reading> readings, (string Measure, double? Nats) otherwise)
    {
        var own = readings.Where(reading => reading.Severity == alarm.Severity && reading.Budget is not null == alarm.Calibrated).ToArray();
        var state = new WindowState(series, window, toMs, ready, events, otherwise.Measure, otherwise.Nats, null);
        if (own.Length > 0)
        {
            var highest = own.MaxBy(reading => reading.Ratio);
            state = state with { Measure = highest.Measure, Nats = highest.Nats, ThresholdNats = highest.ThresholdNats };
        }

        return series != alarm.Series ? state : state with { AboveSinceMs = SinceMs(alarm, window) };
    }

    private static long? SinceMs(Alarm alarm, WindowSpec window)
    {
        foreach (var above in alarm.Above)
        {
            if (above.Window == window)
            {
                return above.SinceMs;
            }
        }

        return null;
    }

    private static (string Measure, double? Nats) DriftOf(string measure, DriftReport report) =>
        (
        measure,
        measure switch
        {
            MeasureNames.KlReferenceVsLive => report.Divergences?.KlReferenceVsLiveNats,
            MeasureNames.Cusum => report.Divergences?.CusumNats,
            _ => report.Divergences?.KlLiveVsReferenceNats,
        });

    private static (string Measure, double? Nats) PolicyOf(string measure, DriftReport report)
    {
        var found = report.Policy.FirstOrDefault(divergence => MeasureNames.Of(divergence.Estimate) == measure, report.Policy[0]);
        return (MeasureNames.Of(found.Estimate), found.Nats);
    }
}
