namespace DriftMonitor.Alarms;

/// <summary>When alarms by fixed thresholds begin and end. They know nothing of noise, so others have to confirm what one says.</summary>
/// <remarks>
/// The shortest window that is ready must be above, by an effect that matters, and the next longer one that is ready, where there is one,
/// too; this for the shortest window's length for a critical alarm, twice that for a warning. A window that is not ready, but was and was
/// below within its length, lets no longer one speak for it. It ends when this has not been so for twice the length, in which some window
/// was ready: while nobody knows anything nothing ends, but that no window reaches back to it. Used by one thread.
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
        var shortestNow = Shortest(nowMs, out var isKnown);
        if (isKnown)
        {
            if (nowMs - windows[0].LengthMs - state.KnownMs is { } unseenMs and > 0)
            {
                state.LastMs += unseenMs; // it is no time below
                state.SinceMs = null; // and none above
            }

            state.KnownMs = nowMs;
        }

        if (shortestNow is { } shortest)
        {
            state.SinceMs ??= nowMs;
            state.LastMs = nowMs;
            if (On is null && nowMs - state.SinceMs >= _holdMs)
            {
                state.On = shortest;
                return RuleOutcome.Paged;
            }

            return RuleOutcome.None;
        }

        state.SinceMs = null;
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
        Shortest(Now(toMs), out var isKnown);
        if (On is null || (On != window && isKnown))
        {
            return RuleOutcome.None;
        }

        (state.On, state.SinceMs) = (null, null);
        return RuleOutcome.Ended;
    }

    /// <summary>A longer window that is judged anew ends before what is known by then.</summary>
    private long Now(long toMs) => Math.Max(toMs, state.KnownMs ?? toMs);

    /// <summary>The shortest window that is ready, if it is above and confirmed.</summary>
    private int? Shortest(long nowMs, out bool isKnown)
    {
        int? shortest = null;
        var isOver = false;
        isKnown = false;
        for (var window = 0; window < state.Latest.Length; window++)
        {
            var (toMs, ready, above) = state.Latest[window];
            if (!ready || nowMs - toMs >= 2 * windows[window].SlideMs)
            {
                // longer ones remember what it has just seen the end of
                isOver |= shortest is null && toMs > 0 && !above && nowMs - toMs < windows[window].LengthMs;
                continue;
            }

            isKnown = true;
            if (!above || isOver)
            {
                return null;
            }

            if (shortest is not null)
            {
                return shortest;
            }

            shortest = window;
        }

        return shortest;
    }
}
