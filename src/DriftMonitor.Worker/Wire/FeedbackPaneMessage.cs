namespace DriftMonitor.Worker.Wire;

/// <summary>What a lane of the join says: the value of a pane, or (without one) how much it has read and said of both logs.</summary>
internal sealed record FeedbackPaneMessage(int Source, ulong RunId, FeedbackPaneKey? Pane, FeedbackSums? Sums, long Records)
{
    /// <summary>What the lane's panes follow from; null when it does not say, as in a pane and in the version before.</summary>
    public string? Plan { get; init; }

    /// <summary>Labels of before this time may be missing.</summary>
    public long LabelsLostBeforeMs { get; init; }

    /// <summary>Predictions of before this time may be missing.</summary>
    public long PredictionsLostBeforeMs { get; init; }
}
