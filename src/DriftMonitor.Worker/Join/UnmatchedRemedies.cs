namespace DriftMonitor.Worker.Join;

/// <summary>What to do about labels of a model that count in no window, all for one reason.</summary>
internal static class UnmatchedRemedies
{
    /// <returns>Null for a reason that single labels may have.</returns>
    public static string? Of(UnmatchedReason reason) => reason switch
    {
        UnmatchedReason.UnknownClass =>
            "they name classes that the model has not, or have another number of positions: labels must name classes as its reference or "
            + "Models does, or by their positions",
        UnmatchedReason.NoProbabilities =>
            "its predictions are scores or sampled log-probabilities, which have no cross-entropy; if the score is the probability of "
            + "the second of two classes, map it to \"probability\" in its source",
        UnmatchedReason.NotADistribution =>
            "they say of each class by itself whether it holds, and the model's classes exclude each other: send the one class as label or "
            + "label_index, or labels that add up to 1; if several classes hold at once, send predictions as multilabel",
        _ => null,
    };
}
