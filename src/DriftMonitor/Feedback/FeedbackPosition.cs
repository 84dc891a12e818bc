namespace DriftMonitor.Feedback;

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

    /// <summary>How much has been read of both logs together.</summary>
    public long Progress => Math.Max(0, PredictionsNext) + Math.Max(0, FeedbackNext);
}
