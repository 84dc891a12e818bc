namespace DriftMonitor.Windows;

/// <summary>Where registers of panes that are not settled yet were first read: from there on a successor must read.</summary>
/// <remarks>Used by one thread.</remarks>
public sealed class UnsettledPanes(WindowPlan plan)
{
    private readonly Dictionary<long, long> _firstPositions = [];
    private long _nextPosition;

    /// <summary>Takes note of a message and its position in what is read; positions grow.</summary>
    public void Note(PaneMessage? message, long position)
    {
        _nextPosition = position + 1;
        if (message is PaneRegister register)
        {
            _firstPositions.TryAdd(register.PaneStartMs, position);
        }
    }

    /// <summary>The position to resume from when everything before a time is settled and written down.</summary>
    public long Settle(long beforeMs)
    {
        foreach (var paneStart in _firstPositions.Keys.Where(paneStart => paneStart + plan.BasePaneMs <= beforeMs))
        {
            _firstPositions.Remove(paneStart);
        }

        return _firstPositions.Values.Append(_nextPosition).Min();
    }
}
