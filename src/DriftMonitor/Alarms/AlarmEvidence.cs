namespace DriftMonitor.Alarms;

/// <summary>
/// What alarms of one moment are explained from. What several of them have in common is worked out once, so that explaining many takes a
/// time that their number alone decides.
/// </summary>
/// <remarks>Used by one thread.</remarks>
public sealed class AlarmEvidence
{
    private readonly Dictionary<string, ILookup<SeriesKey, JudgedReport>> _reports;
    private readonly Dictionary<string, ILookup<SeriesKey, JudgedLabels>> _feedback;
    private readonly ILookup<(SeriesKey, AlarmKind, AlarmSeverity, WindowSpec, int Stream), LeftOut> _leftOut;
    private readonly Dictionary<(
        string Model, AlarmKind Kind, AlarmSeverity Severity, bool Calibrated, Measure Measure), WindowStandings> _states = [];

    /// <param name="reports">The latest report of each series and window, of any models.</param>
    /// <param name="feedback">The latest windows of labels; likewise.</param>
    /// <param name="minimumEvents">Labels, or events of two policies, that a window must have to be believed.</param>
    /// <param name="leftOut">The windows that are decided by what is left of them; null for none.</param>
    public AlarmEvidence(
        IEnumerable<JudgedReport> reports, IEnumerable<JudgedLabels> feedback, long minimumEvents, IEnumerable<LeftOut>? leftOut = null)
    {
        _leftOut = (leftOut ?? []).ToLookup(of => (of.Series, of.Kind, of.Severity, of.Window, of.Stream));
        _reports = BySeries(reports, judged => judged.Report.Window.Series);
        _feedback = BySeries(feedback, judged => judged.Window.Series);
        MinimumEvents = minimumEvents;
    }

    /// <summary>The least effect that is worth an alarm of a model; the defaults where it is not given.</summary>
    public Func<string, SmallestEffects> SmallestEffect { get; init; } = _ => SmallestEffects.Default;

    internal long MinimumEvents { get; }

    /// <summary>The reports of a model.</summary>
    internal IEnumerable<JudgedReport> Reports(string model) =>
        _reports.TryGetValue(model, out var ofModel) ? ofModel.SelectMany(series => series) : [];

    /// <summary>The windows of labels of a model.</summary>
    internal IEnumerable<JudgedLabels> Feedback(string model) =>
        _feedback.TryGetValue(model, out var ofModel) ? ofModel.SelectMany(series => series) : [];

    /// <summary>The windows of labels of a series.</summary>
    internal IEnumerable<JudgedLabels> Feedback(SeriesKey series) =>
        _feedback.TryGetValue(series.Model, out var ofModel) ? ofModel[series] : [];

    /// <summary>The report of a series over a window; null for none.</summary>
    internal JudgedReport? Report(SeriesKey series, WindowSpec window) =>
        _reports.TryGetValue(series.Model, out var ofModel)
            ? ofModel[series].FirstOrDefault(judged => judged.Report.Window.Window == window)
            : null;

    /// <summary>What a window is decided by for alarms such as this one; null where it is decided as a whole.</summary>
    internal LeftOut? LeftOut(Alarm alarm, SeriesKey series, WindowSpec window, Measure measure) => alarm.Calibrated
        ? _leftOut[(series, alarm.Kind, alarm.Severity, window, Measures.StreamOf(measure))].FirstOrDefault()
        : null;

    /// <summary>How the windows of the alarm's model stand to their thresholds.</summary>
    internal WindowStandings States(Alarm alarm)
    {
        var key = (alarm.Series.Model, alarm.Kind, alarm.Severity, alarm.Calibrated, alarm.Peak.Measure);
        if (!_states.TryGetValue(key, out var states))
        {
            _states[key] = states = WindowStandings.Of(alarm, this);
        }

        return states;
    }

    private static Dictionary<string, ILookup<SeriesKey, T>> BySeries<T>(IEnumerable<T> windows, Func<T, SeriesKey> series) =>
        windows.GroupBy(window => series(window).Model, StringComparer.Ordinal).ToDictionary(
            model => model.Key, model => model.ToLookup(series), StringComparer.Ordinal);
}
