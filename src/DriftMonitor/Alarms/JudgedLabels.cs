using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>A window of labels and its readings, which are worked out once. Immutable.</summary>
/// <param name="Window">The window.</param>
/// <param name="CrossEntropy">What its labels cost beside its thresholds: those that it has.</param>
/// <param name="Errors">The share of them that says that the prediction was wrong; likewise.</param>
public sealed record JudgedLabels(FeedbackWindow Window, ImmutableArray<Reading> CrossEntropy, ImmutableArray<Reading> Errors)
{
    /// <summary>What labels cost in the reference; null where it is not known, as of single segments.</summary>
    public double? CrossEntropyBaselineNats { get; init; }

    /// <summary>The accuracy of the reference; likewise.</summary>
    public double? AccuracyBaselineRatio { get; init; }

    /// <summary>Whether a threshold is being worked out: with it the window is decided again.</summary>
    public bool IsPending { get; init; }

    /// <summary>Whether an alarm may be decided by it: one of labels is by the labels' own time only.</summary>
    internal bool Decides => Window.Attribution == Attribution.LabelTime;

    /// <summary>The same for who keeps it: without its panes, or with them as they are now where a threshold is being worked out.</summary>
    public JudgedLabels Kept()
    {
        var panes = IsPending ? Window.Panes?.Invoke() : null;
        return Window.Panes is null ? this : this with { Window = Window with { Panes = panes is null ? null : () => panes } };
    }
}
