using DriftMonitor.Evaluation;
using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>Which series are above a threshold, by the latest window of each: what the service and <c>backtest</c> share.</summary>
/// <remarks>Only ready windows can raise an alarm, and of labels and policies only those with enough events. Used by one thread.</remarks>
public sealed class AlarmWatch(ThresholdsInForce thresholds)
{
    private readonly AlarmTracker _tracker = new();

    /// <summary>The alarms that are on, in no order.</summary>
    public IEnumerable<Alarm> Active => _tracker.Active;

    /// <summary>Takes a window's report in.</summary>
    /// <returns>The alarms that have begun or ended with it.</returns>
    public ImmutableArray<Alarm> Note(DriftReport report)
    {
        var (series, window, toMs) = (report.Window.Series, report.Window.Window, report.Window.ToMs);
        var hasPolicies = report.Ready && report.Window.Policy?.Events >= thresholds.MinimumEvents;
        return
        [
            .. _tracker.Note(
                series, AlarmKind.OutputDrift, window, toMs, report.Ready ? thresholds.Drift(report) : [], report.Reference?.Id),
            .. _tracker.Note(series, AlarmKind.PolicyKl, window, toMs, hasPolicies ? thresholds.Policy(report) : []),
        ];
    }

    /// <inheritdoc cref="Note(DriftReport)"/>
    public ImmutableArray<Alarm> Note(FeedbackWindow window) => _tracker.Note(
        window.Series, AlarmKind.CrossEntropy, window.Window, window.ToMs,
        window.Measures.Events >= thresholds.MinimumEvents ? thresholds.CrossEntropy(window) : []);

    /// <summary>Forgets what is no longer followed.</summary>
    public void Forget(Func<SeriesKey, AlarmKind, bool> gone) => _tracker.Forget(gone);
}
