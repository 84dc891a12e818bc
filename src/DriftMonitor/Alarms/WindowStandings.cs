using DriftMonitor.Evaluation;
using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>How every window of a model stands to its threshold, for alarms of one kind and severity. Immutable.</summary>
internal sealed class WindowStandings
{
    private readonly ILookup<SeriesKey, WindowStanding> _bySeries;
    private readonly ILookup<WindowSpec, WindowStanding> _byWindow;

    private WindowStandings(IReadOnlyCollection<WindowStanding> states)
    {
        _bySeries = states.ToLookup(state => state.Series);
        _byWindow = states
            .GroupBy(state => (state.Series, state.Window), (_, same) => same.MaxBy(state => state.Rank)!)
            .OrderByDescending(state => state.Series.Segment == SeriesKey.All)
            .ThenBy(state => state.Series.Segment, StringComparer.Ordinal)
            .Where(state => !state.Series.IsComparison) // a segment beside the others tells nothing of where a drift is
            .ToLookup(state => state.Window);
    }

    /// <summary>The states of what the alarm is about, of all of its model's series and windows.</summary>
    public static WindowStandings Of(Alarm alarm, AlarmEvidence evidence) =>
        new([.. All(alarm, evidence).OrderBy(state => state.Measure)]); // of equal ones the same, whoever asks

    /// <summary>Of every window of a series, in no order.</summary>
    public IEnumerable<WindowStanding> Of(SeriesKey series) => _bySeries[series];

    /// <summary>Of one window of every series, all traffic first: the measure that is furthest above.</summary>
    public IEnumerable<WindowStanding> Over(WindowSpec window) => _byWindow[window];

    private static IEnumerable<WindowStanding> All(Alarm alarm, AlarmEvidence evidence) => alarm.Kind switch
    {
        var kind when kind.IsOfLabels() =>
            from judged in evidence.Feedback(alarm.Series.Model)
            where judged.Decides
            let labels = judged.Window
            let ready = labels.Complete && labels.Measures.Events >= evidence.MinimumEvents
            select Of(
                alarm, evidence, labels.Series, labels.Window, labels.ToMs, ready, labels.Measures.Events,
                kind == AlarmKind.Accuracy ? judged.Errors : judged.CrossEntropy, LabelsOf(kind, labels)),
        AlarmKind.PolicyKl =>
            from judged in evidence.Reports(alarm.Series.Model)
            let report = judged.Report
            where !report.Policy.IsEmpty
            let events = report.Window.Policy!.Events
            let ready = report.Ready && events >= evidence.MinimumEvents
            select Of(
                alarm, evidence, report.Window.Series, report.Window.Window, report.Window.ToMs, ready, events, judged.Policy,
                PolicyOf(alarm.Peak.Measure, report)),
        AlarmKind.Dispersion =>
            from judged in evidence.Reports(alarm.Series.Model)
            let report = judged.Report
            where report.Dispersion.ShiftNats is not null
            let ready = report.Ready && report.Dispersion.Events >= evidence.MinimumEvents
            select Of(
                alarm, evidence, report.Window.Series, report.Window.Window, report.Window.ToMs, ready, report.Dispersion.Events,
                judged.Dispersion, (alarm.Peak.Measure, Measures.ShiftOf(alarm.Peak.Measure, report.Dispersion))),
        _ =>
            from judged in evidence.Reports(alarm.Series.Model)
            let report = judged.Report
            select Of(
                alarm, evidence, report.Window.Series, report.Window.Window, report.Window.ToMs, report.Ready, report.Window.Events,
                judged.Drift, DriftOf(alarm.Peak.Measure, report)) with
            { Pace = report.Pace },
    };

    private static WindowStanding Of(
        Alarm alarm, AlarmEvidence evidence, SeriesKey series, WindowSpec window, long toMs, bool ready, long events,
        ImmutableArray<Reading> readings, (Measure Measure, double? Value) otherwise)
    {
        return readings
            .Where(reading => reading.Severity == alarm.Severity && reading.Budget is not null == alarm.Calibrated)
            .Select(reading => Standing(reading.Measure, reading.Value, reading.Threshold))
            .MaxBy(standing => standing.Rank) ?? Standing(otherwise.Measure, otherwise.Value, null);

        WindowStanding Standing(Measure measure, double? value, double? threshold) =>
            new(series, window, toMs, ready, events, measure, value, threshold)
            {
                LeftOut = evidence.LeftOut(alarm, series, window, measure),
            };
    }

    private static (Measure Measure, double? Value) LabelsOf(AlarmKind kind, FeedbackWindow labels) => kind == AlarmKind.Accuracy
        ? (Measures.ErrorRatio(labels.Attribution), labels.Measures.ErrorRatio)
        : (Measures.CrossEntropy(labels.Attribution), labels.Measures.CrossEntropyNats);

    private static (Measure Measure, double? Value) DriftOf(Measure measure, DriftReport report) =>
        (measure, measure switch
        {
            Measure.KlReferenceVsLive => report.Divergences?.KlReferenceVsLiveNats,
            Measure.CusumLiveVsReference => report.Divergences?.CusumNats,
            _ => report.Divergences?.KlLiveVsReferenceNats,
        });

    private static (Measure Measure, double? Value) PolicyOf(Measure measure, DriftReport report)
    {
        var found = report.Policy.FirstOrDefault(divergence => Measures.Of(divergence.Estimate) == measure, report.Policy[0]);
        return (Measures.Of(found.Estimate), found.Nats);
    }
}
