using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>The total of a sliding window over labels.</summary>
internal sealed class LabelTotal : ITotals<FeedbackSums>
{
    /// <summary>The total, not to be changed by others.</summary>
    public FeedbackSums Sums { get; private set; } = new();

    /// <inheritdoc/>
    public void Combine(WindowPart part, FeedbackSums pane, bool subtract)
    {
        if (part == WindowPart.Live)
        {
            Sums.Combine(pane, subtract);
        }
    }

    /// <inheritdoc/>
    public void Clear() => Sums = new FeedbackSums();
}
