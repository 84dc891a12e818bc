using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>A window of labels and its readings, which are worked out once. Immutable.</summary>
/// <param name="Window">The window.</param>
/// <param name="CrossEntropy">What its labels cost beside its thresholds: those that it has.</param>
public sealed record JudgedLabels(FeedbackWindow Window, ImmutableArray<Reading> CrossEntropy)
{
    /// <summary>The same for who keeps it: without its panes, or with them as they are now where a threshold is being worked out.</summary>
    /// <param name="isPending">Whether it is decided again when that is done.</param>
    public JudgedLabels Kept(bool isPending)
    {
        var panes = isPending ? Window.Panes?.Invoke() : null;
        return Window.Panes is null ? this : this with { Window = Window with { Panes = panes is null ? null : () => panes } };
    }
}
