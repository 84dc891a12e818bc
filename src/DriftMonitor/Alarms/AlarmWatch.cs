namespace DriftMonitor.Alarms;

/// <summary>Which series are above a threshold, by the latest window of each: what the service and <c>backtest</c> share.</summary>
/// <remarks>Only ready windows can raise an alarm, and of labels and policies only those with enough events. Used by one thread.</remarks>
/// <param name="minimumEvents">Labels, or events of two policies, that a window must have to raise an alarm.</param>
public sealed class AlarmWatch(long minimumEvents)
{
    private readonly AlarmTracker _tracker = new();

    /// <summary>The alarms that are on, in no order.</summary>
    public IEnumerable<Alarm> Active => _tracker.Active;

    /// <summary>Takes a window's report in; again when its readings are others.</summary>
    /// <returns>The alarms that have begun or ended with it.</returns>
    public ImmutableArray<Alarm> Note(JudgedReport judged)
    {
        var report = judged.Report;
        var (series, window, toMs) = (report.Window.Series, report.Window.Window, report.Window.ToMs);
        var hasPolicies = report.Ready && report.Window.Policy?.Events >= minimumEvents;
        return
        [
            .. _tracker.Note(series, AlarmKind.OutputDrift, window, toMs, report.Ready ? judged.Drift : [], report.Reference?.Id),
            .. _tracker.Note(series, AlarmKind.PolicyKl, window, toMs, hasPolicies ? judged.Policy : []),
        ];
    }

    /// <inheritdoc cref="Note(JudgedReport)"/>
    public ImmutableArray<Alarm> Note(JudgedLabels judged) => _tracker.Note(
        judged.Window.Series, AlarmKind.CrossEntropy, judged.Window.Window, judged.Window.ToMs,
        judged.Window.Measures.Events >= minimumEvents ? judged.CrossEntropy : []);

    /// <summary>Forgets what is no longer followed.</summary>
    public void Forget(Func<SeriesKey, AlarmKind, bool> gone) => _tracker.Forget(gone);
}
