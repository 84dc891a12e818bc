namespace DriftMonitor.Join;

/// <summary>How far apart a label and its prediction may be, and the panes that their windows are made of.</summary>
/// <remarks>Every window is summed from panes of its own slide: feedback changes late, so there is nothing final to roll up.</remarks>
public sealed class FeedbackPlan
{
    /// <param name="windows">The windows, and how late and how far ahead a record may be.</param>
    /// <param name="horizon">How far a label's time may be from its prediction's, either way.</param>
    public FeedbackPlan(WindowPlan windows, TimeSpan horizon)
    {
        ArgumentNullException.ThrowIfNull(windows);
        Windows = windows;
        HorizonMs = (long)horizon.TotalMilliseconds;
        Levels = [.. windows.Windows.GroupBy(w => w.SlideMs, w => w.LengthMs).Select(level => (level.Key, level.Max() + (2 * level.Key)))];
        LongestMs = windows.Windows.Max(w => w.LengthMs);
        Panes = string.Create(
            CultureInfo.InvariantCulture,
            $"panes of {string.Join(", ", Levels.Select(level => level.PaneMs).Order())} ms, horizon {HorizonMs} ms, allowed lateness "
            + $"{windows.AllowedLatenessMs} ms, allowed skew {windows.AllowedSkewMs} ms");
    }

    /// <summary>What the lanes of all replicas must have in common, for a person to read: panes of others are not these panes.</summary>
    public string Panes { get; }

    /// <summary>The windows.</summary>
    public WindowPlan Windows { get; }

    /// <summary>A label matches when its time and its prediction's are no further apart, milliseconds.</summary>
    public long HorizonMs { get; }

    /// <summary>The longest window's length.</summary>
    internal long LongestMs { get; }

    /// <summary>The panes' lengths, and how long before the clock they are still reached by a window.</summary>
    public ImmutableArray<(long PaneMs, long ReachMs)> Levels { get; }

    /// <summary>The event time before which nothing can match any more, when both logs have been read up to a time.</summary>
    internal long ForgottenBefore(long clockMs) =>
        clockMs - HorizonMs - Windows.AllowedLatenessMs - Windows.AllowedSkewMs - Windows.DisorderSlackMs;

    /// <summary>What a start on an empty disk must re-read: all that a window as of now can depend on.</summary>
    public long ReadFromMs(long nowMs) => ForgottenBefore(nowMs) - LongestMs - Levels.Max(level => level.PaneMs);
}
