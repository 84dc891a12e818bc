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

    /// <summary>How far logs had been read whose offsets have begun anew since.</summary>
    public long ReadOfFormerLogs { get; init; }

    /// <summary>How much has been read of both logs together. Never becomes less.</summary>
    public long Progress => ReadOfFormerLogs + Math.Max(0, PredictionsNext) + Math.Max(0, FeedbackNext);

    /// <summary>
    /// The position after predictions were deleted unread; <see cref="RecordsLost.NextOffset"/> is the first that can be read.
    /// </summary>
    internal FeedbackPosition WithPredictionsLost(RecordsLost lost) => this with
    {
        PredictionsNext = lost.NextOffset,
        PredictionsLostBeforeMs = Math.Max(PredictionsLostBeforeMs, lost.BeforeMs),
        ReadOfFormerLogs = ReadOfFormerLogs + Math.Max(0, PredictionsNext - lost.NextOffset),
    };

    /// <summary>The position after labels were deleted unread.</summary>
    internal FeedbackPosition WithLabelsLost(RecordsLost lost) => this with
    {
        FeedbackNext = lost.NextOffset,
        LabelsLostBeforeMs = Math.Max(LabelsLostBeforeMs, lost.BeforeMs),
        ReadOfFormerLogs = ReadOfFormerLogs + Math.Max(0, FeedbackNext - lost.NextOffset),
    };
}
