using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>A sliding window over the labels of a series, as one run of a lane has published them.</summary>
internal sealed class LabelWindow(WindowSpec spec, LabelTotal total) : SlidingWindow<FeedbackSums>(spec, total, trailing: false)
{
    /// <summary>A window that covers nothing yet.</summary>
    public LabelWindow(WindowSpec spec)
        : this(spec, new LabelTotal())
    {
    }

    /// <summary>The sums of the panes covered, not to be changed.</summary>
    public FeedbackSums Sums => total.Sums;
}
