using System.Reactive.Subjects;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Alarms;

/// <summary>
/// Takes in the windows of the series that this replica owns, and follows their alarms: logs each once when it begins, with all that
/// explains it, and once when it ends.
/// </summary>
/// <remarks>
/// An alarm is exported at once, and told when its slide has been evaluated: what explains the alarms of one slide is then known of all its
/// segments, and worked out once for all of them. One that goes on while its series moves to another replica is on there as it was here, by
/// the model's status. Thread-safe.
/// </remarks>
internal sealed class AlarmDesk(
    ThresholdsInForce thresholds, DriftEvaluator evaluator, MonitorState state, ILogger<AlarmDesk> log)
{
    private readonly Lock _noting = new();
    private readonly AlarmWatch _watch = new(thresholds, evaluator);
    private readonly ISubject<AlarmExplanation> _told = Subject.Synchronize(new Subject<AlarmExplanation>());
    private readonly ToldAlarms _record = new();
    private List<Alarm> _untold = [];

    /// <summary>The alarms that begin and end, when they are logged, explained by what is known then.</summary>
    public IObservable<AlarmExplanation> Told => _told;

    /// <summary>Takes a window's report in; when the series has retired, it and the alarms of its outputs are gone.</summary>
    public void Note(DriftReport report)
    {
        lock (_noting)
        {
            if (state.Reports.Update(report) is { } judged)
            {
                state.History.Note(judged);
                Take(report.Window.Series, _watch.Note(judged));
                return;
            }
        }

        Forget((series, kind) => series == report.Window.Series && !kind.IsOfLabels());
    }

    /// <summary>Takes in that a model had left before this replica had its windows, unless it has some.</summary>
    public void NoteLeft(string model, long latestEventMs)
    {
        lock (_noting)
        {
            if (!state.Reports.Knows(model))
            {
                state.Reports.Leave(model, latestEventMs);
            }
        }
    }

    /// <summary>Takes a window of labels in; when the series has retired, it and the alarms of its labels are gone.</summary>
    public void Note(FeedbackWindow window)
    {
        lock (_noting)
        {
            if (state.Feedback.Update(window) is { } judged)
            {
                Take(window.Series, _watch.Note(judged));
                return;
            }
        }

        Forget((series, kind) => series == window.Series && kind.IsOfLabels());
    }

    /// <summary>
    /// Judges what is shown of a series over a window anew, since more has been worked out: its thresholds and alarms wait for no slide.
    /// </summary>
    public void JudgeAnew(SeriesKey series, WindowSpec window)
    {
        lock (_noting)
        {
            if (state.Reports.JudgeAnew(series, window.Name) is { } report)
            {
                state.History.Note(report);
                Take(series, _watch.Note(report));
            }

            foreach (var labels in state.Feedback.JudgeAnew(series, window.Name))
            {
                Take(series, _watch.Note(labels));
            }
        }

        Tell((of, _) => of == series);
    }

    /// <summary>
    /// Logs the alarms that have begun or ended since it was last called, explained by what is known now, and decides the models' states.
    /// </summary>
    public void Tell()
    {
        TellAlarms();
        state.Models.Refresh();
    }

    /// <summary>The alarms alone: nobody sees the states between the slides that a successor catches up with.</summary>
    public void TellAlarms() => Tell((_, _) => true);

    /// <summary>Forgets all that is known of models that are no longer this replica's: their windows, alarms and states.</summary>
    public void Forget(Func<string, bool> gone)
    {
        Forget((series, _) => gone(series.Model), () =>
        {
            state.Reports.Remove(gone);
            state.Feedback.Remove(gone);
            _record.Forget(gone);
        });
        state.Models.Forget(gone);
    }

    /// <summary>Goes on from what a predecessor has decided and told of a model: its alarms are on from now on.</summary>
    /// <returns>Whether it does: not where other windows were decided.</returns>
    /// <exception cref="JsonException">What was decided cannot be read.</exception>
    public bool Restore(ModelStatus status)
    {
        lock (_noting)
        {
            _record.Restore(status.Model, status.Ended);
            state.Models.Restore(status.Model, status.State, status.StateSinceMs);
            if (!_watch.Restore(status.Decided))
            {
                return false;
            }

            foreach (var series in _watch.ActiveOf(status.Model).ToLookup(alarm => alarm.Series))
            {
                state.Alarms.Show(series.Key, series);
                foreach (var alarm in series)
                {
                    var told = status.Alarms.FirstOrDefault(of => of.IsOf(alarm));
                    _record.Note(alarm, PagedAs(alarm), told?.Summary);
                    if (told?.Acknowledged is { } acknowledged)
                    {
                        _record.Acknowledge(alarm, acknowledged);
                    }
                }
            }

            return true;
        }
    }

    /// <summary>
    /// Forgets restored alarms of series that have no windows: they retired while nobody looked, and nothing would end them.
    /// </summary>
    /// <param name="model">Whose.</param>
    public void ForgetAbsent(Func<string, bool> model)
    {
        var (outputs, labels) = (
            state.Reports.Reports.Select(report => report.Window.Series).ToHashSet(),
            state.Feedback.All.Select(window => window.Series).ToHashSet());
        Forget((series, kind) => !(kind.IsOfLabels() ? labels : outputs).Contains(series) && model(series.Model));
    }

    /// <summary>How often what is on, or was told, of a model has changed.</summary>
    public long Changes(string model)
    {
        lock (_noting)
        {
            return _record.Changes(model);
        }
    }

    /// <summary>What is on, and what was told, of a model, in place of what a status says of that.</summary>
    public ModelStatus Describe(ModelStatus status)
    {
        lock (_noting)
        {
            return status with
            {
                Alarms = On(status.Model),
                Ended = _record.Ended(status.Model),
                Reported =
                [
                    .. _watch.Reported(status.Model).Select(
                        of => new StatusInterval(of.Series.Segment, of.Kind, of.Severity, of.Window.Name, of.FromMs, of.ToMs)),
                ],
                Decided = _watch.Save(status.Model),
            };
        }
    }

    /// <summary>A model's alarms that are on, the first to begin first, and the last ones that ended, the last to end last.</summary>
    public (ImmutableArray<StatusAlarm> On, ImmutableArray<StatusAlarm> Ended) Of(string model)
    {
        lock (_noting)
        {
            return (On(model), _record.Ended(model));
        }
    }

    /// <summary>Takes in who works on an alarm that is on, or that nobody does any more.</summary>
    /// <param name="which">The alarm, as a status has it.</param>
    /// <param name="by">Who says so.</param>
    /// <returns>The alarm as it is now; null when it is not on.</returns>
    public StatusAlarm? Acknowledge(string model, StatusAlarm which, Acknowledgement? acknowledged, string by)
    {
        lock (_noting)
        {
            if (_watch.ActiveOf(model).FirstOrDefault(which.IsOf) is not { } alarm)
            {
                return null;
            }

            _record.Acknowledge(alarm, acknowledged);
            log.TellAcknowledged(alarm, acknowledged, by);
            return StatusOf(alarm);
        }
    }

    /// <summary>The alarms that are on, explained by what is known now, one after the other: the critical ones first.</summary>
    /// <param name="model">Of which model alone; null for all.</param>
    public IEnumerable<AlarmExplanation> Explain(string? model = null)
    {
        ImmutableArray<Alarm> active;
        ImmutableArray<LeftOut> leftOut;
        lock (_noting)
        {
            (active, leftOut) = ([.. model is null ? _watch.Active : _watch.ActiveOf(model)], [.. _watch.LeftOut]);
        }

        var evidence = Evidence(leftOut);
        return active
            .OrderByDescending(alarm => alarm.Severity)
            .ThenBy(alarm => alarm.Series.Model, StringComparer.Ordinal)
            .ThenBy(alarm => alarm.Series.Segment, StringComparer.Ordinal)
            .ThenBy(alarm => alarm.Kind)
            .Select(alarm => AlarmExplanation.Of(alarm, evidence));
    }

    /// <summary>
    /// Their alarms end unsaid. What had begun or ended before is told first, explained by the windows that are then removed.
    /// </summary>
    private void Forget(Func<SeriesKey, AlarmKind, bool> gone, Action? remove = null)
    {
        Tell(gone);
        lock (_noting)
        {
            _record.Forget(_watch.Active.Where(alarm => gone(alarm.Series, alarm.Kind)));
            _watch.Forget(gone);
            state.Alarms.Hide(gone);
            state.LeftOut.Hide(gone);
            state.History.Remove(series => gone(series, AlarmKind.OutputDrift));
            remove?.Invoke(); // at once with the alarms: what is judged anew must not begin one of what is gone
        }
    }

    private void Take(SeriesKey series, ImmutableArray<Alarm> changes)
    {
        state.Alarms.Show(series, _watch.ActiveOf(series)); // also where none began or ended: one that is on has another peak
        state.LeftOut.Show(series, _watch.LeftOutOf(series));
        _untold.AddRange(changes);
        foreach (var change in changes)
        {
            _record.NoteChange(change.Series.Model);
        }
    }

    private void Tell(Func<SeriesKey, AlarmKind, bool> which)
    {
        ImmutableArray<Alarm> told;
        ImmutableArray<LeftOut> leftOut;
        lock (_noting)
        {
            if (_untold.Count == 0)
            {
                return;
            }

            var changes = _untold.ToLookup(alarm => which(alarm.Series, alarm.Kind));
            var active = _watch.Active.ToDictionary(KeyOf);
            // other windows may be above by now
            told = [.. changes[true].Select(alarm => alarm.EndedMs is null ? active.GetValueOrDefault(KeyOf(alarm), alarm) : alarm)];
            _untold = [.. changes[false]];
            leftOut = told.IsEmpty ? [] : [.. _watch.LeftOut];
        }

        if (told.IsEmpty)
        {
            return;
        }

        var evidence = Evidence(leftOut);
        foreach (var alarm in told)
        {
            var explanation = AlarmExplanation.Of(alarm, evidence);
            var text = AlarmText.Of(explanation, PagedAs(alarm));
            log.Tell(alarm, text, PagedAs(alarm));
            lock (_noting)
            {
                _record.Note(alarm, PagedAs(alarm), text.Summary);
            }

            _told.OnNext(explanation);
        }
    }

    private ImmutableArray<StatusAlarm> On(string model) =>
        [.. _watch.ActiveOf(model).OrderBy(alarm => alarm.BeganMs).ThenBy(KeyOf).Select(StatusOf)];

    private StatusAlarm StatusOf(Alarm alarm) =>
        StatusAlarm.Of(alarm, PagedAs(alarm), _record.SummaryOf(alarm), _record.AcknowledgementOf(alarm));

    /// <summary>What tells alarms apart that are on, and one from the next of its kind.</summary>
    private static long KeyOf(Alarm alarm) => alarm.Number;

    private AlarmSeverity PagedAs(Alarm alarm) => state.Alarms.PagedAs(alarm);

    private AlarmEvidence Evidence(ImmutableArray<LeftOut> leftOut) =>
        new(state.Reports.Judged, state.Feedback.Judged, thresholds.MinimumEvents, leftOut) { SmallestEffect = thresholds.SmallestEffect };
}
