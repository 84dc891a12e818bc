namespace DriftMonitor.Worker.Views;

/// <summary>A window of a model's labels, as it is now.</summary>
/// <param name="Window">Its name, which is its length.</param>
/// <param name="Attribution">Whose time counts.</param>
/// <param name="ToMs">Its exclusive end, epoch milliseconds.</param>
/// <param name="Labels">How many labelled predictions.</param>
/// <param name="Complete">Whether labels have been seen from its beginning on.</param>
/// <param name="CrossEntropyNats">What they cost, nats a label.</param>
/// <param name="CrossEntropyBaselineNats">The same of the reference.</param>
/// <param name="ExpectedCrossEntropyNats">What the model itself expected.</param>
/// <param name="AccuracyRatio">The share whose most probable class was the label's.</param>
/// <param name="AccuracyBaselineRatio">The same of the reference.</param>
/// <param name="BrierScore">Mean Σ (p − y)², in [0, 2].</param>
/// <param name="CoverageRatio">Labelled predictions by all predictions; only by prediction time.</param>
/// <param name="Readings">Its values beside their thresholds.</param>
internal sealed record LabelWindowItem(
    string Window, Attribution Attribution, long ToMs, long Labels, bool Complete, double? CrossEntropyNats,
    double? CrossEntropyBaselineNats, double? ExpectedCrossEntropyNats, double? AccuracyRatio, double? AccuracyBaselineRatio,
    double? BrierScore, double? CoverageRatio, ImmutableArray<ReadingItem> Readings);
