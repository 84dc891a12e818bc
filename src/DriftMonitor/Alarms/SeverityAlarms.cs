namespace DriftMonitor.Alarms;

/// <summary>The alarms of a series, a kind and a severity, by budgets or by fixed thresholds. Used by one thread.</summary>
/// <param name="windows">The windows, the shortest first.</param>
/// <param name="minimumEvents">How many events must be left of a window for an alarm to begin.</param>
/// <param name="state">What was decided before, and of which sort of thresholds.</param>
/// <param name="number">Numbers the next alarm.</param>
internal sealed class SeverityAlarms(
    ImmutableArray<WindowSpec> windows, double minimumEvents, SeverityState state, Func<long> number)
{
    private readonly Dictionary<(int Stream, int Window), LeftOut> _leftOut = [];
    private readonly long _decidedBeforeMs = state.DecidedToMs;

    /// <summary>What has been decided; to be written down for a successor.</summary>
    public SeverityState State => state;

    /// <summary>The alarms that are on, the first to begin first.</summary>
    public IEnumerable<Alarm> Active => state.Incidents.Select(incident => incident.Alarm);

    /// <summary>The windows that are decided by what is left of them, in no order.</summary>
    public IEnumerable<LeftOut> LeftOut => _leftOut.Values;

    /// <summary>Whether an alarm is on by values that are decided for themselves.</summary>
    public bool IsOn(int stream) => state.Incidents.Exists(incident => incident.Members.Exists(member => member.Stream == stream));

    /// <summary>Whether a window without readings, or below its thresholds, needs no decision.</summary>
    public bool IsQuiet(WindowLook look) =>
        state.Incidents.Count == 0
        && (!state.Rules.ContainsKey(look.Stream) || RuleOf(look).IsQuiet(look.ToMs))
        && state.IsCalibrated; // by fixed thresholds, such a window confirms nothing

    /// <summary>Takes note of a window that needs no decision.</summary>
    public void Pass(WindowLook look) => _leftOut.Remove((look.Stream, look.Window));

    /// <summary>Decides a window, unless a predecessor did: what a successor looks at once more is no news.</summary>
    /// <param name="look">The window.</param>
    /// <param name="readings">Its readings of this severity and basis.</param>
    /// <param name="changes">Takes the alarms that have begun or ended.</param>
    public void Decide(WindowLook look, Reading[] readings, ImmutableArray<Alarm>.Builder changes)
    {
        if (look.ToMs <= _decidedBeforeMs)
        {
            return; // also of a window that was passed over then: what is on now was not
        }

        if (state.IsCalibrated
            && (look.IsOver || (look is { IsReady: true, IsPending: false, ReferenceId: not null } && readings.Length == 0)))
        {
            Leave(look, changes);
            return;
        }

        if (state.IsCalibrated && (look.HasPanes ? readings.Length > 0 && look.Panes() is null : look.IsReady && readings.Length == 0))
        {
            return; // judged anew when its panes are gone, or without its thresholds: what was decided holds
        }

        if (look.IsReady || (state.IsCalibrated && look.Panes() is not null))
        {
            state.DecidedToMs = Math.Max(state.DecidedToMs, look.ToMs); // else it may be decided a little later
        }

        Pass(look);
        var above = Highest(readings);
        if (!state.IsCalibrated)
        {
            DecideFixed(look, readings, above, changes);
        }
        else if (!look.HasPanes)
        {
            var rule = new WholeWindowRule(windows, Of(state.Wholes, look.Stream, () => new long?[windows.Length]));
            var outcome = rule.Decide(look.Window, look.ToMs, look.IsReady, above is not null && IsWorth(look));
            Take(look, look.Window, outcome, above, (null, false), changes);
        }
        else if (look.Departure is { } departure && look.Panes() is { } panes)
        {
            var rule = RuleOf(look);
            var counted = rule.Counted(look.Window, panes);
            if (counted is not null)
            {
                readings = [.. look.Judge(counted).Where(IsMine)];
                above = Highest(readings);
                _leftOut[(look.Stream, look.Window)] = new LeftOut(
                    look.Series, look.Kind, state.Severity, windows[look.Window], counted.Count(counts => !counts) * panes.PaneMs,
                    [.. readings])
                { Stream = look.Stream };
            }

            var evidence = Evidence(readings, panes, counted, departure, look.SmallestEffect);
            var outcome = rule.Decide(look.Window, panes, counted, departure, evidence, above is not null, look.SmallestEffect);
            var running = rule.State.Running[look.Window];
            Take(look, look.Window, outcome, above, (running?.OnsetMs, running?.IsAtLeast ?? false), changes);
        }

        Follow(look, above);
    }

    /// <summary>Says of what is on how the window stands.</summary>
    private void Follow(WindowLook look, Reading? above)
    {
        foreach (var incident in state.Incidents)
        {
            if (above is { } reading && (!state.IsCalibrated || incident.Members.Contains((look.Stream, look.Window))))
            {
                incident.Alarm = Followed(incident.Alarm, (look.Stream, look.Window), look.ToMs, reading);
            }
            else if (above is null)
            {
                incident.Alarm = Without(incident.Alarm, (look.Stream, look.Window));
            }
        }
    }

    /// <summary>Ends what is on, since the reference is another one, and forgets what was decided.</summary>
    public void End(long toMs, ImmutableArray<Alarm>.Builder changes)
    {
        changes.AddRange(state.Incidents.Select(incident => Ended(incident.Alarm, toMs)));
        state.Incidents.Clear();
        state.Rules.Clear();
        state.Wholes.Clear();
        state.Fixed.Clear();
        state.Latest.Clear();
        _leftOut.Clear();
    }

    /// <summary>A budget no longer has a threshold, or there is nothing left to decide: nothing would end what is on.</summary>
    private void Leave(WindowLook look, ImmutableArray<Alarm>.Builder changes)
    {
        Pass(look);
        if (look.IsOver)
        {
            RuleOf(look).Finish(look.Window, look.ToMs);
        }
        else if (state.Rules.TryGetValue(look.Stream, out var rule))
        {
            rule.Running[look.Window] = null;
        }

        if (state.Wholes.TryGetValue(look.Stream, out var wholes))
        {
            wholes[look.Window] = null;
        }

        Take(look, look.Window, RuleOutcome.Ended, null, (null, false), changes);
    }

    private bool IsMine(Reading reading) => reading.Severity == state.Severity && reading.Budget is not null == state.IsCalibrated;

    private void DecideFixed(WindowLook look, Reading[] readings, Reading? above, ImmutableArray<Alarm>.Builder changes)
    {
        var rule = new FixedThresholdRule(
            windows, state.Severity,
            Of(state.Fixed, look.Stream, () => new FixedThresholdState(new (long, bool, bool)[windows.Length])));
        var all = Of(state.Latest, look.Stream, () => new (Reading Reading, long? OnsetMs, bool IsOnsetAtLeast)?[windows.Length]);
        (long? Ms, bool IsAtLeast) onset = (null, false);
        var isAbove = above is not null && IsWorth(look);
        if (isAbove && look.Departure is { } departure && look.Panes() is { } panes)
        {
            var (pane, sums) = AlarmRule.Onset(panes, counted: null, departure);
            onset = (panes.StartMs(pane), pane == 0);
            isAbove = departure.Effect(sums) >= look.SmallestEffect;
        }

        all[look.Window] = isAbove ? (above!.Value, onset.Ms, onset.IsAtLeast) : null;
        var before = rule.On;
        var outcome = look.IsOver || (readings.Length == 0 && look.IsReady)
            ? rule.Leave(look.Window, look.ToMs)
            : rule.Decide(look.Window, look.ToMs, readings.Length > 0, isAbove);
        var window = rule.On ?? before ?? look.Window;
        var latest = all[window];
        Take(look, window, outcome, latest?.Reading, (latest?.OnsetMs, latest?.IsOnsetAtLeast ?? false), changes);
    }

    private AlarmRule RuleOf(WindowLook look) =>
        new(windows, Of(state.Rules, look.Stream, () => AlarmRuleState.Create(windows.Length)), minimumEvents);

    private static bool IsWorth(WindowLook look) => look.Effect is not { } effect || effect >= look.SmallestEffect;

    /// <summary>The evidence that a window's threshold asks for: never less than the smallest effect over the fewest events is.</summary>
    private double? Evidence(Reading[] readings, PaneRun panes, bool[]? counted, IDeparture departure, double smallestEffect)
    {
        if (readings.Length == 0)
        {
            return null;
        }

        var reading = readings.FirstOrDefault(reading => reading.Measure == Measure.KlLiveVsReference, readings[0]);
        return Math.Max(
            departure.NatsOfEffect(smallestEffect) * minimumEvents,
            departure.EvidenceOf(AlarmRule.EventsOf(panes, counted, departure), departure.NatsOfThreshold(reading.Threshold)));
    }

    private void Take(
        WindowLook look, int window, RuleOutcome outcome, Reading? above, (long? Ms, bool IsAtLeast) onset,
        ImmutableArray<Alarm>.Builder changes)
    {
        var member = (look.Stream, window);
        if (outcome == RuleOutcome.Ended)
        {
            foreach (var incident in state.Incidents.Where(incident => incident.Members.Remove(member)).ToArray())
            {
                incident.Alarm = Without(incident.Alarm, member);
                if (incident.Members.Count == 0)
                {
                    state.Incidents.Remove(incident);
                    changes.Add(Ended(incident.Alarm, look.ToMs));
                }
            }
        }
        else if (outcome == RuleOutcome.Grown)
        {
            foreach (var incident in state.Incidents.Where(incident => incident.Members.Contains(member) && !incident.Alarm.Pages))
            {
                Page(incident, look.ToMs, changes);
            }
        }
        else if (outcome != RuleOutcome.None && above is { } reading)
        {
            var spec = windows[window];
            var joined = outcome == RuleOutcome.Paged
                && state.Incidents.TrueForAll(other => other.Members.TrueForAll(on => on.Stream == look.Stream))
                ? null
                : state.Incidents.LastOrDefault(other => other.Alarm.Pages) ?? state.Incidents.LastOrDefault();
            if (joined is null)
            {
                joined = new Incident(new Alarm(
                    look.Series, look.Kind, state.Severity, look.ToMs, null, reading, spec, reading, spec, look.ToMs, [spec.Name])
                {
                    ReferenceId = string.IsNullOrEmpty(look.ReferenceId) || look.Series.IsComparison ? null : look.ReferenceId,
                    Number = number(),
                    OnsetMs = onset.Ms,
                    IsOnsetAtLeast = onset.IsAtLeast,
                    Pages = outcome == RuleOutcome.Paged,
                });
                state.Incidents.Add(joined);
                joined.Members.Add(member);
                joined.Alarm = Followed(joined.Alarm, member, look.ToMs, reading);
                changes.Add(joined.Alarm);
            }
            else
            {
                joined.Members.Add(member);
                joined.Alarm = Followed(joined.Alarm, member, look.ToMs, reading);
                if (outcome == RuleOutcome.Paged && !joined.Alarm.Pages)
                {
                    Page(joined, look.ToMs, changes);
                }
            }
        }
    }

    /// <summary>A longer window's end may lie before the one by which it began.</summary>
    private static Alarm Ended(Alarm alarm, long toMs) => alarm with { EndedMs = Math.Max(toMs, alarm.BeganMs), Above = [] };

    /// <summary>Somebody has to hear of what nobody was told.</summary>
    private static void Page(Incident incident, long toMs, ImmutableArray<Alarm>.Builder changes)
    {
        incident.Alarm = incident.Alarm with { Pages = true, BeganMs = toMs };
        changes.Add(incident.Alarm);
    }

    private Alarm Without(Alarm alarm, (int Stream, int Window) member) =>
        alarm with { Above = alarm.Above.RemoveAll(on => IsOf(on, member)) };

    private Alarm Followed(Alarm alarm, (int Stream, int Window) member, long toMs, Reading reading)
    {
        var window = windows[member.Window];
        var place = alarm.Above.IndexOf(alarm.Above.FirstOrDefault(on => IsOf(on, member)));
        var above = place < 0
            ? alarm.Above.Add(new AboveWindow(window, toMs, toMs) { Stream = member.Stream })
            : alarm.Above.SetItem(place, alarm.Above[place] with { LastMs = toMs });
        var names = alarm.Windows.Contains(window.Name, StringComparer.Ordinal) ? alarm.Windows : alarm.Windows.Add(window.Name);
        var on = alarm with { Above = above, Windows = names };
        return reading.Rank.CompareTo(on.Peak.Rank) > 0 ? on with { Peak = reading, PeakWindow = window, PeakMs = toMs } : on;
    }

    private bool IsOf(AboveWindow on, (int Stream, int Window) member) =>
        on.Stream == member.Stream && on.Window == windows[member.Window];

    private static Reading? Highest(Reading[] readings) =>
        readings.Where(reading => reading.Exceeds).Cast<Reading?>().MaxBy(reading => reading!.Value.Rank);

    private static T Of<T>(Dictionary<int, T> states, int stream, Func<T> create)
    {
        if (!states.TryGetValue(stream, out var found))
        {
            states[stream] = found = create();
        }

        return found;
    }
}
