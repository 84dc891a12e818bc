namespace DriftMonitor.Alarms;

/// <summary>Follows the alarms of all series. Time is the windows' own.</summary>
/// <remarks>
/// Each severity of each kind has alarms of its own, so that a warning never silences a critical one, and so have calibrated and fixed
/// thresholds: a budget counts the former only, and while one of its alarms is on a fixed threshold has nothing to add. Which rule decides
/// follows from the threshold: <see cref="AlarmRule"/> for one of a budget (<see cref="WholeWindowRule"/> where there are no
/// panes), <see cref="FixedThresholdRule"/> for a fixed one. Used by one thread.
/// </remarks>
/// <param name="windows">The windows, the shortest first.</param>
/// <param name="minimumEvents">How many events must be left of a window for an alarm to begin.</param>
internal sealed class AlarmTracker(ImmutableArray<WindowSpec> windows, double minimumEvents)
{
    private static readonly (AlarmSeverity Severity, bool Calibrated)[] Sorts =
        [.. Enum.GetValues<AlarmSeverity>().SelectMany(severity => new[] { (severity, false), (severity, true) })];

    private static readonly AlarmKind[] Kinds = Enum.GetValues<AlarmKind>();

    private readonly Dictionary<(SeriesKey Series, AlarmKind Kind), Dictionary<(AlarmSeverity, bool), SeverityAlarms>> _series = [];
    private readonly Dictionary<(SeriesKey Series, AlarmKind Kind), string> _references = [];
    private long _alarms;

    /// <summary>The alarms that are on, in no order.</summary>
    public IEnumerable<Alarm> Active => _series.Values.SelectMany(alarms => alarms.Values).SelectMany(alarms => alarms.Active);

    /// <summary>Those of a series.</summary>
    public IEnumerable<Alarm> ActiveOf(SeriesKey series) => Of(series).SelectMany(alarms => alarms.Active);

    /// <summary>The windows that are decided by what is left of them, in no order.</summary>
    public IEnumerable<LeftOut> LeftOut => _series.Values.SelectMany(alarms => alarms.Values).SelectMany(alarms => alarms.LeftOut);

    /// <summary>Those of a series.</summary>
    public IEnumerable<LeftOut> LeftOutOf(SeriesKey series) => Of(series).SelectMany(alarms => alarms.LeftOut);

    private IEnumerable<SeverityAlarms> Of(SeriesKey series) =>
        Kinds.SelectMany(kind => _series.TryGetValue((series, kind), out var alarms) ? alarms.Values : Enumerable.Empty<SeverityAlarms>());

    /// <summary>Whether anything was ever decided of a series.</summary>
    public bool Knows(SeriesKey series, AlarmKind kind) => _series.ContainsKey((series, kind));

    /// <summary>Takes a window in.</summary>
    /// <returns>The alarms that have begun or ended with it.</returns>
    public ImmutableArray<Alarm> Note(WindowLook look)
    {
        var key = (look.Series, look.Kind);
        if (!_series.TryGetValue(key, out var alarms))
        {
            if (!look.Readings.Any(MayMatter))
            {
                return [];
            }

            _series[key] = alarms = [];
        }

        var changes = ImmutableArray.CreateBuilder<Alarm>(0);
        if (look.ReferenceId is { } reference)
        {
            if (_references.TryGetValue(key, out var before) && before != reference)
            {
                foreach (var of in alarms.Values)
                {
                    of.End(look.ToMs, changes);
                }
            }

            _references[key] = reference;
        }

        foreach (var sort in Sorts)
        {
            Reading[] readings =
            [
                .. look.Readings.Where(reading => reading.Severity == sort.Severity && reading.Budget is not null == sort.Calibrated),
            ];
            if (!sort.Calibrated && alarms.TryGetValue((sort.Severity, true), out var budgeted) && budgeted.IsOn(look.Stream))
            {
                readings = []; // thresholds of the budget are being worked out anew: what they have told is told
            }

            var isAbove = Array.Exists(readings, reading => reading.Exceeds);
            if (!alarms.TryGetValue(sort, out var of))
            {
                if (!Array.Exists(readings, MayMatter))
                {
                    continue;
                }

                alarms[sort] = of = Of(new SeverityState(sort.Severity, sort.Calibrated));
            }

            if (isAbove || !of.IsQuiet(look))
            {
                of.Decide(look, readings, changes);
            }
            else
            {
                of.Pass(look);
            }
        }

        return changes.DrainToImmutable();
    }

    /// <summary>What alarms of a model have reported, in no order.</summary>
    public IEnumerable<ReportedInterval> Reported(string model) =>
        from series in _series
        where series.Key.Series.Model == model
        from alarms in series.Value.Values
        from rule in alarms.State.Rules.Values
        from window in Enumerable.Range(0, windows.Length)
        from interval in rule.Reported(window)
        select new ReportedInterval(
            series.Key.Series, series.Key.Kind, alarms.State.Severity, windows[window], interval.OnsetMs, interval.EndMs);

    /// <summary>What was decided of a model's alarms, in no order, for <see cref="Restore"/>.</summary>
    public AlarmStates Save(string model) =>
        new(AlarmStates.CurrentVersion, windows,
            [
                .. from series in _series
                   where series.Key.Series.Model == model
                   select new SeriesAlarmsState(
                       series.Key.Series, series.Key.Kind, _references.GetValueOrDefault(series.Key),
                       [.. series.Value.Values.Select(alarms => alarms.State)]),
            ]);

    /// <summary>Goes on from what a predecessor has decided, which is no news.</summary>
    /// <returns>False if it decided other windows: nothing of it says anything then.</returns>
    public bool Restore(AlarmStates states)
    {
        if (!states.Windows.SequenceEqual(windows))
        {
            return false;
        }

        foreach (var of in states.Series)
        {
            foreach (var incident in of.Severities.SelectMany(severity => severity.Incidents))
            {
                incident.Alarm = incident.Alarm with { Number = ++_alarms };
            }

            var key = (of.Series, of.Kind);
            _series[key] = of.Severities.ToDictionary(state => (state.Severity, state.IsCalibrated), Of);
            if (of.ReferenceId is { } reference)
            {
                _references[key] = reference;
            }
        }

        return true;
    }

    private SeverityAlarms Of(SeverityState state) => new(windows, minimumEvents, state, () => ++_alarms);

    /// <summary>Whether anything can follow: that a window is below its fixed threshold may count against another.</summary>
    private static bool MayMatter(Reading reading) => reading.Exceeds || reading.Budget is null;

    /// <summary>Forgets what is no longer followed; its alarms end unsaid.</summary>
    public void Forget(Func<SeriesKey, AlarmKind, bool> gone)
    {
        ArgumentNullException.ThrowIfNull(gone);
        foreach (var key in _series.Keys.Where(key => gone(key.Series, key.Kind)))
        {
            _series.Remove(key);
            _references.Remove(key);
        }
    }
}
