namespace DriftMonitor.Alarms;

/// <summary>
/// When the alarms of a series' windows begin, what they leave to longer windows, when they end, and which are worth a page.
/// </summary>
/// <remarks>
/// <para>
/// One rule for a series, a measure and a severity. Windows are decided from the shortest to the longest. An alarm begins by evidence (its
/// value is above its threshold) and effect; it ends by as much evidence of repair as it began with, so a value that dips ends nothing and
/// a large drift that is repaired ends soon; what comes late for panes that were looked at counts when it comes. Panes that an alarm has
/// reported are used up for its window and for longer ones, so that one drift is told once. The evidence of a threshold of t nats over n
/// events, with a reference of m, is a = t/(1/n + 1/m).
/// </para>
/// <code>
///  panes  ──────▂▂▇▇▇▇▇▇▂──────────────▂▇▇▂────     one hour of drift, repaired; a second incident
///  5m           └ alarm ┘              └──┘         two pages
///  24h    ························ silent ······     its panes in between are those of a quiet day
/// </code>
/// <para>Used by one thread.</para>
/// </remarks>
/// <param name="windows">The windows, the shortest first.</param>
/// <param name="state">What was decided before.</param>
/// <param name="minimumEvents">How many events must be left of a window for an alarm to begin.</param>
internal sealed class AlarmRule(ImmutableArray<WindowSpec> windows, AlarmRuleState state, double minimumEvents)
{
    private readonly long _longestMs = windows.Max(window => window.LengthMs);

    /// <summary>What has been decided; to be written down for a successor.</summary>
    public AlarmRuleState State => state;

    /// <summary>
    /// Whether nothing is on, and nothing that has ended is remembered: a window below its thresholds needs no decision then.
    /// </summary>
    public bool IsQuiet(long toMs) =>
        Array.TrueForAll(state.Running, alarm => alarm is null)
        && Array.TrueForAll(state.Ended, ended => ended.Count == 0 || ended[^1].EndMs <= toMs - _longestMs);

    /// <summary>The panes that count: that touch no interval which this window or a shorter one has reported.</summary>
    /// <returns>One answer a pane; null when all of them count.</returns>
    public bool[]? Counted(int window, PaneRun panes)
    {
        bool[]? counted = null;
        for (var shorter = 0; shorter <= window; shorter++)
        {
            foreach (var ended in state.Ended[shorter])
            {
                Mask(ended.OnsetMs, ended.EndMs);
            }

            if (shorter < window && state.Running[shorter] is { } on)
            {
                Mask(on.OnsetMs, long.MaxValue);
            }
        }

        return counted;

        void Mask(long fromMs, long toMs)
        {
            for (var pane = 0; pane < panes.Panes; pane++)
            {
                if (panes.StartMs(pane) + panes.PaneMs > fromMs && panes.StartMs(pane) < toMs)
                {
                    (counted ??= [.. Enumerable.Repeat(true, panes.Panes)])[pane] = false;
                }
            }
        }
    }

    /// <summary>Decides a window at its end.</summary>
    /// <param name="window">Which of the windows.</param>
    /// <param name="panes">Its panes; it is complete.</param>
    /// <param name="counted">Those that count, by <see cref="Counted"/>.</param>
    /// <param name="departure">What its sums say.</param>
    /// <param name="evidenceNats">The evidence that its threshold asks for at what is left of it; null when it has none yet.</param>
    /// <param name="isAbove">Whether what is left of it is above a threshold.</param>
    /// <param name="smallestEffect">The least effect that matters.</param>
    public RuleOutcome Decide(
        int window, PaneRun panes, bool[]? counted, IDeparture departure, double? evidenceNats, bool isAbove, double smallestEffect)
    {
        var toMs = panes.StartMs(panes.Panes);
        var running = state.Running[window];
        if (running is not null && Follow(window, running, panes, counted, departure, toMs))
        {
            return RuleOutcome.Ended;
        }

        if (running is { Told.Length: 0 }
            || evidenceNats is not { } evidence
            || !isAbove
            || EventsOf(panes, counted, departure) < minimumEvents)
        {
            return RuleOutcome.None;
        }

        var (onset, sums) = Onset(panes, counted, departure);
        if (departure.Effect(sums) < smallestEffect)
        {
            return RuleOutcome.None;
        }

        var joins = state.Running.Take(window).Any(shorter => shorter is { Told.Length: 0 });
        if (running is not null)
        {
            if (Explain(running.Told))
            {
                return RuleOutcome.None;
            }

            state.Running[window] = state.Running[window]! with { Told = [] };
            return joins ? RuleOutcome.None : RuleOutcome.Grown;
        }

        if (Explain(state.Running.Skip(window + 1).OfType<RunningAlarm>().Select(longer => longer.Reported)))
        {
            return RuleOutcome.None;
        }

        double[][] told =
        [
            .. from of in state.Ended
               from ended in of
               where ended.EndMs > toMs - windows[window].LengthMs
               select ended.Reported,
        ];
        var isTold = !joins && Explain(told);
        state.Running[window] = new RunningAlarm(
            panes.StartMs(onset), onset == First(counted), toMs, evidence, sums, new double[panes.Cells], 0, toMs, toMs,
            SinceOnset(panes, 1, panes.Panes, panes.StartMs(onset)), isTold ? told : []);
        return joins ? RuleOutcome.Joined : isTold ? RuleOutcome.Explained : RuleOutcome.Paged;

        bool Explain(IEnumerable<double[]> reports) => reports.Any(report => departure.Explains(report, sums, evidence));
    }

    /// <summary>
    /// Takes in what is new since the alarm was last looked at: newer panes, and with the newest what has come late for others.
    /// </summary>
    /// <returns>Whether it has ended.</returns>
    private bool Follow(int window, RunningAlarm alarm, PaneRun panes, bool[]? counted, IDeparture departure, long toMs)
    {
        if (toMs == alarm.SeenToMs)
        {
            return false; // what has come late since then counts at the next look
        }

        // what no look saw, as while an owner was missing, is no time in which nothing was told
        alarm = alarm with { SinceMs = alarm.SinceMs + Math.Max(0, panes.StartMs(0) - alarm.SeenToMs) };
        var counts = counted?[^1] != false; // of what has been used up, nothing can be said
        var late = SinceOnset(panes, 0, panes.Panes - 1, alarm.OnsetMs);
        TensorPrimitives.Subtract(late, alarm.Seen, late);
        var isLateKnown = toMs == alarm.SeenToMs + panes.PaneMs;
        for (var pane = 0; pane < panes.Panes; pane++)
        {
            var endMs = panes.StartMs(pane) + panes.PaneMs;
            if (endMs <= alarm.SeenToMs || counted?[pane] == false)
            {
                continue;
            }

            var more = pane == panes.Panes - 1 && isLateKnown ? Sum(late, panes[pane]) : panes[pane];
            if (departure.Events(more) == 0)
            {
                continue; // that nothing came says nothing: batches, or labels that are collected
            }

            var repair = Math.Min(alarm.EvidenceNats, alarm.RepairNats + departure.Repair(more, alarm.Reported));
            var after = Sum(alarm.After, more);
            alarm = repair <= 0
                ? alarm with
                {
                    Reported = Sum(alarm.Reported, after),
                    After = new double[panes.Cells],
                    RepairNats = 0,
                    SinceMs = endMs,
                    SeenToMs = endMs,
                }
                : alarm with { After = after, RepairNats = repair, SeenToMs = endMs };
        }

        state.Running[window] = alarm with { SeenToMs = toMs, Seen = SinceOnset(panes, 1, panes.Panes, alarm.OnsetMs) };
        if (EventsOf(panes, counted: null, departure) == 0 && toMs - alarm.SinceMs >= _longestMs)
        {
            return End(window, alarm, toMs); // nobody is told anything any more, as of policies: no window reaches back to it
        }

        if (!counts || alarm.RepairNats < alarm.EvidenceNats || toMs - alarm.SinceMs < HoldMs(window, toMs))
        {
            return false;
        }

        return End(window, alarm, toMs);
    }

    /// <summary>Ends what is on, since nothing more will come of it: its panes are used up as by any alarm.</summary>
    public void Finish(int window, long toMs)
    {
        if (state.Running[window] is { } alarm)
        {
            End(window, alarm, toMs);
        }
    }

    /// <returns>True.</returns>
    private bool End(int window, RunningAlarm alarm, long toMs)
    {
        state.Running[window] = null;
        state.Ended[window].RemoveAll(ended => ended.EndMs <= toMs - _longestMs);
        state.Ended[window].Add(new EndedAlarm(alarm.OnsetMs, toMs, alarm.Reported));
        return true;
    }

    /// <summary>How long an alarm stays on at least: nothing the first time, then one, three, seven lengths of its window.</summary>
    private long HoldMs(int window, long toMs)
    {
        var ended = state.Ended[window].Count(alarm => alarm.EndMs > toMs - _longestMs);
        return (long)Math.Min(windows[window].LengthMs * (Math.Pow(2, ended) - 1), _longestMs);
    }

    /// <summary>The pane from which on those that count are the most evidence, and their sums.</summary>
    public static (int Pane, double[] Sums) Onset(PaneRun panes, bool[]? counted, IDeparture departure)
    {
        var (sums, best) = (new double[panes.Cells], new double[panes.Cells]);
        var (onset, most) = (panes.Panes - 1, double.NegativeInfinity);
        for (var pane = panes.Panes - 1; pane >= 0; pane--)
        {
            if (counted?[pane] == false)
            {
                continue;
            }

            TensorPrimitives.Add(sums, panes[pane], sums);
            var evidence = departure.Events(sums) * departure.Nats(sums);
            if (evidence >= most)
            {
                (onset, most) = (pane, evidence);
                sums.CopyTo(best, 0);
            }
        }

        return (onset, best);
    }

    private static double[] SinceOnset(PaneRun panes, int from, int to, long onsetMs)
    {
        var sums = new double[panes.Cells];
        for (var pane = Math.Max(from, (int)((onsetMs - panes.StartMs(0)) / panes.PaneMs)); pane < to; pane++)
        {
            TensorPrimitives.Add(sums, panes[pane], sums);
        }

        return sums;
    }

    /// <summary>How many events the panes have that count.</summary>
    public static double EventsOf(PaneRun panes, bool[]? counted, IDeparture departure)
    {
        var sums = new double[panes.Cells];
        for (var pane = 0; pane < panes.Panes; pane++)
        {
            if (counted?[pane] != false)
            {
                TensorPrimitives.Add(sums, panes[pane], sums);
            }
        }

        return departure.Events(sums);
    }

    private static int First(bool[]? counted) => counted is null ? 0 : Array.IndexOf(counted, true);

    private static double[] Sum(double[] one, ReadOnlySpan<double> other)
    {
        var sum = new double[one.Length];
        TensorPrimitives.Add(one, other, sum);
        return sum;
    }
}
