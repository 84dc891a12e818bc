namespace DriftMonitor.Alarms;

/// <summary>When alarms of windows without panes begin and end: those over so many classes that panes keep only what they have.</summary>
/// <remarks>
/// An alarm begins with the first value above its threshold by an effect that matters, and ends when all have been below for the window's
/// length: panes that raised it are gone from it by then. A window that is not ready says nothing until no window reaches back to when it
/// was above, nor does one whose threshold is being worked out anew. Used by one thread.
/// </remarks>
/// <param name="windows">The windows, the shortest first.</param>
/// <param name="aboveMs">When each was last above while it keeps an alarm on, as decided before; null for none.</param>
internal sealed class WholeWindowRule(ImmutableArray<WindowSpec> windows, long?[] aboveMs)
{
    public RuleOutcome Decide(int window, long toMs, bool isReady, bool isAbove)
    {
        var isOn = aboveMs[window] is not null;
        if (isAbove)
        {
            var joins = Array.Exists(aboveMs, above => above is not null);
            aboveMs[window] = toMs;
            return isOn ? RuleOutcome.None : joins ? RuleOutcome.Joined : RuleOutcome.Paged;
        }

        if (!isOn || toMs - aboveMs[window] < windows[isReady ? window : ^1].LengthMs)
        {
            return RuleOutcome.None;
        }

        aboveMs[window] = null;
        return RuleOutcome.Ended;
    }
}
