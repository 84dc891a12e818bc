namespace DriftMonitor.Alarms;

/// <summary>When alarms of windows without panes begin and end: those over so many classes that panes keep only what they have.</summary>
/// <remarks>
/// An alarm begins with the first value above its threshold by an effect that matters, and ends when all have been below for the window's
/// length: panes that raised it are gone from it by then. Used by one thread.
/// </remarks>
internal sealed class WholeWindowRule(ImmutableArray<WindowSpec> windows)
{
    private readonly long?[] _aboveMs = new long?[windows.Length];

    public RuleOutcome Decide(int window, long toMs, bool isAbove)
    {
        var isOn = _aboveMs[window] is not null;
        if (isAbove)
        {
            var joins = Array.Exists(_aboveMs, above => above is not null);
            _aboveMs[window] = toMs;
            return isOn ? RuleOutcome.None : joins ? RuleOutcome.Joined : RuleOutcome.Paged;
        }

        if (!isOn || toMs - _aboveMs[window] < windows[window].LengthMs)
        {
            return RuleOutcome.None;
        }

        _aboveMs[window] = null;
        return RuleOutcome.Ended;
    }
}
