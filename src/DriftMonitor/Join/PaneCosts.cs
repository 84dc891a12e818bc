namespace DriftMonitor.Join;

/// <summary>What the labels of a window cost, pane by pane, the oldest first. Immutable.</summary>
/// <param name="Events">How many labelled predictions each pane has.</param>
/// <param name="CrossEntropyNats">Σ of their cross-entropy.</param>
/// <param name="Errors">How many of them have another most probable class than the label's.</param>
public sealed record PaneCosts(double[] Events, double[] CrossEntropyNats, double[] Errors)
{
    /// <summary>Those of sums, one a pane; null for none.</summary>
    internal static PaneCosts Of(IEnumerable<FeedbackSums?> panes)
    {
        FeedbackSums?[] all = [.. panes];
        return new(
            [.. all.Select(pane => (double)(pane?.Events ?? 0))],
            [.. all.Select(pane => pane is null ? 0 : (double)pane.Loss / FixedPoint.One)],
            [.. all.Select(pane => (double)(pane?.Events - pane?.Correct ?? 0))]);
    }
}
