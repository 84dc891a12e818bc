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

    /// <summary>By model, since it is asked for one model after the other.</summary>
    private readonly Dictionary<string, Dictionary<(SeriesKey Series, AlarmKind Kind), OfSeries>> _models = new(StringComparer.Ordinal);

    private long _alarms;

    /// <summary>The alarms that are on, in no order.</summary>
    public IEnumerable<Alarm> Active => _models.Keys.SelectMany(ActiveOf);

    /// <summary>Those of a model.</summary>
    public IEnumerable<Alarm> ActiveOf(string model) =>
        Of(model).Values.SelectMany(of => of.Severities.Values).SelectMany(alarms => alarms.Active);

    /// <summary>Those of a series.</summary>
    public IEnumerable<Alarm> ActiveOf(SeriesKey series) => Of(series).SelectMany(alarms => alarms.Active);

    /// <summary>The windows that are decided by what is left of them, in no order.</summary>
    public IEnumerable<LeftOut> LeftOut =>
        from model in _models.Values
        from of in model.Values
        from alarms in of.Severities.Values
        from leftOut in alarms.LeftOut
        select leftOut;

    /// <summary>Those of a series.</summary>
    public IEnumerable<LeftOut> LeftOutOf(SeriesKey series) => Of(series).SelectMany(alarms => alarms.LeftOut);

    private IEnumerable<SeverityAlarms> Of(SeriesKey series) =>
        Kinds.SelectMany(
            kind => Of(series.Model).GetValueOrDefault((series, kind))?.Severities.Values ?? Enumerable.Empty<SeverityAlarms>());

    private Dictionary<(SeriesKey Series, AlarmKind Kind), OfSeries> Of(string model) => _models.GetValueOrDefault(model) ?? [];

    /// <summary>Whether anything was ever decided of a series.</summary>
    public bool Knows(SeriesKey series, AlarmKind kind) => Of(series.Model).ContainsKey((series, kind));

    /// <summary>Takes a window in.</summary>
    /// <returns>The alarms that have begun or ended with it.</returns>
    public ImmutableArray<Alarm> Note(WindowLook look)
    {
        if (Of(look.Series.Model).GetValueOrDefault((look.Series, look.Kind)) is not { } found)
        {
            if (!look.Readings.Any(MayMatter))
            {
                return [];
            }

            Set(look.Series, look.Kind, found = new OfSeries([]));
        }

        var (changes, alarms) = (ImmutableArray.CreateBuilder<Alarm>(0), found.Severities);
        if (look.ReferenceId is { } reference)
        {
            if (found.ReferenceId is { } before && before != reference)
            {
                foreach (var of in alarms.Values)
                {
                    of.End(look.ToMs, changes);
                }
            }

            found.ReferenceId = reference;
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
        from series in Of(model)
        from alarms in series.Value.Severities.Values
        from rule in alarms.State.Rules.Values
        from window in Enumerable.Range(0, windows.Length)
        from interval in rule.Reported(window)
        select new ReportedInterval(
            series.Key.Series, series.Key.Kind, alarms.State.Severity, windows[window], interval.OnsetMs, interval.EndMs);

    /// <summary>What was decided of a model's alarms, in no order, for <see cref="Restore"/>.</summary>
    public AlarmStates Save(string model) =>
        new(AlarmStates.CurrentVersion, windows,
            [
                .. from series in Of(model)
                   select new SeriesAlarmsState(
                       series.Key.Series, series.Key.Kind, series.Value.ReferenceId,
                       [.. series.Value.Severities.Values.Select(alarms => alarms.State)]),
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

            Set(of.Series, of.Kind, new OfSeries(of.Severities.ToDictionary(state => (state.Severity, state.IsCalibrated), Of))
            {
                ReferenceId = of.ReferenceId,
            });
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
        foreach (var (model, series) in _models)
        {
            foreach (var key in series.Keys.Where(key => gone(key.Series, key.Kind)))
            {
                series.Remove(key);
            }

            if (series.Count == 0)
            {
                _models.Remove(model);
            }
        }
    }

    private void Set(SeriesKey series, AlarmKind kind, OfSeries of)
    {
        if (!_models.TryGetValue(series.Model, out var ofModel))
        {
            _models[series.Model] = ofModel = [];
        }

        ofModel[(series, kind)] = of;
    }

    /// <summary>The alarms of a series and a kind, by their sorts.</summary>
    private sealed record OfSeries(Dictionary<(AlarmSeverity Severity, bool IsCalibrated), SeverityAlarms> Severities)
    {
        /// <summary>The reference that they are a drift from; null while none is known.</summary>
        public string? ReferenceId { get; set; }
    }
}
