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

    /// <summary>What that may be at least; null for no threshold.</summary>
    public double? AccuracyThresholdRatio { get; init; }

    /// <summary>What it was in the reference; null where that is not known.</summary>
    public double? AccuracyBaselineRatio { get; init; }

    /// <summary>What labels cost in the reference, nats a label; likewise.</summary>
    public double? CrossEntropyBaselineNats { get; init; }

    private static readonly LabelEvidence None = new(LabelVerdict.NoLabels, null, Attribution.PredictionTime, 0, null, null, null);

    /// <summary>What the labels of an alarm's series say.</summary>
    /// <remarks>
    /// Of the windows with enough, the alarm's, else the shortest; where possible by prediction time, like divergences. An alarm of labels
    /// has those that decide it.
    /// </remarks>
    internal static LabelEvidence Of(Alarm alarm, WindowSpec window, AlarmEvidence evidence)
    {
        var found = evidence.Feedback(alarm.Series.Compared)
            .Where(judged => judged.Window.Measures.Events > 0 && (judged.Decides || !alarm.Kind.IsOfLabels()))
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
        var (cost, errors, least) = (
            ThresholdOf(found.CrossEntropy), ThresholdOf(found.Errors), evidence.SmallestEffect(alarm.Series.Model));
        var verdict = measures.Events < evidence.MinimumEvents ? LabelVerdict.TooFewLabels
            : cost is null && errors is null ? LabelVerdict.NoThreshold
            : IsWorse(measures.CrossEntropyNats, cost, found.CrossEntropyBaselineNats, least.CrossEntropyNats)
                || IsWorse(measures.ErrorRatio, errors, 1 - found.AccuracyBaselineRatio, least.Accuracy) ? LabelVerdict.Confirmed
            : LabelVerdict.NotConfirmed;
        return new LabelEvidence(
            verdict, labels.Window, labels.Attribution, measures.Events, measures.CrossEntropyNats, measures.ExpectedCrossEntropyNats,
            cost)
        {
            AccuracyRatio = measures.AccuracyRatio,
            AccuracyThresholdRatio = 1 - errors,
            AccuracyBaselineRatio = found.AccuracyBaselineRatio,
            CrossEntropyBaselineNats = found.CrossEntropyBaselineNats,
        };

        // above its threshold, and by no less than is worth an alarm where it is known what it was
        static bool IsWorse(double? value, double? threshold, double? baseline, double effect) =>
            value > threshold && !(value - baseline < effect);

        double? ThresholdOf(ImmutableArray<Reading> readings) => readings
            .OrderByDescending(reading => reading.Severity == alarm.Severity)
            .FirstOrDefault() is { Threshold: > 0 and var threshold } ? threshold : null;
    }
}
