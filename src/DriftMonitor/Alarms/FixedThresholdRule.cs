namespace DriftMonitor.Alarms;

/// <summary>When alarms by fixed thresholds begin and end. They know nothing of noise, so others have to confirm what one says.</summary>
/// <remarks>
/// The shortest window that is ready must be above, by an effect that matters, and the next longer one that is ready, where there is one,
/// too; this for the shortest window's length for a critical alarm, twice that for a warning. A window that is not ready, but was and was
/// below within its length, lets no longer one speak for it. It ends when the shortest that is ready has not been above for twice the
/// length, in which some window was ready: while nobody knows anything nothing ends, but that no window reaches back to it. That a longer
/// window is below says nothing while the one by which the alarm is on was above until just before. Used by one thread.
/// </remarks>
/// <param name="windows">The windows, the shortest first.</param>
/// <param name="severity">The severity.</param>
/// <param name="state">What was decided before.</param>
internal sealed class FixedThresholdRule(ImmutableArray<WindowSpec> windows, AlarmSeverity severity, FixedThresholdState state)
{
    private readonly long _holdMs = windows[0].LengthMs * (severity == AlarmSeverity.Critical ? 1 : 2);
    private readonly long _endMs = windows[0].LengthMs * 2;

    /// <summary>The window by which an alarm is on; null for none.</summary>
    public int? On => state.On;

    /// <summary>Takes a window in.</summary>
    public RuleOutcome Decide(int window, long toMs, bool isReady, bool isAbove)
    {
        state.Latest[window] = isReady ? (toMs, true, isAbove) : state.Latest[window] with { IsReady = false };
        var nowMs = Now(toMs);
        var (shortest, isConfirmed, isKnown) = Shortest(nowMs);
        if (isKnown)
        {
            if (nowMs - windows[0].LengthMs - state.KnownMs is { } unseenMs and > 0)
            {
                state.LastMs += unseenMs; // it is no time below
                state.SinceMs = null; // and none above
            }

            state.KnownMs = nowMs;
        }

        state.SinceMs = isConfirmed ? state.SinceMs ?? nowMs : null;
        state.LastMs = isConfirmed || (On is not null && shortest is not null) ? nowMs : state.LastMs;
        if (On is null && nowMs - state.SinceMs >= _holdMs)
        {
            state.On = shortest;
            return RuleOutcome.Paged;
        }

        if (On is null || (isKnown ? nowMs - state.LastMs < _endMs : nowMs - state.KnownMs < windows[^1].LengthMs))
        {
            return RuleOutcome.None;
        }

        state.On = null;
        return RuleOutcome.Ended;
    }

    /// <summary>Takes in that a window that is ready has no fixed threshold: what was on by it is over, or a budget's to tell.</summary>
    public RuleOutcome Leave(int window, long toMs)
    {
        state.Latest[window] = (toMs, false, false); // nor do longer ones speak for it
        if (On is null || (On != window && Shortest(Now(toMs)).IsKnown))
        {
            return RuleOutcome.None;
        }

        (state.On, state.SinceMs) = (null, null);
        return RuleOutcome.Ended;
    }

    /// <summary>A longer window that is judged anew ends before what is known by then.</summary>
    private long Now(long toMs) => Math.Max(toMs, state.KnownMs ?? toMs);

    /// <summary>
    /// The shortest window that is ready, if it is above; whether the next longer one confirms it; and whether anything is known now.
    /// </summary>
    private (int? Above, bool IsConfirmed, bool IsKnown) Shortest(long nowMs)
    {
        int? shortest = null;
        var isOver = false;
        for (var window = 0; window < state.Latest.Length; window++)
        {
            var (toMs, ready, above) = state.Latest[window];
            if (!ready || nowMs - toMs >= 2 * windows[window].SlideMs)
            {
                // longer ones remember what it has just seen the end of
                isOver |= shortest is null && toMs > 0 && !above && nowMs - toMs < windows[window].LengthMs;
            }
            else if (shortest is not null)
            {
                return (shortest, above, true);
            }
            else if (!above || isOver)
            {
                return (null, false, isOver || !IsDiluted(window));
            }
            else
            {
                shortest = window;
            }
        }

        return (shortest, shortest is not null, shortest is not null);
    }

    /// <summary>Whether a longer window than that by which an alarm is on says nothing by being below.</summary>
    private bool IsDiluted(int window) =>
        On is { } on && window > on && state.Latest[on] is { IsAbove: true } last
        && state.Latest[window].ToMs - last.ToMs < Math.Max(windows[0].LengthMs, windows[window].SlideMs);
}
