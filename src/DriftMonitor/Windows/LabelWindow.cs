using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>A sliding window over the labels of a series, as one run of a lane has published them.</summary>
internal sealed class LabelWindow(WindowSpec spec) : SlidingWindow<FeedbackSums>(spec, trailing: false)
{
    /// <summary>The sums of the panes covered, not to be changed.</summary>
    public FeedbackSums Sums { get; private set; } = new();

    /// <summary>The pane that begins at a time, not to be changed; null when nothing was put into it.</summary>
    public FeedbackSums? PaneAt(long startMs) => Find(startMs);

    protected override void Combine(WindowPart part, FeedbackSums pane, bool subtract)
    {
        if (part == WindowPart.Live)
        {
            Sums.Combine(pane, subtract);
        }
    }

    protected override void Clear() => Sums = new FeedbackSums();
}
