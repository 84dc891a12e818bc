namespace DriftMonitor.Join;

/// <summary>How far both logs of a partition have been read.</summary>
/// <param name="PredictionsNext">The offset of the next prediction; −1 before the first.</param>
/// <param name="FeedbackNext">The offset of the next feedback record; −1 before the first.</param>
/// <param name="PredictionsClockMs">The highest timestamp among the predictions' records.</param>
/// <param name="FeedbackClockMs">The highest timestamp among the feedback records.</param>
/// <param name="PredictionsFromMs">The record timestamp from which predictions were read; 0 for all of them.</param>
public readonly record struct FeedbackPosition(
    long PredictionsNext, long FeedbackNext, long PredictionsClockMs, long FeedbackClockMs, long PredictionsFromMs = 0)
{
    /// <summary>Nothing read yet.</summary>
    public static FeedbackPosition Start { get; } = new(-1, -1, 0, 0);

    /// <summary>Predictions before this time, epoch milliseconds, may be missing: their records were deleted unread. 0 for none.</summary>
    public long PredictionsLostBeforeMs { get; init; }

    /// <summary>Likewise labels.</summary>
    public long LabelsLostBeforeMs { get; init; }

    /// <summary>When the last prediction's record was written, epoch milliseconds; −1 before the first.</summary>
    public long PredictionsStampMs { get; init; } = -1;

    /// <summary>When the last feedback record was written, epoch milliseconds; −1 before the first.</summary>
    public long LabelsStampMs { get; init; } = -1;

    /// <summary>The id of the predictions' topic; null while it is not known.</summary>
    public string? PredictionsEpoch { get; init; }

    /// <summary>The id of the labels' topic; null while it is not known.</summary>
    public string? LabelsEpoch { get; init; }

    /// <summary>How much had been read before the sums were begun anew: so much the more do they say than those before.</summary>
    public long ReadBefore { get; init; }

    /// <summary>How much has been read of both logs together. Never becomes less.</summary>
    public long Progress => ReadBefore + Math.Max(0, PredictionsNext) + Math.Max(0, FeedbackNext);

    /// <summary>The position of sums that are begun anew after these: nothing is read, and what was lost stays lost.</summary>
    public FeedbackPosition Anew() => Start with
    {
        ReadBefore = Progress,
        PredictionsLostBeforeMs = PredictionsLostBeforeMs,
        LabelsLostBeforeMs = LabelsLostBeforeMs,
    };
}
