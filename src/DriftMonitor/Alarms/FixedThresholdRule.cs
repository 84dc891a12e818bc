namespace DriftMonitor.Alarms;

/// <summary>When alarms by fixed thresholds begin and end. They know nothing of noise, so others have to confirm what one says.</summary>
/// <remarks>
/// The shortest window that is ready must be above, by an effect that matters, and the next longer one that is ready, where there is one,
/// too; this for the shortest window's length for a critical alarm, twice that for a warning. It ends when this has not been so for twice
/// the length. Used by one thread.
/// </remarks>
/// <param name="windows">The windows, the shortest first.</param>
/// <param name="severity">The severity.</param>
internal sealed class FixedThresholdRule(ImmutableArray<WindowSpec> windows, AlarmSeverity severity)
{
    private readonly (long ToMs, bool Ready, bool Above)[] _latest = new (long, bool, bool)[windows.Length];
    private readonly long _holdMs = windows[0].LengthMs * (severity == AlarmSeverity.Critical ? 1 : 2);
    private readonly long _endMs = windows[0].LengthMs * 2;
    private long? _sinceMs;
    private long _lastMs;

    /// <summary>The window by which an alarm is on; null for none.</summary>
    public int? On { get; private set; }

    /// <summary>Takes a window in.</summary>
    public RuleOutcome Decide(int window, long toMs, bool isReady, bool isAbove)
    {
        _latest[window] = (toMs, isReady, isAbove);
        if (Shortest(toMs) is { } shortest)
        {
            _sinceMs ??= toMs;
            _lastMs = toMs;
            if (On is null && toMs - _sinceMs >= _holdMs)
            {
                On = shortest;
                return RuleOutcome.Paged;
            }

            return RuleOutcome.None;
        }

        _sinceMs = null;
        if (On is null || toMs - _lastMs < _endMs)
        {
            return RuleOutcome.None;
        }

        On = null;
        return RuleOutcome.Ended;
    }

    /// <summary>The shortest window that is ready, if it is above and confirmed.</summary>
    private int? Shortest(long nowMs)
    {
        int? shortest = null;
        for (var window = 0; window < _latest.Length; window++)
        {
            var (toMs, ready, above) = _latest[window];
            if (!ready || nowMs - toMs >= 2 * windows[window].SlideMs)
            {
                continue;
            }

            if (!above)
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
