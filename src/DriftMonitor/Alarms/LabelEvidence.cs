using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>Whether labels confirm an alarm, and by which numbers. Immutable.</summary>
/// <param name="Verdict">What they say.</param>
/// <param name="Window">Over which window, null without labels.</param>
/// <param name="Attribution">By whose time.</param>
/// <param name="Events">How many labels.</param>
/// <param name="CrossEntropyNats">What they cost, nats a label.</param>
/// <param name="ExpectedCrossEntropyNats">What the model itself expected them to cost.</param>
/// <param name="ThresholdNats">What they may cost; null for no threshold.</param>
public sealed record LabelEvidence(
    LabelVerdict Verdict,
    WindowSpec? Window,
    Attribution Attribution,
    long Events,
    double? CrossEntropyNats,
    double? ExpectedCrossEntropyNats,
    double? ThresholdNats)
{
    /// <summary>The share whose most probable class was the label's; null without labels.</summary>
    public double? AccuracyRatio { get; init; }

    private static readonly LabelEvidence None = new(LabelVerdict.NoLabels, null, Attribution.PredictionTime, 0, null, null, null);

    /// <summary>What the labels of a series say.</summary>
    /// <remarks>Of the windows with enough, the alarm's, else the shortest; where possible by prediction time, like divergences.</remarks>
    internal static LabelEvidence Of(SeriesKey series, WindowSpec window, AlarmSeverity severity, AlarmEvidence evidence)
    {
        var found = evidence.Feedback(series)
            .Where(judged => judged.Window.Measures.Events > 0)
            .OrderByDescending(judged => judged.Window.Measures.Events >= evidence.MinimumEvents)
            .ThenByDescending(judged => judged.Window.Window == window)
            .ThenBy(judged => judged.Window.Window.LengthMs)
            .ThenByDescending(judged => judged.Window.Attribution == Attribution.PredictionTime)
            .FirstOrDefault();
        if (found is null)
        {
            return None;
        }

        var (labels, measures) = (found.Window, found.Window.Measures);
        double? threshold = found.CrossEntropy
            .OrderByDescending(reading => reading.Severity == severity)
            .FirstOrDefault() is { Threshold: > 0 and var nats } ? nats : null;
        var verdict = measures.Events < evidence.MinimumEvents ? LabelVerdict.TooFewLabels
            : threshold is null ? LabelVerdict.NoThreshold
            : measures.CrossEntropyNats > threshold ? LabelVerdict.Confirmed
            : LabelVerdict.NotConfirmed;
        return new LabelEvidence(
            verdict, labels.Window, labels.Attribution, measures.Events, measures.CrossEntropyNats, measures.ExpectedCrossEntropyNats,
            threshold)
        {
            AccuracyRatio = measures.AccuracyRatio,
        };
    }
}
