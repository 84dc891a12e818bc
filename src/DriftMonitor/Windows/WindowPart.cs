namespace DriftMonitor.Windows;

/// <summary>Where a pane lies as seen from a sliding window.</summary>
internal enum WindowPart
{
    /// <summary>After the window, which has not reached it yet or was never moved.</summary>
    Ahead,

    /// <summary>Within the window.</summary>
    Live,

    /// <summary>Within the window of the same length just before it, where that is kept.</summary>
    Trailing,

    /// <summary>Before all that is kept.</summary>
    Behind,
}
